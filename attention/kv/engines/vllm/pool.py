"""What vLLM makes of the memory that it has for the cache: the figures of its log.

V1, read in ``vllm/v1/core/kv_cache_utils.py`` of 0.20.0 to 0.33; V0 in
``vllm/worker/cache_engine.py`` and ``worker.py`` of v0.8:

- The log's maximum concurrency is ``num_blocks`` over the blocks of one sequence of full length.
- Its "GPU KV cache size" is the concurrency times max_model_len (``get_kv_cache_capacity``), before
  0.20.2 ``num_blocks // groups · block_size`` times the devices that share a sequence's tokens.
- V0 has one group, keeps every token of windows, and leaves recurrent states out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from attention.kv.engines import parts
from attention.kv.engines.engine import Stage
from attention.kv.engines.vllm.allocate import blocks_of, require_formats
from attention.kv.engines.vllm.groups import Groups, sort_layers
from attention.kv.engines.vllm.settings import (
    BLOCKS_BY_GROUP,
    BY_CONCURRENCY,
    context_devices,
    since,
)
from attention.kv.engines.vllm.specs import block_size
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What vLLM makes of the memory it has for the cache on one device.

    Args:
        blocks: "# GPU blocks".
        tokens: "GPU KV cache size", in tokens.
        concurrency: "Maximum concurrency" for sequences of the full context; None without blocks.
    """

    blocks: int
    tokens: int
    concurrency: Fraction | None


def make_pool(shape: ModelShape, workload: Workload, available: int) -> Pool:
    """Blocks, tokens and concurrency that V1 makes of ``available`` bytes on each device.

    ``context`` is then max_model_len.
    """
    return make_pool_of_stages(shape, workload, [Stage(range(shape.n_layers), available)])


def make_pool_of_stages(shape: ModelShape, workload: Workload, stages: Sequence[Stage]) -> Pool:
    """As :func:`make_pool`: the stage that can make the fewest blocks decides for all."""
    require_formats(workload)
    groups = sort_layers(shape, workload)
    rows = [row_bytes(shape, workload, stage.layers) for stage in stages] if groups.groups else []
    if not any(rows):
        return Pool(blocks=1, tokens=0, concurrency=None)
    pairs = zip(stages, rows, strict=True)
    blocks = min(stage.available // row for stage, row in pairs if row)
    each = blocks_of_one_sequence(shape, workload)
    return Pool(
        blocks=blocks,
        tokens=tokens_of(blocks, each, groups, workload),
        concurrency=Fraction(blocks, each),
    )


def tokens_of(blocks: int, each: int, groups: Groups, workload: Workload) -> int:
    """Tokens that the log says of so many blocks.

    Args:
        each: blocks of one sequence.
    """
    if since(workload, BY_CONCURRENCY):
        return int(blocks / each * workload.context)  # as vLLM rounds it
    # A state's block_size is the whole of max_model_len.
    sizes = [spec.block_size for spec, _ in groups.groups if spec.kind != "state"]
    smallest = min(sizes, default=workload.context)
    return blocks // len(groups.groups) * smallest * context_devices(workload)


def blocks_of_tokens(tokens: int, each: int, groups: Groups, workload: Workload) -> list[int]:
    """Blocks of which the log may say so many tokens: :func:`tokens_of`, backwards."""
    if since(workload, BY_CONCURRENCY):
        near = tokens * each // workload.context
        return [near, near + 1]
    n_groups = len(groups.groups)
    blocks = tokens // tokens_of(n_groups, each, groups, workload) * n_groups
    return list(range(blocks, blocks + n_groups))


def blocks_of_one_sequence(shape: ModelShape, workload: Workload) -> int:
    """Blocks, of all groups together, that one sequence of the full context may hold."""
    groups = sort_layers(shape, workload)
    if groups.side_by_side and not since(workload, BLOCKS_BY_GROUP):
        # The bytes of all groups over those of the first.
        own = [sum(spec.page for _, spec in members) for _, members in groups.groups]
        held = zip(own, _blocks(groups, shape, workload), strict=True)
        return -(-sum(page * n for page, n in held) // own[0])
    return sum(_blocks(groups, shape, workload))


def _blocks(groups: Groups, shape: ModelShape, workload: Workload) -> list[int]:
    """Blocks of one sequence in each group."""
    one = replace(workload, batch=1, shared_prefix=0)
    return [blocks_of(spec, members[0][0], shape, one) for spec, members in groups.groups]


def row_bytes(shape: ModelShape, workload: Workload, layers: range | None = None) -> int:
    """Bytes of one block, of whichever group, on a device that has all layers, or these."""
    has = range(shape.n_layers) if layers is None else layers
    return sort_layers(shape, workload).row_of(has, shape.n_layers)


def needed_bytes(shape: ModelShape, workload: Workload, layers: range | None = None) -> int:
    """What V1 says that one sequence of max_model_len needs ("GiB KV cache is needed")."""
    blocks = _blocks(sort_layers(shape, workload), shape, workload)
    return row_bytes(shape, workload, layers) * sum(blocks)


def v0_blocks(shape: ModelShape, workload: Workload, available: int) -> int:
    """Blocks that V0 makes of ``available`` bytes on each device."""
    return available // v0_block_bytes(shape, workload)


def make_v0_pool(shape: ModelShape, workload: Workload, blocks: int) -> Pool:
    """As :func:`make_pool`, by V0's rules, of so many blocks."""
    size = block_size(shape, workload)
    return Pool(
        blocks=blocks, tokens=blocks * size, concurrency=Fraction(blocks * size, workload.context)
    )


def v0_block_bytes(shape: ModelShape, workload: Workload) -> int:
    """Bytes of a block in all attention layers of one device; swap space is counted in it too."""
    require_formats(workload)
    growing = [layer for layer in shape.layers if layer.grows]
    token = sum((parts.token_bytes(layer, workload) for layer in growing), Fraction())
    return int(token * block_size(shape, workload))
