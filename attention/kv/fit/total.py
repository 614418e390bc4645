"""Whether a model, its cache and what else an engine needs fit into the memory of its devices.

    weights + cache + overhead <= memory · usable        on each device

The cache is what the chosen engine allocates. Weights are divided evenly over the devices, as
tensor parallelism divides them; small ones that are copied are not counted. The overhead and the
usable part are assumptions that stand in every answer. Everything here is bytes of one device.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.fit.budget import Budget, Deployment, FitError
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.weights import Weights
from attention.kv.shape import ModelShape
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
        budget, workload: what was asked; the workload's ``tp`` is the number of devices.
        weights: the whole model's.
        allocation: the engine's, of one device.
        terms: weights, cache and overhead of one device, in this order.
        assumptions: in sentences.
    """

    budget: Budget
    workload: Workload
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
        FitError: query heads that do not divide over the devices, or more devices than layers.
        AllocationError: what the engine does not have.
        WeightError, FormatError, WorkloadError: one sentence each.
    """
    shape, budget, weights = asked.shape, asked.budget, asked.held
    n_gpus = budget.n_gpus
    by_layers = engines.ENGINES[engines.find(asked.engine)].splits_layers and n_gpus > 1
    if not by_layers:
        require_heads(shape, n_gpus)
    workload = replace(asked.workload, tp=1 if by_layers else n_gpus)
    allocation = engines.get(asked.engine)(shape, workload)
    cache, cache_text = allocation.allocated_bytes, allocation.formula
    parameters = Fraction(weights.parameters, n_gpus)
    if by_layers:
        most, cache, cache_text = _largest_group(allocation, n_gpus)
        parameters = Fraction(weights.parameters * most, shape.n_layers)
    share = -(-parameters.numerator // parameters.denominator)
    text = weights.text
    if n_gpus > 1:
        text = Sentence(
            "{text}; on each of {n_gpus} devices {share}",
            text=text,
            n_gpus=n_gpus,
            share=Quantity(weights.bytes_of(share), "byte"),
        )
    terms = (
        Term(name="weights", n_bytes=weights.bytes_of(share), text=text),
        Term(name="cache", n_bytes=cache, text=cache_text),
        Term(
            name="overhead",
            n_bytes=budget.overhead_bytes,
            text=Sentence(
                "{overhead_bytes} on each device, an assumption",
                overhead_bytes=Quantity(budget.overhead_bytes, "byte"),
            ),
        ),
    )
    return Fit(
        budget=budget,
        workload=workload,
        weights=weights,
        allocation=allocation,
        terms=terms,
        assumptions=(
            *budget.assumptions,
            *weights.assumptions,
            *_division(n_gpus, by_layers),
            *allocation.assumptions,
            *_device(budget.gpu),
        ),
    )


def _device(gpu: Gpu) -> tuple[str, ...]:
    return (Sentence("{gpu}: {note}", gpu=gpu.name, note=gpu.note),) if gpu.note else ()


def require_heads(shape: ModelShape, n_gpus: int) -> None:
    """Refuse devices over which the query heads of a layer do not divide.

    Raises:
        FitError: naming both.
    """
    for n_heads in sorted({layer.n_heads for layer in shape.layers if layer.n_heads}):
        if n_heads % n_gpus:
            raise FitError(
                "{n_heads} query heads do not divide over {n_gpus} devices: choose a number of "
                "devices that divides {n_heads}.",
                n_heads=n_heads,
                n_gpus=n_gpus,
            )


def _largest_group(allocation: Allocation, n_gpus: int) -> tuple[int, int | float, str]:
    """Layers, bytes and text of the fullest device where each has a run of layers."""
    sizes = [layer.bytes_total for layer in allocation.per_layer]
    n_layers = len(sizes)
    if n_gpus > n_layers:
        raise FitError(
            "llama.cpp gives each device whole layers, and {n_layers} are too few for {n_gpus} "
            "devices: choose at most as many.",
            n_layers=n_layers,
            n_gpus=n_gpus,
        )
    edges = [n_layers * i // n_gpus for i in range(n_gpus + 1)]
    groups = [sizes[begin:end] for begin, end in pairwise(edges)]
    cache = max(sum(group) for group in groups)
    text = Sentence(
        "{formula}; of it {cache} on the device with most",
        formula=allocation.formula,
        cache=Quantity(cache, "byte"),
    )
    return max(len(group) for group in groups), cache, text


def _division(n_gpus: int, by_layers: bool) -> tuple[str, ...]:
    if n_gpus == 1:
        return ()
    if by_layers:
        return (
            Sentence(
                "Each of {n_gpus} devices has a run of layers, of equal length as far as it goes.",
                n_gpus=n_gpus,
            ),
        )
    return (
        Sentence(
            "The weights are divided evenly over {n_gpus} devices; none are copied.", n_gpus=n_gpus
        ),
    )
