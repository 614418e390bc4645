"""Whether a head looks from a content word at words of like meaning.

The correlation of two numbers over pairs of content words of a text: how much the later one looks
at the earlier one, and the cosine of their embeddings, from which the vocabulary's mean is taken.
Its chance is the same after the cosines were shuffled among pairs that are equally far apart, so
that a head that merely looks near has nothing of it.
"""

from collections import defaultdict

import numpy as np
import torch
from torch import Tensor

from attention.atlas.passes import Pass
from attention.atlas.taken import Taken
from attention.atlas.texts import Text

FEWEST = 100  # pairs
FAR = 20  # words apart at most
MOST_TOKENS = 2  # of a word: in smaller pieces nothing of its meaning is in its embeddings
SHUFFLES = 20


def take(
    looks: Pass, text: Text, causal: bool, embedding: Tensor, function_words: frozenset[str]
) -> dict[str, Taken]:
    """``semantic_<language>``; nothing where the text has too few content words.

    Args:
        embedding: of every token, less the mean, ``[vocab_size, width]``.
        function_words: in small letters.
    """
    pairs = _pairs(text, causal, function_words)
    if len(pairs) < FEWEST:
        return {}
    rows = torch.stack([looks.weights[:, text.spans[query].stop - 1] for query, _ in pairs], 1)
    given = torch.stack(
        [rows[:, at, text.spans[key].start : text.spans[key].stop].sum(1)
         for at, (_, key) in enumerate(pairs)], 1
    ).double().numpy()  # [all heads, pairs]  # fmt: skip
    vectors = {word: _vector(text, word, embedding) for word in {w for pair in pairs for w in pair}}
    cosines = np.array([float(vectors[query] @ vectors[key]) for query, key in pairs])
    apart = np.array([abs(query - key) for query, key in pairs])
    shuffled = _shuffled(cosines, apart)  # [SHUFFLES, pairs]
    value = correlation(given, cosines[None])[:, 0]
    chance = correlation(given, shuffled).mean(1)
    return {f"semantic_{text.language}": Taken(value, chance, len(pairs))}


def correlation(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pearson's, of each of ``[n, pairs]`` with each of ``[m, pairs]``; 0 where one is constant."""

    def scaled(values: np.ndarray) -> np.ndarray:
        centred = values - values.mean(1, keepdims=True)
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 1e-12)

    return scaled(rows) @ scaled(columns).T


def _pairs(text: Text, causal: bool, function_words: frozenset[str]) -> list[tuple[int, int]]:
    content = [
        word
        for word, said in enumerate(text.words)
        if text.known(word)
        and len(text.spans[word]) <= MOST_TOKENS
        and said[0].isalpha()
        and said.lower() not in function_words
    ]
    return [
        (query, key)
        for query in content
        for key in content
        if 0 < abs(query - key) <= FAR
        and not (causal and key > query)
        and text.words[query].lower() != text.words[key].lower()
    ]


def _vector(text: Text, word: int, embedding: Tensor) -> Tensor:
    ids = [text.ids[at] for at in text.spans[word]]
    return torch.nn.functional.normalize(embedding[ids].mean(0), dim=0)


def _shuffled(cosines: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Each distance's cosines in another order, the same for the same text."""
    random = np.random.default_rng(0)
    places: dict[int, list[int]] = defaultdict(list)
    for at, distance in enumerate(apart.tolist()):
        places[distance].append(at)
    rows = np.empty((SHUFFLES, len(cosines)))
    for row in rows:
        for same in places.values():
            row[same] = cosines[random.permutation(same)]
    return rows
