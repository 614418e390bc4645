"""What fits, and how fast at most: the library's answers for the page's choices, kept. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from app.memory.answer import Answer
from app.memory.settings import Configuration, FitChoice
from attention.errors import sentence_of
from attention.kv.fit import largest, predicted, total
from attention.kv.fit.budget import GIB, Budget, Deployment, drafted, hit_note
from attention.kv.fit.gpus import GB, OWN_GPU, USUAL_GPU, Gpu, list_gpus
from attention.kv.fit.share import fullest_share
from attention.kv.fit.total import Fit
from attention.kv.fit.weights import Weights, weights_of
from attention.kv.shape import ModelShape
from attention.kv.speed import roofline

MIB = 2**20
COLUMNS = ("memory", "bandwidth", "flops")  # that a visitor may change: GB, GB/s, TFLOPS


@dataclass(frozen=True)
class Solved:
    """An answer of the library, or its sentence.

    ``smallest`` is the fit on the smallest GPU that holds it; None where none does.
    """

    answer: largest.Answer | None = None
    smallest: Fit | None = None
    sentence: str = ""


def gpus(choice: FitChoice) -> tuple[Gpu, ...]:
    """The table with what the visitor changed, and a row of his own.

    Raises:
        GpuError: a number that cannot be.
    """
    changed: dict[int, dict[str, float]] = {}
    for index, column, value in choice.edited:
        changed.setdefault(index, {})[column] = value
    rows = (*list_gpus(), OWN_GPU)
    return tuple(_changed(gpu, changed.get(index, {})) for index, gpu in enumerate(rows))


def cell(gpu: Gpu, column: str) -> float | None:
    """One of :data:`COLUMNS`, as the table to change shows it."""
    if column == "memory":
        return gpu.advertised_bytes / GB
    if column == "bandwidth":
        return gpu.bandwidth_bytes_per_s / GB
    return None if gpu.flops_16bit is None else gpu.flops_16bit / 10**12


def _changed(gpu: Gpu, values: dict[str, float]) -> Gpu:
    numbers = {}
    if "memory" in values:
        numbers["advertised_bytes"] = round(values["memory"] * GB)
    if "bandwidth" in values:
        numbers["bandwidth_bytes_per_s"] = round(values["bandwidth"] * GB)
    if "flops" in values:
        numbers["flops_16bit"] = round(values["flops"] * 10**12)
    return gpu.with_(**numbers)


def chosen(choice: FitChoice) -> Gpu:
    """The GPU that is asked about; of a name that is not in the table the usual one."""
    table = gpus(choice)
    by_name = {gpu.name: gpu for gpu in table}
    return by_name.get(choice.gpu) or by_name[USUAL_GPU]


def asked(shape: ModelShape, one: Configuration, choice: FitChoice) -> Deployment:
    """The question of the page. Raises ValueError: one sentence."""
    budget = Budget(
        gpu=chosen(choice),
        n_gpus=one.n_gpus,
        usable=choice.share / 100,
        overhead_bytes=None if choice.overhead is None else choice.overhead * MIB,
    )
    return Deployment(
        shape=shape,
        workload=one.whole,
        budget=budget,
        engine=one.engine,
        weights=weights_for(shape, one, choice),
        ways=one.ways,
        offload_bytes=choice.offload * GIB,
        assumptions=(hit_note(one.hit / 100),) if one.hit else (),
    )


def weights_on_each(told: Answer, choice: FitChoice) -> int | None:
    """Bytes on each of several devices; None for one, and where they cannot be counted."""
    one = told.configuration
    if one.n_gpus == 1:
        return None
    try:
        weights = weights_for(told.shape, one, choice)
    except ValueError:
        return None
    return fullest_share(told.shape, weights, told.allocation, told.division, one.engine).weights


def weights_for(shape: ModelShape, one: Configuration, choice: FitChoice) -> Weights:
    """As they were chosen. Raises ValueError: one sentence."""
    return stored(shape, choice.weights, mtp=choice.mtp or drafted(one.whole))


#: A model's weights in a format. Raises ValueError: one sentence.
stored = lru_cache(maxsize=64)(weights_of)


#: The sum at what is asked, kept. Raises ValueError: one sentence.
fits = lru_cache(maxsize=256)(total.fits)


#: What the engine's log would print of its cache there, kept. Raises as ``fits``.
predicted_log = lru_cache(maxsize=64)(predicted.predicted_log)


@lru_cache(maxsize=128)
def solve(one: Deployment, what: str) -> Solved:
    """``what``: ``"largest_context"``, ``"most_users"``, ``"smallest_gpu"``, ``"gpus_needed"``.

    Args:
        one: of ``"most_users"`` at the average context, from
            :func:`~attention.kv.fit.total.at_average`.
    """
    try:
        if what == "smallest_gpu":
            return Solved(smallest=largest.smallest_gpu(one))
        find: Callable[[Deployment], largest.Answer] = getattr(largest, what)
        return Solved(answer=find(one))
    except ValueError as error:
        return Solved(sentence=sentence_of(error))


def bound(shape: ModelShape, one: Configuration, name: str, choice: FitChoice) -> roofline.Bound:
    """The limit for a ready-made workload, or for what is ``"asked"``.

    Raises:
        ValueError: one sentence.
    """
    workload, phase = one.whole, "decode"
    if name != "asked":
        workload, phase = roofline.ready(name, shape, workload)
    return roofline.speed_limit(
        shape,
        workload,
        chosen(choice),
        division=one.division(shape),
        phase=phase,
        weights=weights_for(shape, one, choice),
    )
