"""How fast a device can make tokens at most: the roofline of decoding and of prefilling.

A step takes at least as long as reading its bytes at the memory's bandwidth, and at least as long
as its operations at the device's peak; the longer of the two binds::

    bytes     weights, once for all sequences + the cache of every sequence
    FLOPs     2 · active parameters · tokens + attention
    seconds   max(bytes / bandwidth, FLOPs / peak)
    tokens/s  tokens of the step / seconds

It is a limit, not a forecast: nothing overlaps perfectly, and no device reaches its peak.

Sources: Williams, Waterman, Patterson 2009, Communications of the ACM 52(4) (the roofline);
Shazeer 2019, arXiv 1911.02150, sections 2.4 and 3.1 (memory and arithmetic of incremental
decoding); Pope et al. 2022, arXiv 2211.05102, section 2 (inference at scale).
"""

from dataclasses import replace
from fractions import Fraction

from attention.kv.experts import Experts
from attention.kv.fit.division import ALONE, Division
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.largest import Heads, heads_as
from attention.kv.fit.weights import Weights, weights_of
from attention.kv.matrices import OUTPUT
from attention.kv.shape import ModelShape
from attention.kv.speed import step
from attention.kv.speed.bound import Bound, Point
from attention.kv.speed.text import assumptions, terms
from attention.kv.workload import Workload

__all__ = ["READY", "Bound", "Point", "attention_points", "ready", "speed_limit"]

# Name: sequences, tokens of each, and whether the prompt is computed or the next token made.
READY = {
    "one_chat": (1, 4096, "decode"),
    "many_users": (64, 4096, "decode"),
    "long_document": (1, 131_072, "decode"),
    "prefill": (1, 8192, "prefill"),
}


def ready(name: str, shape: ModelShape, workload: Workload | None = None) -> tuple[Workload, str]:
    """A ready-made workload, cut to the model's context, and its phase.

    Args:
        name: a key of :data:`READY`.
        workload: whose number formats and settings to keep.
    """
    batch, context, phase = READY[name]
    context = min(context, shape.max_context or context)
    base = workload or Workload(context=context)
    return replace(base.with_batch(batch), context=context, shared_prefix=0), phase


def speed_limit(
    shape: ModelShape,
    workload: Workload,
    gpu: Gpu,
    *,
    division: Division = ALONE,
    phase: str = "decode",
    weights: Weights | None = None,
) -> Bound:
    """The least time of a step and the most tokens a second on the devices of a division.

    Stages of a pipeline are taken to work at the same time, on different users.

    All weights are read but the input embedding, if it is not the output matrix too, and experts
    that no token goes to.

    Args:
        workload: of all devices together.
        division: how they share it.
        phase: ``"decode"`` or ``"prefill"``.
        weights: from :func:`weights_of`; left out, the model's own format.

    Raises:
        FitError, WeightError, AllocationError, FormatError: one sentence each.
    """
    n_gpus = division.n_devices
    weights = weights or weights_of(shape)
    decode = phase == "decode"
    load = (step.decoding if decode else step.prefilling)(shape, division.on_each(workload))
    tokens = workload.batch if decode else workload.tokens(workload.context)
    has_experts = any(part.matrix.is_expert for part in weights.parts)
    experts = shape.experts if has_experts else None
    read, n_bytes = _touched(weights, experts, tokens)
    active = _touched(weights, experts, 1)[0] - _vectors(weights)
    # A prompt needs the output matrix for its last token alone.
    once = 0 if decode else _output(weights)
    weight_flops = 2 * ((active - once) * tokens + once * workload.batch) / n_gpus
    bound = Bound(
        phase=phase,
        gpu=gpu,
        n_gpus=n_gpus,
        workload=workload,
        tokens=tokens,
        weight_bytes=-(-n_bytes // n_gpus),
        cache_bytes=float(load.n_bytes) / division.pp,
        weight_flops=weight_flops,
        attention_flops=load.flops / (division.tp * division.pp),
        peak=_peak(gpu, weights),
        attention_intensity=None if load.intensity is None else load.intensity / division.tp,
        terms=(),
        assumptions=assumptions(shape, weights, experts, load, gpu, n_gpus, decode),
    )
    return replace(bound, terms=terms(bound, weights, read, active))


def attention_points(shape: ModelShape, workload: Workload, gpu: Gpu) -> tuple[Point, ...]:
    """Where decoding's attention stands on the roofline as MHA, as it is, and as MQA.

    At 16 bits that is about group_size FLOPs for a byte, whatever the context and the batch: each
    key is multiplied by every query head of its group, and a bigger batch brings its own keys.

    Returns:
        Empty for a model whose layers keep no keys. Raises as :func:`speed_limit`.
    """
    found = []
    shape = _without_indexers(shape)
    for heads in Heads:
        intensity = step.decoding(heads_as(shape, heads), replace(workload, tp=1)).intensity
        if intensity:
            reached = intensity * gpu.bandwidth_bytes_per_s
            if gpu.flops_16bit is not None:
                reached = min(reached, gpu.flops_16bit)
            found.append(Point(heads=heads, intensity=intensity, flops_per_second=reached))
    return tuple(found)


def _without_indexers(shape: ModelShape) -> ModelShape:
    """Attention has the same intensity however few tokens an indexer picks."""
    made = {layer: replace(layer, indexer_dim=0) for layer in dict.fromkeys(shape.layers)}
    return replace(shape, layers=tuple(made[layer] for layer in shape.layers))


def _touched(weights: Weights, experts: Experts | None, tokens: int) -> tuple[int, int]:
    """Parameters, and their bytes, that so many tokens need; embeddings are looked up."""
    has_output = any(part.matrix.name == OUTPUT for part in weights.parts)
    numbers = n_bytes = Fraction()
    for part in weights.parts:
        matrix, share = part.matrix, Fraction(1)
        if matrix.is_tower:
            continue
        if matrix.is_embedding and (has_output or matrix.name != "embed_tokens"):
            continue
        if matrix.is_expert and experts:
            share = experts.read(tokens) / experts.n_experts
        numbers += share * matrix.numbers
        n_bytes += share * part.size
    return int(numbers), -(-n_bytes.numerator // n_bytes.denominator)


def _vectors(weights: Weights) -> int:
    """Parameters that no token is multiplied with as a matrix: norms and biases."""
    matrices = (part.matrix for part in weights.parts if not part.matrix.is_tower)
    return sum(matrix.numbers for matrix in matrices if matrix.columns == 1)


def _output(weights: Weights) -> int:
    """Parameters of the output matrix, which is the embedding's where it has none of its own."""
    by_name = {part.matrix.name: part.matrix.numbers for part in weights.parts}
    return by_name.get(OUTPUT, by_name.get("embed_tokens", 0))


def _peak(gpu: Gpu, weights: Weights) -> int | None:
    if weights.bits < 12 and gpu.flops_8bit:
        return gpu.flops_8bit
    return gpu.flops_16bit
