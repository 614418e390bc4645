"""Random tokens, said again and again: nothing but their first time foretells them.

Olsson et al. 2022, arXiv 2209.11895, "Prefix matching": 25 random tokens, the most and the least
common ones left out, said four times behind what begins a text.
"""

import random
from itertools import islice

from attention.atlas.texts import Text, frame
from attention.models.base import Model
from attention.models.limits import TextError

#: Tokens of a segment, and how often it is said. A head that looks back a fixed number of tokens
#: passes for an induction head at one length, and not at the other.
LENGTH, TIMES = 25, 4
OTHER_LENGTH, OTHER_TIMES = 37, 3
ENDS = 0.1  # of the vocabulary, at its common and at its rare end, that is not drawn from


def repeated(model: Model, seed: int, length: int = LENGTH, times: int = TIMES) -> Text:
    """One segment of different tokens, ``times`` times; fewer where the model takes no more.

    Raises:
        TextError: the model does not take it twice, or has too few tokens.
    """
    before, after = frame(model)
    room = (model.max_tokens - len(before) - len(after)) // length
    if room < 2:
        raise TextError(
            "{title} takes {max_tokens} tokens, too few to say {length} tokens twice.",
            title=model.title,
            max_tokens=model.max_tokens,
            length=length,
        )
    segment = _tokens(model, random.Random(f"repeats:{length}:{seed}"), length)
    return Text(ids=(*before, *segment * min(times, room), *after))


def _tokens(model: Model, chosen: random.Random, n: int) -> list[int]:
    """Different ids that stand for some text: vocabularies are ordered by frequency.

    Raises:
        TextError: there are fewer.
    """
    margin = int(model.vocab_size * ENDS)
    every = range(margin, model.vocab_size - margin)
    drawn = (token for token in chosen.sample(every, len(every)) if model.token_bytes([token])[0])
    found = list(islice(drawn, n))
    if len(found) < n:
        raise TextError(
            "{title} has {found} common tokens, too few to draw {n} different ones.",
            title=model.title,
            found=len(found),
            n=n,
        )
    return found
