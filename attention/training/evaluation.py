"""What a layout answers, on text that training never saw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attention.models.layouts.decoder import Decoder, ModelTrace
from attention.scores import of_weights
from attention.training.corpus import TrainingText, ids_of, random_words
from attention.training.encoding import Encoder
from attention.training.probes import Probe
from attention.training.sentences import Chooser
from attention.training.trainer import loss_of

BESIDE = 32  # texts in one pass
STORIES = INDUCTION_TEXTS = 32  # of which scores are the mean


@dataclass(frozen=True, eq=False)
class Answers:
    """What a layout answered to probes.

    Args:
        right: bool ``[n]``: whether the right option was the likeliest; True without options.
        looks: ``[n, n_layers, n_heads]``: each head's weight on the word that is asked for.
        most: bool, as looks: whether no other word that might be taken for it got more.
        first: as looks: the weight on the first token, where heads look that find nothing
            (attention sinks, Xiao et al. 2023, arXiv 2309.17453).
        usual: ``[n]``: the weight that even attention gives that word.
    """

    right: np.ndarray
    looks: np.ndarray
    most: np.ndarray
    first: np.ndarray
    usual: np.ndarray

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @property
    def weights(self) -> np.ndarray:
        """``[n_layers, n_heads]``, the mean look."""
        return self.looks.mean(0)


@torch.no_grad()
def ask(decoder: Decoder, probes: Sequence[Probe]) -> Answers:
    """Put every probe to a layout.

    Raises:
        ValueError: there is no probe.
    """
    if not probes:
        raise ValueError("no probe to ask")
    order = sorted(range(len(probes)), key=lambda index: len(probes[index].ids))
    ordered = [probes[index] for index in order]
    right, looks, most, first, usual = [], [], [], [], []
    for some, trace in _passes(decoder, ordered):
        for row, probe in enumerate(some):
            last = len(probe.ids) - 1
            weights = torch.stack([layer.weights[row, :, last] for layer in trace.layers])
            look = weights[..., list(probe.keys)].sum(-1)
            looks.append(look)
            first.append(weights[..., 0])
            rivals = [weights[..., list(other)].sum(-1) for other in probe.others]
            most.append(torch.stack([look >= rival for rival in rivals]).all(0) if rivals
                        else torch.ones_like(look, dtype=torch.bool))  # fmt: skip
            usual.append(len(probe.keys) / (last + 1))
            right.append(_is_right(decoder, trace.hidden[row, last], probe))
    back = np.argsort(order)
    return Answers(
        np.array(right)[back],
        torch.stack(looks).float().cpu().numpy()[back],
        torch.stack(most).cpu().numpy()[back],
        torch.stack(first).float().cpu().numpy()[back],
        np.array(usual)[back],
    )


def _is_right(decoder: Decoder, hidden: Tensor, probe: Probe) -> bool:
    if not probe.options:
        return True
    logits = decoder.logits(hidden[None, None])[0, 0, list(probe.options)]
    return int(logits.argmax()) == probe.answer


def _passes(
    decoder: Decoder, probes: Sequence[Probe]
) -> Iterator[tuple[Sequence[Probe], ModelTrace]]:
    """Several together, the longest last; what is filled up stands behind, unseen."""
    for start in range(0, len(probes), BESIDE):
        some = probes[start : start + BESIDE]
        longest = len(some[-1].ids)
        ids = [[*probe.ids, *([0] * (longest - len(probe.ids)))] for probe in some]
        yield some, decoder.trace(torch.tensor(ids, device=decoder.embedding.weight.device))


@torch.no_grad()
def losses(decoder: Decoder, corpus: TrainingText, n_stories: int = 96) -> tuple[float, float]:
    """Mean loss in nats a token on held-out stories, and on later copies of repeated segments."""
    device = decoder.embedding.weight.device
    found = []
    for n_repeats, stories in ((0, n_stories), (n_stories // 2, 0)):
        rows = torch.from_numpy(corpus.rows(0, n_repeats, stories)).to(device)
        # In parts, for the logits of thousands of tokens are large. Stories count whole.
        parts = [(loss_of(decoder, part).item(), int((part[:, 1:] >= 0).sum()))
                 for part in rows.split(8)]  # fmt: skip
        found.append(sum(loss * n for loss, n in parts) / sum(n for _, n in parts))
    return found[0], found[1]


@dataclass(frozen=True, eq=False)
class Scores:
    """One score of every head, ``[n_layers, n_heads]``, and what even attention gets."""

    heads: np.ndarray
    chance: float


def text_scores(decoder: Decoder, corpus: TrainingText, names: Sequence[str]) -> dict[str, Scores]:
    """Scores of every head on held-out stories."""
    rows = ids_of(corpus.rows(1, 0, STORIES))[:, :-1]
    return scores_of(decoder, [row.tolist() for row in rows], names)


def induction_scores(decoder: Decoder, encoder: Encoder, seed: int) -> Scores:
    """Induction on random segments of 12–24 everyday words, said twice."""
    choose = Chooser(f"induction:{seed}")
    texts = []
    for _ in range(INDUCTION_TEXTS):
        words = list(random_words(choose, choose.random.randint(12, 24)))
        texts.append([i for word in encoder.words(words) for i in word] * 2)
    return scores_of(decoder, texts, ("induction",))["induction"]


@torch.no_grad()
def scores_of(
    decoder: Decoder, texts: Sequence[Sequence[int]], names: Sequence[str]
) -> dict[str, Scores]:
    """Scores of every head, mean over the texts."""
    heads, chance = [], []
    for ids in texts:
        batch = torch.tensor([list(ids)], device=decoder.embedding.weight.device)
        weights = [layer.weights[0].float().cpu().numpy() for layer in decoder.trace(batch).layers]
        heads.append([_named(w, ids, names) for w in weights])
        even = np.tril(np.ones((1, len(ids), len(ids)), np.float32))
        chance.append(_named(even / even.sum(-1, keepdims=True), ids, names)[0])
    found, even = np.mean(heads, axis=0), np.mean(chance, axis=0)
    return {name: Scores(found[..., i], float(even[i])) for i, name in enumerate(names)}


def _named(weights: np.ndarray, ids: Sequence[int], names: Sequence[str]) -> list[list[float]]:
    """``[n_heads][names]``."""
    return [[head[name] or 0.0 for name in names] for head in of_weights(weights, ids, True)]


def best_head(scores: np.ndarray) -> dict:
    """The head with the largest score of ``[n_layers, n_heads]``."""
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    return {"layer": int(layer), "head": int(head), "score": round(float(scores.max()), 4)}
