"""What every head of a model does, each score by its paper's own protocol and beside its chance.

Two kinds of text. **Made** texts, other ones for every seed: 25 random tokens said four times and
37 said three times (:mod:`.repeats`; Olsson et al. 2022), and sentences of this repository's
grammar with known dependencies, English and Hindi, from templates that no training had
(:mod:`.sentences`). **Ordinary** texts: prose, and sentences whose dependencies a person wrote down
(:mod:`.ordinary`). A head has a role on each; where they differ both are told.

Scores, each over made and over ordinary text:

    previous, next, self, first, spread    the mean weight there; :mod:`attention.scores`
    distance                               how far a head looks, in tokens
    positional                             Voita et al. 2019
    duplicate, induction                   what repeats; induction_other_length: at the other length
    output_norm                            what a head writes, over its layer's mean (2504.03889)
    <relation>_<language>                  Clark et al. 2019; _ahead: from the earlier word
    agreement_<language>                   the subject, from the word before its verb
    semantic_<language>                    like meanings; :mod:`.semantic`
    copying                                of the weights alone; Elhage et al. 2021

    measure     the atlas of a model
    kept, keep  on disk
"""

from attention.atlas.heads import PROTOCOL, Atlas, Head, Measured
from attention.atlas.protocol import SEEDS, measure
from attention.atlas.store import keep, kept
from attention.steps import Progress

__all__ = ["PROTOCOL", "SEEDS", "Atlas", "Head", "Measured", "Progress", "keep", "kept", "measure"]
