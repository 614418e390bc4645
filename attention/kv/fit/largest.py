"""What fits: the largest context, the most users, the smallest GPU, how many GPUs.

Each answer is found by trying the chosen engine's own allocation, never by a division that
forgets windows and blocks: a cache only grows with the context and with the users, so that halving
an interval finds the edge exactly. The sum is in ``total.py``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from attention.kv.allocation import AllocationError
from attention.kv.fit.budget import Deployment, FitError
from attention.kv.fit.gpus import list_gpus
from attention.kv.fit.total import Fit, fits
from attention.kv.layer import GROWING, LayerKind
from attention.kv.shape import Layer, ModelShape
from attention.sentence import Sentence

MOST = 2**30  # tokens or users: above any model, and where a search ends
MOST_GPUS = 1024
MOST_FIRST = 17  # times as many as there have to be, for a first sum
SURE = 0.9  # of an even share: blocks and padding may be fewer where heads are


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The edge of what fits.

    Args:
        value: the largest context or number of users, or the number of GPUs; 0 where not even one
            token or user fits, None where no number in reach holds it.
        fit: the sum at ``value``; at the smallest that was tried where nothing fits.
        is_unbounded: the memory sets no limit: the cache has stopped growing.
        note: a sentence that the number needs, or "".
    """

    value: int | None
    fit: Fit
    is_unbounded: bool = False
    note: str = ""


class Heads(StrEnum):
    """How many KV heads a model has, in a what-if."""

    MHA = "mha"  # one for every query head
    AS_IS = "as_is"
    MQA = "mqa"  # one


def largest_context(asked: Deployment) -> Answer:
    """The most tokens in each of the workload's sequences that fit. Raises as :func:`fits`.

    The shared prefix is cut to the context where it is longer. What the model was made for does
    not limit the answer: ``note`` says where it is passed.
    """
    asked = replace(asked, weights=asked.held)

    def at(context: int) -> Fit:
        shared = min(asked.workload.shared_prefix, context)
        workload = replace(asked.workload, context=context, shared_prefix=shared)
        return fits(replace(asked, workload=workload))

    answer = _largest(at)
    made_for = asked.shape.max_context
    if made_for and answer.value and answer.value > made_for:
        note = Sentence(
            "The model was made for {made_for} tokens: more fit than it can use.", made_for=made_for
        )
        return replace(answer, note=note)
    return answer


def most_users(asked: Deployment) -> Answer:
    """The most sequences of the workload's context that fit. Raises as :func:`fits`."""
    asked = replace(asked, weights=asked.held)

    def at(batch: int) -> Fit:
        return fits(replace(asked, workload=asked.workload.with_batch(batch)))

    return _largest(at)


def smallest_gpu(asked: Deployment) -> Fit | None:
    """The GPU of the table with the least memory that holds it, as many of them as the budget says,
    of those that the engine runs on. The budget's own is not used. Of two with the same memory, the
    one with less bandwidth comes first.

    Returns:
        None where none holds it. Raises as :func:`fits`.
    """
    asked = replace(asked, weights=asked.held)
    for gpu in sorted(list_gpus(), key=lambda gpu: (gpu.memory_bytes, gpu.bandwidth_bytes_per_s)):
        here = asked.on(gpu)
        if here.runs and (fit := fits(here)).holds:
            return fit
    return None


def gpus_needed(asked: Deployment) -> Answer:
    """The fewest of the budget's GPUs that hold it, whatever its ``n_gpus`` and its tp and pp say:
    heads are divided as far as they go, and then layers. Numbers that cannot be are passed over.

    Raises:
        As :func:`fits`, where not even one device can be counted.
    """
    asked = replace(asked, weights=asked.held)
    step = asked.ways.dp or 1
    last = _first(asked, step)
    tried = last.division.n_devices
    begin = max(tried, step * (_at_least(asked, last) // step))
    for n_gpus in range(begin, MOST_GPUS + 1, step):
        try:
            last = fits(asked.over(n_gpus)) if n_gpus > tried else last
        except (FitError, AllocationError):
            continue
        tried = n_gpus
        if last.holds:
            return Answer(value=n_gpus, fit=last)
    note = Sentence(
        "{tried} is the largest number that its heads and layers divide over, and too few.",
        tried=_most_devices(asked, tried),
    )
    return Answer(value=None, fit=last, note=note)


def _first(asked: Deployment, step: int) -> Fit:
    """The sum on as few devices as can be counted; an engine's setting may ask for several."""
    for n_gpus in range(step, MOST_FIRST * step, step):
        try:
            return fits(asked.over(n_gpus))
        except (FitError, AllocationError):
            continue
    return fits(asked.over(step))


def _at_least(asked: Deployment, one: Fit) -> int:
    """Devices that are too few by far: all of the bytes, divided evenly, fill them.

    Args:
        one: the sum on as few as can be, where each has every layer and all of its heads.
    """
    parts = (part.size for part in one.weights.parts if not part.matrix.is_embedding)
    cache = one.terms[1].n_bytes * one.division.n_devices
    return int(SURE * (math.ceil(sum(parts)) + cache) / max(1, one.budget.usable_bytes))


def _most_devices(asked: Deployment, tried: int) -> int:
    """The largest number that can be asked for at all."""
    for n_gpus in range(MOST_GPUS, tried, -1):
        try:
            return asked.over(n_gpus).division.n_devices
        except FitError:
            continue
    return tried


def heads_as(shape: ModelShape, heads: Heads) -> ModelShape:
    """The model with a KV head for every query head, or with one: the what-if of the charts.

    A layer with a latent becomes one that keeps the keys and values of those heads. Everything
    else stays, the number of parameters too, though K's and V's matrices would change.
    """
    if heads is Heads.AS_IS:
        return shape
    made: dict[Layer, Layer] = {}
    for layer in dict.fromkeys(shape.layers):
        made[layer] = _with_heads(layer, heads)
    return replace(shape, layers=tuple(made[layer] for layer in shape.layers))


def _with_heads(layer: Layer, heads: Heads) -> Layer:
    if layer.kind not in GROWING:
        return layer
    kind = LayerKind.GLOBAL if layer.kind is LayerKind.LATENT else layer.kind
    n_kv_heads = layer.n_heads if heads is Heads.MHA else 1
    return replace(layer, kind=kind, n_kv_heads=n_kv_heads, latent_rank=0, rope_dim=0)


def _largest(at: Callable[[int], Fit]) -> Answer:
    """The largest number up to MOST that holds; ``at`` never holds again once it does not."""
    first = at(1)  # a setting that no number mends fails here, before the search
    if not first.holds:
        return Answer(value=0, fit=first)
    low, held, high = 1, first, 2
    while high <= MOST:
        fit = _or_none(at, high)
        if fit is None or not fit.holds:
            break
        low, held, high = high, fit, high * 2
    else:
        return Answer(
            value=low, fit=held, is_unbounded=True, note=Sentence("The memory sets no limit.")
        )
    while high - low > 1:
        middle = (low + high) // 2
        fit = _or_none(at, middle)
        if fit is not None and fit.holds:
            low, held = middle, fit
        else:
            high = middle
    return Answer(value=low, fit=held)


def _or_none(at: Callable[[int], Fit], number: int) -> Fit | None:
    """None where the number is more than a size can say."""
    try:
        return at(number)
    except AllocationError:
        return None
