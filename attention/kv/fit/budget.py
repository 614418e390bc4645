"""What is asked: a model, what it is used for, and the devices that it has to fit on."""

from dataclasses import dataclass, replace
from fractions import Fraction

from attention.errors import HeadcountError, sentence_of
from attention.kv.checks import LARGEST_NUMBER, require_number, shortened
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.weights import Weights, weights_of
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

GIB = 2**30
OVERHEAD = GIB
USABLE = 0.9


class FitError(HeadcountError):
    """A budget, or a division over devices, that cannot be: one sentence with value and fix."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Devices, and how much of their memory there is for a model.

    Args:
        gpu: the device.
        n_gpus: how many, each with an equal part of the weights and of the KV heads.
        usable: the share of the memory that may be used: 0.9 is the default of vLLM's
            ``gpu_memory_utilization`` (``vllm/engine/arg_utils.py``, v0.6).
        overhead_bytes: on each device, for the driver's context, activations and work space. 1 GiB
            is an assumption: it grows with the tokens computed in one step.

    Raises:
        FitError: a value out of range.
    """

    gpu: Gpu
    n_gpus: int = 1
    usable: float = USABLE
    overhead_bytes: int = OVERHEAD

    def __post_init__(self) -> None:
        try:
            require_number("n_gpus", self.n_gpus)
            require_number("overhead_bytes", self.overhead_bytes, least=0, most=LARGEST_NUMBER**2)
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
        overhead = Sentence("{n:.4g} GiB", n=self.overhead_bytes / GIB)
        return (
            Sentence("{share}{why}: an assumption.", share=share, why=why),
            Sentence(
                "{overhead} is set aside on each device for the driver's context, activations and "
                "work space: an assumption; it grows with the tokens computed in one step.",
                overhead=overhead,
            ),
        )


@dataclass(frozen=True)
class Deployment:
    """A model on devices, in an engine.

    Args:
        shape: the model.
        workload: what its cache holds; its ``tp`` is replaced by the budget's ``n_gpus``.
        budget: the devices.
        engine: whose allocation counts; see ``engines.ENGINES``.
        weights: from :func:`attention.kv.fit.weights.weights_of`; left out, in the model's own
            format.
    """

    shape: ModelShape
    workload: Workload
    budget: Budget
    engine: str = "logical"
    weights: Weights | None = None

    @property
    def held(self) -> Weights:
        """The weights. Raises WeightError, FormatError."""
        return self.weights or weights_of(self.shape)

    def on(self, gpu: Gpu) -> "Deployment":
        """The same on as many of another device."""
        return replace(self, budget=replace(self.budget, gpu=gpu))

    def over(self, n_gpus: int) -> "Deployment":
        """The same on so many devices."""
        return replace(self, budget=replace(self.budget, n_gpus=n_gpus))
