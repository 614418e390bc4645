"""Whether a model, its cache and what else an engine needs fit into the memory of its devices.

    weights + cache + overhead <= memory · usable        on each device

The cache is what the chosen engine allocates, the weights what the division over devices leaves to
each of them: see ``share.py``. The overhead is the engine's, an estimate that stands in every
answer. Everything here is bytes of one device, the fullest where they differ.
"""

from dataclasses import dataclass, replace

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.fit.budget import Budget, Deployment
from attention.kv.fit.division import Division, FitError
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.overhead import overhead_of
from attention.kv.fit.share import Share, fullest_share
from attention.kv.fit.weights import Weights
from attention.kv.workload import Workload
from attention.sentence import Quantity, Sentence, joined


@dataclass(frozen=True, kw_only=True)
class Term:
    """One part of the sum: what it is, its bytes on one device, and how they come about."""

    name: str  # "weights", "cache", "overhead" or "usable"
    n_bytes: int | float
    text: str


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Whether it fits, with the sum.

    Args:
        budget, workload: what was asked; the workload is what one device holds of it.
        division: over the devices.
        weights: the whole model's.
        allocation: the engine's, of one device.
        terms: weights, cache and overhead of one device, in this order.
        assumptions: in sentences.
    """

    budget: Budget
    workload: Workload
    division: Division
    weights: Weights
    allocation: Allocation
    terms: tuple[Term, ...]
    assumptions: tuple[str, ...]

    @property
    def needed_bytes(self) -> int | float:
        return sum(term.n_bytes for term in self.terms)

    @property
    def left_bytes(self) -> int | float:
        """Bytes left on each device; below 0 where it does not fit."""
        return self.budget.usable_bytes - self.needed_bytes

    @property
    def holds(self) -> bool:
        return self.left_bytes >= 0

    @property
    def usable(self) -> Term:
        budget = self.budget
        return Term(
            name="usable",
            n_bytes=budget.usable_bytes,
            text=Sentence(
                "{memory} · {usable:.4g} = {total}",
                memory=budget.gpu.memory_text,
                usable=budget.usable,
                total=Quantity(budget.usable_bytes, "byte"),
            ),
        )

    @property
    def text(self) -> str:
        """The comparison in one line, in bytes."""
        names = joined(
            " + ",
            (
                Sentence("{n} ({name})", n=term.n_bytes, name=Sentence(term.name))
                for term in self.terms
            ),
        )
        sign = "≤" if self.holds else ">"
        return Sentence(
            "{names} = {needed_bytes} {sign} {usable_bytes} (usable) bytes",
            names=names,
            needed_bytes=self.needed_bytes,
            sign=sign,
            usable_bytes=self.budget.usable_bytes,
        )


def fits(asked: Deployment) -> Fit:
    """Whether the model and the workload's cache fit on the budget's devices.

    Raises:
        FitError: a division that cannot be, or a GPU that the engine does not run on.
        AllocationError: what the engine does not have.
        WeightError, FormatError, WorkloadError: one sentence each.
    """
    budget, weights, division = asked.budget, asked.held, asked.division
    if not asked.runs:
        raise FitError(
            "{engine} does not run on {gpu}: choose another GPU or engine.",
            engine=asked.engine,
            gpu=budget.gpu.name,
        )
    engine = engines.ENGINES[engines.find(asked.engine)]
    whole = division.on_each(asked.workload)
    workload = engine.defaults_on(whole, budget.gpu.memory_bytes, budget.gpu.name)
    allocation = engines.get(asked.engine)(asked.shape, workload)
    share = fullest_share(asked.shape, weights, allocation, division, asked.engine)
    overhead, notes = overhead_of(asked, workload, division)
    return Fit(
        budget=budget,
        workload=workload,
        division=division,
        weights=weights,
        allocation=allocation,
        terms=(
            Term(name="weights", n_bytes=share.weights, text=_weights_text(weights, share)),
            _cache(asked, allocation, share),
            Term(name="overhead", n_bytes=overhead, text=_overhead_text(overhead)),
        ),
        assumptions=(
            *budget.assumptions,
            *notes,
            *weights.assumptions,
            *share.assumptions,
            *asked.assumptions,
            *allocation.assumptions,
            *_device(budget.gpu),
            *_taken(workload, whole),
        ),
    )


def _weights_text(weights: Weights, share: Share) -> Sentence:
    if share.division.n_devices == 1 and share.weights == weights.n_bytes:
        return Sentence("{text}", text=weights.text)
    return Sentence(
        "{text}; on each of {n_gpus} devices {share}",
        text=weights.text,
        n_gpus=share.division.n_devices,
        share=Quantity(share.weights, "byte"),
    )


def _cache(asked: Deployment, allocation: Allocation, share: Share) -> Term:
    text, n_bytes = Sentence("{formula}", formula=allocation.formula), share.cache
    if share.division.pp > 1:
        text = Sentence(
            "{formula}; of it {cache} on the device with most",
            formula=text,
            cache=Quantity(share.cache, "byte"),
        )
    offload = asked.offload_bytes // share.division.n_devices
    if offload:
        n_bytes = max(0, n_bytes - offload)
        text = Sentence(
            "{formula}; less {offload} in the host's memory",
            formula=text,
            offload=Quantity(share.cache - n_bytes, "byte"),
        )
    return Term(name="cache", n_bytes=n_bytes, text=text)


def _overhead_text(n_bytes: int) -> Sentence:
    return Sentence(
        "{overhead_bytes} on each device, an assumption",
        overhead_bytes=Quantity(n_bytes, "byte"),
    )


def _taken(workload: Workload, before: Workload) -> tuple[str, ...]:
    """What the engine takes on such a device where nothing was said."""
    return tuple(
        Sentence(
            "{name} is {value}, the engine's default on a device of this memory.",
            name=setting.name,
            value=value,
        )
        for setting, value in workload.settings[len(before.settings) :]
    )


def _device(gpu: Gpu) -> tuple[str, ...]:
    return (Sentence("{gpu}: {note}", gpu=gpu.name, note=gpu.note),) if gpu.note else ()


def at_average(asked: Deployment, average: int | None = None) -> Deployment:
    """The same where every user is at so many tokens on average, none at the full context.

    Args:
        average: None for half of the context, as where users grow evenly from nothing to all of
            it. A beginning that all have in common shrinks with it.
    """
    workload = asked.workload
    context = min(average or -(-workload.context // 2), workload.context)
    shared = workload.shared_prefix * context // workload.context
    return replace(asked, workload=replace(workload, context=context, shared_prefix=shared))
