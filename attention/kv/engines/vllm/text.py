"""What vLLM's figures take for granted, and why they differ from the formula's."""

from attention.kv.allocation import Allocation
from attention.kv.engines import logical
from attention.kv.engines.vllm.deepseek_v4 import is_compressed
from attention.kv.engines.vllm.groups import Groups
from attention.kv.engines.vllm.settings import (
    BLOCK_SIZE,
    HYBRID,
    MAX_BATCHED_TOKENS,
    VERSION,
    caches_prefixes,
    draft_layers,
    tokens_in_flight,
)
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence


def notes(shape: ModelShape, workload: Workload, groups: Groups) -> tuple[str, ...]:
    """What is taken for granted of settings, in sentences."""
    found: list[str] = [
        Sentence(
            "Blocks of the sequences alone are counted; vLLM sets aside all the memory that "
            "gpu_memory_utilization leaves."
        )
    ]
    if workload[BLOCK_SIZE] is None and groups.groups:
        found.append(Sentence("Blocks have {groups} tokens.", groups=_sizes(groups)))
    if workload[HYBRID] and any(layer.window for layer in shape.layers):
        found.append(
            Sentence(
                "max_num_batched_tokens is {workload}: beside their window, window layers hold "
                "the {tokens} tokens that may be in flight.",
                workload=workload[MAX_BATCHED_TOKENS],
                tokens=tokens_in_flight(workload),
            )
        )
    if is_compressed(shape):
        found.append(
            Sentence(
                "Whatever the number format, entries are stored as fp8_ds_mla: 584 bytes each."
            )
        )
    if groups.has_states and not caches_prefixes(shape, workload):
        found.append(Sentence("Prefixes are not cached: recurrent layers keep one state."))
    found.append(Sentence("The rules are those of vLLM {version}.", version=workload[VERSION]))
    return tuple(found)


def gaps(
    shape: ModelShape, workload: Workload, groups: Groups, allocation: Allocation
) -> tuple[str, ...]:
    """Why blocks are more (or less) than the tokens asked for, in sentences."""
    found: list[str] = []
    specs = [spec for _, members in groups.groups for _, spec in members]
    if allocation.usable_tokens > allocation.asked_tokens:
        found.append(
            Sentence(
                "A sequence takes whole blocks of {groups} tokens; the rest of its last one is "
                "idle.",
                groups=_sizes(groups),
            )
        )
    if any(spec.padding for spec in specs if spec.kind == "state"):
        found.append(
            Sentence(
                "The attention's blocks are made large enough to hold a recurrent state, and the "
                "states are padded to the same page."
            )
        )
    if groups.has_states and caches_prefixes(shape, workload):
        found.append(
            Sentence(
                "Prefixes are cached: recurrent layers keep a second state, from which one begins."
            )
        )
    if any(spec.kind in ("window", "chunk") for spec in specs):
        found.append(
            Sentence("Window layers take the blocks of a piece of prompt beside their window.")
        )
    if groups.pooled and len(groups.groups) > 1:
        found.append(
            Sentence(
                "Layers are sorted into {n_groups} groups of {size} that share one pool of pages.",
                n_groups=len(groups.groups),
                size=groups.size,
            )
        )
    if groups.side_by_side:
        found.append(
            Sentence(
                "Pages of several sizes stand side by side in a block, which is as large as the "
                "largest group's: smaller ones leave a part of it idle."
            )
        )
    if draft_layers(workload):
        found.append(Sentence("Layers that draft keep a cache of their own."))
    if any(part.what == "padding layers" for part in allocation.padding):
        found.append(Sentence("A group that is not full has padding layers: their pages are idle."))
    if not workload[HYBRID] and any(layer.window for layer in shape.layers):
        found.append(Sentence("Without the hybrid manager window layers keep every token."))
    found += logical.format_gaps(shape, workload, allocation)
    if any(spec.kind == "encoder" for spec in specs):
        found.append(Sentence("The encoder's tokens take whole blocks too."))
    ideal = logical.ideal_bytes(shape, workload)
    return (*found, *logical.tp_gap(shape, workload, ideal, allocation.bytes_total))


def _sizes(groups: Groups) -> str:
    sizes = {spec.block_size for spec, _ in groups.groups if spec.kind != "state"}
    return " or ".join(str(size) for size in sorted(sizes)) or "all"
