"""Along which dependencies a head looks: Clark et al. 2019, arXiv 1906.04341, section 4.2.

From a word the most-attended word of its sentence is taken for the one that it depends on. A word
of several tokens gets the sum of what they get; it looks from its last token where a model is
causal (there it is known whole), else with the mean of all. A word is not its own dependency; the
first token of the text, where heads rest that find nothing, and special tokens are no words.
"""

from collections import defaultdict

import numpy as np
import torch
from torch import Tensor

from attention.atlas.passes import Pass
from attention.atlas.places import even_weights
from attention.atlas.taken import Taken
from attention.atlas.texts import Pair, Text

CHOICE = 3  # words that a head chooses from, or the longer one would win by its many tokens


def take(looks: Pass, text: Text, causal: bool) -> dict[str, Taken]:
    """Accuracy by relation; chance is that of even attention, which gives most to a long word."""
    even = torch.from_numpy(even_weights(len(text.ids), causal))
    weights = torch.cat((looks.weights, even))
    right: dict[str, list[Tensor]] = defaultdict(list)
    offsets: dict[str, list[int]] = defaultdict(list)
    for pair in text.pairs:
        found = answer(weights, text, pair, causal)
        if found is not None:
            right[pair.relation].append(found)
            offsets[pair.relation].append(pair.key - pair.query)
    taken = {}
    for name, each in right.items():
        *heads, chance = torch.stack(each).double().mean(0).tolist()
        taken[name] = Taken(np.array(heads), chance, len(each), tuple(offsets[name]))
    return taken


def answer(weights: Tensor, text: Text, pair: Pair, causal: bool) -> Tensor | None:
    """Whether each head finds the word, ``[all heads]``: 1, 0, or a part of several equal ones.

    None where there is no choice, or the tokenizer joined one of the words with another.
    """
    others = [
        word
        for word, sentence in enumerate(text.sentences)
        if sentence == text.sentences[pair.query]
        and word != pair.query
        and text.known(word)
        and not (causal and word > pair.query)
    ]
    if pair.key not in others or len(others) < CHOICE or not text.spans[pair.query]:
        return None
    span = text.spans[pair.query]
    rows = slice(span.stop - 1, span.stop) if causal else slice(span.start, span.stop)
    row = weights[:, rows].mean(1)  # [all heads, n]
    given = torch.stack(
        [row[:, text.spans[word].start : text.spans[word].stop].sum(1) for word in others], 1
    )
    largest = (given == given.amax(1, keepdim=True)).float()
    return largest[:, others.index(pair.key)] / largest.sum(1)
