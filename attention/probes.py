"""What a head looks at, in numbers. Each score is defined here, once, and used everywhere.

All take weights ``[n_heads, seq_len, seq_len]`` (query, then key; each row sums to 1) and give a
number from 0 to 1 a head, or None where the text has no query that the score could be taken on.
Query 0 of a causal pass can only see itself, so that no score but the pairs' counts it.

Previous-token and induction heads: Elhage et al. 2021, "A Mathematical Framework for Transformer
Circuits"; the induction score: Olsson et al. 2022, arXiv 2209.11895, "prefix matching". First
token ("attention sink"): Xiao et al. 2023, arXiv 2309.17453.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attention.errors import HeadcountError

# A score of 0.4 on one place is several times what even attention gives any place of a sentence of
# ten tokens or more, and leaves no second place a like share often.
MOSTLY = 0.4
# In a sentence of three tokens even attention, too, gives the previous one 0.4; its spread is 1.
# From 0.85 on no place stands out: 0.42 of ten keys and an even rest have a spread of 0.85.
EVEN = 0.85

Pairs = Sequence[tuple[int, int]]


class ProbeError(HeadcountError):
    """Something that no score can be taken on."""


@dataclass(frozen=True, kw_only=True)
class HeadScores:
    """Every score of one head; None where the text gives no occasion for it."""

    previous: float | None
    first: float | None
    self_: float | None
    induction: float | None
    agreement: float | None
    spread: float | None


def previous_token(weights: np.ndarray) -> np.ndarray | None:
    """Mean weight on the token before, over the queries from 1 on."""
    return _mean_from_query_1(np.diagonal(weights, offset=-1, axis1=1, axis2=2))


def first_token(weights: np.ndarray) -> np.ndarray | None:
    """Mean weight on token 0, over the queries from 1 on."""
    return _mean_from_query_1(weights[:, 1:, 0])


def self_(weights: np.ndarray) -> np.ndarray | None:
    """Mean weight of a token on itself, over the queries from 1 on."""
    return _mean_from_query_1(np.diagonal(weights, axis1=1, axis2=2)[:, 1:])


def induction(weights: np.ndarray, ids: Sequence[int]) -> np.ndarray | None:
    """Weight on the token after each earlier occurrence of the query's own token.

    Summed over these occurrences, then averaged over the queries that have one.

    Args:
        ids: the tokens, as many as queries.
    """
    tokens = np.asarray(ids)
    if tokens.shape != weights.shape[1:2]:
        raise ProbeError(f"{len(tokens)} ids do not fit weights over {weights.shape[1]} tokens.")
    earlier = np.tril(tokens[:, None] == tokens[None, :], k=-1)  # [query, key]
    targets = np.zeros(earlier.shape, dtype=weights.dtype)
    targets[:, 1:] = earlier[:, :-1]
    n_queries = np.count_nonzero(earlier.any(axis=1))
    if not n_queries:
        return None
    return weights.reshape(len(weights), -1) @ targets.ravel() / n_queries


def agreement(weights: np.ndarray, pairs: Pairs) -> np.ndarray | None:
    """Weight from the position that predicts a verb to its subject.

    Args:
        pairs: ``(query, key)`` positions; a subject of several tokens has a pair for each, which
            are summed. Averaged over the queries.
    """
    if not pairs:
        return None
    queries, keys = np.asarray(pairs).T
    if min(queries.min(), keys.min()) < 0 or max(queries.max(), keys.max()) >= weights.shape[1]:
        raise ProbeError(f"pairs {list(pairs)} leave the {weights.shape[1]} tokens.")
    return weights[:, queries, keys].sum(axis=1) / len(np.unique(queries))


def spread(weights: np.ndarray, causal: bool) -> np.ndarray | None:
    """Entropy of the weights over that of even weights on the allowed keys: 1 is even, 0 one key.

    Averaged over the queries that may see two keys or more.
    """
    n_heads, seq_len, _ = weights.shape
    if seq_len < 2:
        return None
    start = 1 if causal else 0
    allowed = np.arange(start, seq_len) + 1 if causal else np.full(seq_len, seq_len)
    tiny = np.finfo(weights.dtype).tiny  # 0 · log 0 is 0
    entropies = np.empty((n_heads, seq_len - start), dtype=weights.dtype)
    for head, rows in enumerate(weights[:, start:]):  # a head at a time stays in the processor
        entropies[head] = -np.einsum("qk,qk->q", rows, np.log(rows + tiny))
    # Rounding can carry an even row past 1.
    return np.clip((entropies / np.log(allowed)).mean(axis=1), 0, 1)


def score_heads(
    weights: np.ndarray, ids: Sequence[int], causal: bool, pairs: Pairs | None = None
) -> list[HeadScores]:
    """Every score of every head of a layer.

    Args:
        weights: ``[n_heads, seq_len, seq_len]``, float32 or float64.
        pairs: for agreement; None where the text's dependencies are not known.
    """
    columns = {
        "previous": previous_token(weights),
        "first": first_token(weights),
        "self_": self_(weights),
        "induction": induction(weights, ids),
        "agreement": agreement(weights, pairs or ()),
        "spread": spread(weights, causal),
    }
    return [
        HeadScores(**{k: None if v is None else float(v[head]) for k, v in columns.items()})
        for head in range(len(weights))
    ]


def strongest(scores: HeadScores) -> tuple[str, float]:
    """What a head mostly does, and how much: the few words on its tile.

    Returns:
        ``("spread", spread)`` where no place stands out; else the largest of previous, first,
        self, induction and agreement if it is at least 0.4 (the one taken on more queries, where
        two are equal); else ``("mixed", that largest)``.
    """
    named = {
        "previous": scores.previous,
        "first": scores.first,
        "self": scores.self_,
        "induction": scores.induction,
        "agreement": scores.agreement,
    }
    taken = {name: value for name, value in named.items() if value is not None}
    if not taken:
        return "mixed", 0.0
    if scores.spread is not None and scores.spread >= EVEN:
        return "spread", scores.spread
    name = max(taken, key=taken.get)
    return (name if taken[name] >= MOSTLY else "mixed"), taken[name]


def _mean_from_query_1(values: np.ndarray) -> np.ndarray | None:
    """Mean of ``[n_heads, seq_len - 1]`` over the queries; None for a single token."""
    return values.mean(axis=1) if values.shape[1] else None
