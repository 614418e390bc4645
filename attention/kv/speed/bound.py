"""What a speed limit says: the bytes and operations of one step, and the tokens a second."""

from dataclasses import dataclass

from attention.kv.fit.gpus import Gpu
from attention.kv.fit.largest import Heads
from attention.kv.fit.total import Term
from attention.kv.workload import Workload

SOURCES = (
    "Williams, Waterman, Patterson 2009, Communications of the ACM 52(4)",
    "Shazeer 2019, arXiv 1911.02150, sections 2.4 and 3.1",
    "Pope et al. 2022, arXiv 2211.05102, section 2",
)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The least time of one step, and the most tokens a second.

    Args:
        phase: ``"decode"``, one token of each sequence, or ``"prefill"``, the whole prompts.
        gpu, n_gpus, workload: what was asked.
        tokens: made (decode) or computed (prefill) in the step, of all sequences.
        weight_bytes, cache_bytes: read (prefill: the cache is written) by one device.
        weight_flops, attention_flops: of one device.
        peak: FLOPs a second that they are held against; None where no source says it.
        attention_intensity: FLOPs for a byte of keys and values; None without any.
        terms: weights, cache, memory and compute, with their arithmetic.
        assumptions: in sentences.
        sources: of the method.
    """

    phase: str
    gpu: Gpu
    n_gpus: int
    workload: Workload
    tokens: int
    weight_bytes: int
    cache_bytes: float
    weight_flops: float
    attention_flops: float
    peak: int | None
    attention_intensity: float | None
    terms: tuple[Term, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...] = SOURCES

    @property
    def n_bytes(self) -> float:
        return self.weight_bytes + self.cache_bytes

    @property
    def flops(self) -> float:
        return self.weight_flops + self.attention_flops

    @property
    def intensity(self) -> float:
        """FLOPs for a byte of the whole step."""
        return self.flops / self.n_bytes

    @property
    def memory_seconds(self) -> float:
        return self.n_bytes / self.gpu.bandwidth_bytes_per_s

    @property
    def compute_seconds(self) -> float | None:
        return None if self.peak is None else self.flops / self.peak

    @property
    def seconds(self) -> float:
        """Of the step, at least."""
        return max(self.memory_seconds, self.compute_seconds or 0.0)

    @property
    def binds(self) -> str:
        """``"memory"`` or ``"compute"``."""
        return "compute" if (self.compute_seconds or 0.0) > self.memory_seconds else "memory"

    @property
    def tokens_per_second(self) -> float:
        """Of all sequences together, at most."""
        return self.tokens / self.seconds

    @property
    def tokens_per_second_each(self) -> float:
        """Of one sequence, at most."""
        return self.tokens_per_second / self.workload.batch


@dataclass(frozen=True, kw_only=True)
class Point:
    """Attention's place on the roofline.

    Args:
        heads: as the model is, or as MHA or MQA.
        intensity: FLOPs for a byte of keys and values.
        flops_per_second: that the roof allows there; None above an unknown peak.
    """

    heads: Heads
    intensity: float
    flops_per_second: float
