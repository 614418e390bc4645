"""Every score of every head of a model, beside its chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from attention.atlas import ordinary, places, repeats, semantic, sentences, syntax
from attention.atlas.copying import copying
from attention.atlas.heads import Atlas, build
from attention.atlas.passes import Pass, see, writers_of
from attention.atlas.taken import Taken, together
from attention.atlas.texts import Text
from attention.models.base import Matrix, Model
from attention.steps import Each, Progress, Steps, at_once
from attention.sweep import sweep

SEEDS = 3
REPEATS = ("induction", "duplicate")
Take = Callable[["Reader", Text], dict[str, Taken]]


def measure(
    model: Model,
    *,
    seed: int = 0,
    seeds: int = SEEDS,
    twin: bool = True,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    each: Each = at_once,
    jobs: int | None = None,
) -> Atlas:
    """Measure every head; see :mod:`attention.atlas` for the protocols.

    Args:
        seed: of the first set of probes; ``seeds`` sets follow one another.
        twin: measure the same weights re-initialised, too.
        progress: told after each pass how many are done.
        cancelled: asked before each pass and between its layers.
        each: runs one pass; where visitors share a model, it lets theirs come between.
        jobs: seeds at a time, see :func:`attention.sweep.sweep`.

    Raises:
        Cancelled: ``cancelled`` said so.
        TextError: the model is too short-sighted for the probes.
    """
    sets = [_probes(model, one) for one in range(seed, seed + seeds)]
    texts = _ordinary(model)
    random = model.reinitialised(seed) if twin else None
    total = sum(map(len, sets)) + len(texts) + (len(sets[0]) if random is not None else 0)
    steps = Steps(total, progress=progress, cancelled=cancelled)
    reader = Reader(model, cancelled, each)
    probe = together(list(sweep(partial(_taken, steps, reader), sets, jobs)))
    plain = together([_taken(steps, reader, [one]) for one in texts])
    chance = None
    if random is not None:
        chance = together([_taken(steps, Reader(random, cancelled, each), sets[0])])
    return build(
        model,
        seed=seed,
        seeds=seeds,
        probe=probe,
        ordinary=plain,
        random=chance,
        copying=copying(model),
        random_copying=None if random is None else copying(random)[0],
        twin=twin,
    )


@dataclass(frozen=True, eq=False)
class Probe:
    """A text, and what is taken of it."""

    text: Text
    take: Take


class Reader:
    """One model, and what is made of it once for all texts.

    Args:
        each: runs one pass of the model; what is taken of it needs the model no longer.
    """

    def __init__(self, model: Model, cancelled: Callable[[], bool], each: Each = at_once) -> None:
        self.model, self.cancelled, self._each = model, cancelled, each
        self._vectors: Tensor | None = None
        self._writers: list[Matrix | None] | None = None

    def read(self, probe: Probe) -> dict[str, Taken]:
        """What one text says of every head."""
        return probe.take(self, probe.text)

    def places(self, text: Text) -> dict[str, Taken]:
        """All that any text shows."""
        return places.take(self._see(text), text, self.model.causal)

    def repeats(self, text: Text) -> dict[str, Taken]:
        """What only a repeated text shows."""
        found = self.places(text)
        return {name: found[name] for name in REPEATS}

    def other_length(self, text: Text) -> dict[str, Taken]:
        """The same at the other length."""
        return {"induction_other_length": self.places(text)["induction"]}

    def syntax(self, text: Text) -> dict[str, Taken]:
        """Along which links heads look."""
        return syntax.take(self._see(text), text, self.model.causal)

    def sentences(self, text: Text) -> dict[str, Taken]:
        """Links, meanings, and places of text that is language."""
        looks, causal = self._see(text), self.model.causal
        found = places.take(looks, text, causal)
        found = {name: taken for name, taken in found.items() if name not in REPEATS}
        found |= syntax.take(looks, text, causal)
        if self.vectors is not None:
            known = ordinary.function_words(text.language)
            found |= semantic.take(looks, text, causal, self.vectors, known)
        return found

    @property
    def vectors(self) -> Tensor | None:
        """Embeddings less their mean, on the CPU; None where they wait on disk."""
        embedding = self.model.embedding()
        if self._vectors is None and embedding is not None:
            whole = embedding.detach().float().cpu()
            self._vectors = whole - whole.mean(0)
        return self._vectors

    def _see(self, text: Text) -> Pass:
        if self._writers is None:
            self._writers = writers_of(self.model)
        return self._each(partial(see, self.model, text.ids, self._writers, self.cancelled))


def _probes(model: Model, seed: int) -> list[Probe]:
    """Texts that are made for the scores, of one seed."""
    other = repeats.repeated(model, seed, repeats.OTHER_LENGTH, repeats.OTHER_TIMES)
    return [
        Probe(repeats.repeated(model, seed), Reader.repeats),
        Probe(other, Reader.other_length),
        *(Probe(text, Reader.sentences) for text in sentences.generated(model, seed)),
    ]


def _ordinary(model: Model) -> list[Probe]:
    return [
        *(Probe(text, Reader.places) for text in ordinary.prose(model)),
        *(Probe(text, Reader.syntax) for text in ordinary.labelled(model)),
    ]


@torch.inference_mode()
def _taken(steps: Steps, reader: Reader, probes: Sequence[Probe]) -> list[dict[str, Taken]]:
    return [steps.take(partial(reader.read, probe)) for probe in probes]
