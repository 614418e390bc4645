"""What is asked: a model, what it is used for, and the devices that it has to fit on."""

from dataclasses import dataclass, replace
from fractions import Fraction

from attention.errors import sentence_of
from attention.kv import engines
from attention.kv.checks import LARGEST_NUMBER, require_number, shortened
from attention.kv.fit.division import ANY_WAY, Division, FitError, Ways, divide
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.weights import Weights, weights_of
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

__all__ = ["GIB", "USABLE", "Budget", "Deployment", "FitError", "drafted", "hit_note"]
GIB = 2**30
USABLE = 0.9


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Devices, and how much of their memory there is for a model.

    Args:
        gpu: the device.
        n_gpus: how many.
        usable: the share of the memory that may be used: 0.9 is the default of vLLM's
            ``gpu_memory_utilization`` (``vllm/engine/arg_utils.py``, v0.6).
        overhead_bytes: on each device, for the driver's context, activations and work space; None
            for the estimate of the engine, see ``overhead.py``.

    Raises:
        FitError: a value out of range.
    """

    gpu: Gpu
    n_gpus: int = 1
    usable: float = USABLE
    overhead_bytes: int | None = None

    def __post_init__(self) -> None:
        try:
            require_number("n_gpus", self.n_gpus)
            if self.overhead_bytes is not None:
                most = LARGEST_NUMBER**2
                require_number("overhead_bytes", self.overhead_bytes, least=0, most=most)
        except ValueError as error:
            raise FitError(sentence_of(error)) from None
        is_number = isinstance(self.usable, int | float) and not isinstance(self.usable, bool)
        if not is_number or not 0 < self.usable <= 1:  # NaN fails too
            raise FitError(
                "usable {usable} is not above 0 and up to 1.", usable=shortened(self.usable)
            )

    @property
    def usable_bytes(self) -> int:
        """Of one device."""
        return int(self.gpu.memory_bytes * Fraction(str(self.usable)))

    @property
    def assumptions(self) -> tuple[str, ...]:
        share = Sentence("{usable:.4g} of the memory is used", usable=self.usable)
        why = Sentence(", as vLLM does by default") if self.usable == USABLE else ""
        return (Sentence("{share}{why}: an assumption.", share=share, why=why),)


def drafted(workload: Workload) -> int:
    """MTP layers that an engine's settings ask for: those of the draft, where it drafts at all."""
    said = {setting.name: value for setting, value in workload.settings}
    if not said.get("speculative_tokens"):
        return 0
    return int(said.get("draft_layers") or 1)


def hit_note(share: float) -> Sentence:
    """What a share of contexts that is found in the cache is taken to mean."""
    return Sentence(
        "{share:.4g} of each context is found in the cache: taken as a beginning that all users "
        "have in common, kept once.",
        share=share,
    )


@dataclass(frozen=True)
class Deployment:
    """A model on devices, in an engine.

    Args:
        shape: the model.
        workload: what all users together hold; its ``tp`` follows from the division.
        budget: the devices.
        engine: whose allocation counts; see ``engines.ENGINES``.
        weights: from :func:`attention.kv.fit.weights.weights_of`; left out, as the checkpoint has
            them.
        ways: how the devices share the model, as far as it was chosen.
        offload_bytes: of the cache, that lie in the host's memory, of all devices together.
        assumptions: more of them, in sentences.

    Raises:
        FitError: an offload that cannot be.
    """

    shape: ModelShape
    workload: Workload
    budget: Budget
    engine: str = "logical"
    weights: Weights | None = None
    ways: Ways = ANY_WAY
    offload_bytes: int = 0
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            most = LARGEST_NUMBER**2
            require_number("offload_bytes", self.offload_bytes, least=0, most=most)
        except ValueError as error:
            raise FitError(sentence_of(error)) from None

    @property
    def held(self) -> Weights:
        """The weights. Raises WeightError, FormatError."""
        return self.weights or weights_of(self.shape)

    @property
    def division(self) -> Division:
        """Over the budget's devices. Raises FitError."""
        return divide(self.shape, self.engine, self.budget.n_gpus, self.ways)

    @property
    def runs(self) -> bool:
        """Whether the engine runs on the budget's device."""
        return self.budget.gpu.maker in engines.ENGINES[engines.find(self.engine)].makers

    def on(self, gpu: Gpu) -> "Deployment":
        """The same on as many of another device."""
        return replace(self, budget=replace(self.budget, gpu=gpu))

    def over(self, n_gpus: int) -> "Deployment":
        """The same on so many devices, however they then share it."""
        ways = replace(self.ways, tp=None, pp=None)
        return replace(self, budget=replace(self.budget, n_gpus=n_gpus), ways=ways)
