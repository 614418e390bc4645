"""The arithmetic of a speed limit, and what it takes for granted, in words."""

from attention.kv.experts import Experts
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.total import Term
from attention.kv.fit.weights import Weights
from attention.kv.shape import ModelShape
from attention.kv.speed.bound import Bound
from attention.kv.speed.step import AttentionLoad
from attention.sentence import Quantity, Sentence


def terms(bound: Bound, weights: Weights, read: int, active: int) -> tuple[Term, ...]:
    """Weights and cache in bytes, then memory and compute, each with its numbers filled in.

    Args:
        read: parameters that the step reads, on all devices.
        active: parameters that one token is multiplied with.
    """
    devices = Sentence(" / {n_gpus} devices", n_gpus=bound.n_gpus) if bound.n_gpus > 1 else ""
    sequences = Quantity(bound.workload.batch, "sequence")
    verb = Sentence("read" if bound.phase == "decode" else "written")
    memory = Sentence(
        "({weight_bytes} + {cache_bytes}) bytes / {bandwidth_bytes_per_s:.4g} bytes/s = "
        "{memory_seconds:.4g} s",
        weight_bytes=bound.weight_bytes,
        cache_bytes=round(bound.cache_bytes),
        bandwidth_bytes_per_s=bound.gpu.bandwidth_bytes_per_s,
        memory_seconds=bound.memory_seconds,
    )
    operations = Sentence(
        "2 · {active} parameters · {tokens}{devices} + attention {attention_flops:.4g} = "
        "{flops:.4g} FLOPs",
        active=active,
        tokens=Quantity(bound.tokens, "token"),
        devices=devices,
        attention_flops=bound.attention_flops,
        flops=bound.flops,
    )
    if bound.peak is None:
        compute = Sentence("{operations}; no source says this GPU's FLOPS", operations=operations)
    else:
        compute = Sentence(
            "{operations} / {peak:.4g} FLOPS = {compute_seconds:.4g} s",
            operations=operations,
            peak=bound.peak,
            compute_seconds=bound.compute_seconds,
        )
    return (
        Term(
            name="weights",
            n_bytes=bound.weight_bytes,
            text=Sentence(
                "{read} of {parameters} parameters · {text}{devices} = {weight_bytes}, read once "
                "for {sequences}",
                read=read,
                parameters=weights.parameters,
                text=_stored(weights),
                devices=devices,
                weight_bytes=Quantity(bound.weight_bytes, "byte"),
                sequences=sequences,
            ),
        ),
        Term(
            name="cache",
            n_bytes=bound.cache_bytes,
            text=Sentence(
                "{cache_bytes} bytes {verb}, of {sequences}",
                cache_bytes=round(bound.cache_bytes),
                verb=verb,
                sequences=sequences,
            ),
        ),
        Term(name="memory", n_bytes=bound.n_bytes, text=memory),
        Term(name="compute", n_bytes=bound.n_bytes, text=compute),
    )


def _stored(weights: Weights) -> Sentence:
    """The one layout of all of them, or their bits on average."""
    layouts = {part.layout for part in weights.parts}
    if len(layouts) == 1:
        return Sentence("{text}", text=layouts.pop().text)
    return Sentence("{bits:.4g} bits on average", bits=weights.bits)


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
        Sentence(
            "A limit, not a forecast: reading and computing overlap perfectly, both at their peak."
        ),
        Sentence("Weights and cache are read from memory in every step; none stay on the chip."),
    ]
    if decode:
        notes.append(
            Sentence(
                "A step makes one token of each sequence; guessing several at once is not counted."
            )
        )
    if n_gpus > 1:
        notes.append(
            Sentence("What {n_gpus} devices tell each other takes no time.", n_gpus=n_gpus)
        )
    if not shape.is_tied and shape.vocab and shape.d_model:
        why = (
            ""
            if shape.is_tied is False
            else Sentence(" (nothing says that the output matrix shares it)")
        )
        notes.append(Sentence("The input embedding is looked up, not read{why}.", why=why))
    if experts:
        notes.append(
            Sentence(
                "{per_token} of {n_experts} experts for each token, all equally likely: how many "
                "are read is an expectation.",
                per_token=experts.per_token,
                n_experts=experts.n_experts,
            )
        )
    if load.leaves_out:
        notes.append(
            Sentence(
                "An indexer picks the tokens that attention reads: its keys are counted, they are "
                "not."
            )
        )
    if weights.bits < 12:
        rate = "8-bit" if gpu.flops_8bit else "16-bit"
        notes.append(
            Sentence(
                "Products are counted at the GPU's {rate} rate; an engine that multiplies in "
                "whole numbers of fewer bits may compute faster.",
                rate=rate,
            )
        )
    return (*notes, *weights.assumptions)
