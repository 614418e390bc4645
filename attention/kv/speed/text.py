"""The arithmetic of a speed limit, and what it takes for granted, in words."""

from attention.kv.allocation import counted
from attention.kv.experts import Experts
from attention.kv.fit.budget import Term
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.weights import Weights
from attention.kv.shape import ModelShape
from attention.kv.speed.bound import Bound
from attention.kv.speed.step import AttentionLoad


def terms(bound: Bound, weights: Weights, read: int, active: int) -> tuple[Term, ...]:
    """Weights and cache in bytes, then memory and compute, each with its numbers filled in.

    Args:
        read: parameters that the step reads, on all devices.
        active: parameters that one token is multiplied with.
    """
    devices = f" / {bound.n_gpus} devices" if bound.n_gpus > 1 else ""
    sequences = counted(bound.workload.batch, "sequence")
    verb = "read" if bound.phase == "decode" else "written"
    memory = (
        f"({bound.weight_bytes} + {bound.cache_bytes:.0f}) bytes / "
        f"{bound.gpu.bandwidth_bytes_per_s:.4g} bytes/s = {bound.memory_seconds:.4g} s"
    )
    operations = (
        f"2 · {active} parameters · {counted(bound.tokens, 'token')}{devices} + attention "
        f"{bound.attention_flops:.4g} = {bound.flops:.4g} FLOPs"
    )
    if bound.peak is None:
        compute = f"{operations}; no source says this GPU's FLOPS"
    else:
        compute = f"{operations} / {bound.peak:.4g} FLOPS = {bound.compute_seconds:.4g} s"
    return (
        Term(
            name="weights",
            n_bytes=bound.weight_bytes,
            text=f"{read} of {weights.parameters} parameters · {weights.stored.text}{devices} = "
            f"{counted(bound.weight_bytes, 'byte')}, read once for {sequences}",
        ),
        Term(
            name="cache",
            n_bytes=bound.cache_bytes,
            text=f"{bound.cache_bytes:.0f} bytes {verb}, of {sequences}",
        ),
        Term(name="memory", n_bytes=bound.n_bytes, text=memory),
        Term(name="compute", n_bytes=bound.n_bytes, text=compute),
    )


def assumptions(
    shape: ModelShape,
    weights: Weights,
    experts: Experts | None,
    load: AttentionLoad,
    gpu: Gpu,
    n_gpus: int,
    decode: bool,
) -> tuple[str, ...]:
    """What the limit takes for granted, in sentences."""
    notes = [
        "A limit, not a forecast: reading and computing overlap perfectly, both at their peak.",
        "Weights and cache are read from memory in every step; none stay on the chip.",
    ]
    if decode:
        notes.append(
            "A step makes one token of each sequence; guessing several at once is not counted."
        )
    if n_gpus > 1:
        notes.append(f"What {n_gpus} devices tell each other takes no time.")
    if not shape.is_tied and shape.vocab and shape.d_model:
        why = "" if shape.is_tied is False else " (nothing says that the output matrix shares it)"
        notes.append(f"The input embedding is looked up, not read{why}.")
    if experts:
        notes.append(
            f"{experts.per_token} of {experts.n_experts} experts for each token, all equally "
            "likely: how many are read is an expectation."
        )
    if load.leaves_out:
        notes.append(
            "An indexer picks the tokens that attention reads: its keys are counted, they are not."
        )
    if weights.stored.bytes_per_number < 2:
        rate = "8-bit" if gpu.flops_8bit else "16-bit"
        notes.append(
            f"Products are counted at the GPU's {rate} rate; an engine that multiplies in whole "
            "numbers of fewer bits may compute faster."
        )
    return (*notes, *weights.assumptions)
