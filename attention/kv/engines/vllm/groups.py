"""How vLLM sorts layers into groups that share blocks.

Read in ``vllm/v1/core/kv_cache_utils.py`` (``get_kv_cache_groups``; since 0.33 in
``kv_cache_planning.py``) and ``_align_hybrid_block_size`` of ``vllm/platforms/interface.py``, of
0.22 to 0.33:

- Layers that need the same number of tokens form one group, each with pages of its own size.
- Otherwise pages must be of one size: smaller ones get more tokens a block. Equal layers are cut
  into groups of as many layers as the rarest kind has (or the most frequent, where that is less
  than half as much again), the last group filled up with padding layers.
- With recurrent layers, the attention's block grows until its page holds a state, and the state's
  page is padded to that. Blocks are then multiples of what the attention's kernels take: 16 tokens,
  of latents 64 (FlashMLA), since 0.27 128.
- Layers that draft (MTP, EAGLE) are counted as the model's last layer that sees every token.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from attention.kv.allocation import AllocationError
from attention.kv.engines import parts
from attention.kv.engines.vllm import layer_tuples
from attention.kv.engines.vllm.deepseek_v4 import is_compressed
from attention.kv.engines.vllm.packed import pack
from attention.kv.engines.vllm.settings import (
    LATENT_128,
    PACKED,
    PADDED_PAGES,
    TUPLES_WITH_SLOTS,
    VERSION,
    draft_layers,
    since,
)
from attention.kv.engines.vllm.spec import Spec
from attention.kv.engines.vllm.specs import block_size, specs_of
from attention.kv.engines.vllm.states import state_chunk, state_grid
from attention.kv.layer import LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

Member = tuple[int, Spec]


@dataclass(frozen=True)
class Groups:
    """Layers sorted into groups.

    Args:
        groups: for each, its spec (that of its first layer) and its members: layer and spec;
            layers that draft come after the model's own.
        row: bytes of one block, of whichever group.
        pooled: whether all pages have one size and a block serves a layer of any group.
    """

    groups: tuple[tuple[Spec, tuple[Member, ...]], ...]
    row: int = 0
    pooled: bool = False

    @property
    def members(self) -> list[Member]:
        """Layers with their specs, of all groups."""
        return [member for _, members in self.groups for member in members]

    def row_of(self, layers: range, n_layers: int) -> int:
        """Bytes of one block on a device that has these of the model's ``n_layers`` alone: what the
        largest group has there (``_project_kv_cache_groups_to_worker``). Drafts are on the last."""
        if len(layers) == n_layers:
            return self.row
        on_last = layers.stop == n_layers
        return max(
            sum(spec.page for index, spec in members if index in layers or
                (on_last and index >= n_layers))
            for _, members in self.groups
        )  # fmt: skip

    @property
    def side_by_side(self) -> bool:
        """Whether pages of several sizes stand in one block."""
        return len(self.groups) > 1 and not self.pooled

    @property
    def has_states(self) -> bool:
        return any(spec.kind == "state" for spec, _ in self.groups)

    @property
    def size(self) -> int:
        """Layers of a group, padding included."""
        return max((len(members) for _, members in self.groups), default=0)


@lru_cache(maxsize=2)  # what a log says is asked of the same layers several times
def sort_layers(shape: ModelShape, workload: Workload) -> Groups:
    """The groups of the model's layers.

    Raises:
        AllocationError: pages that cannot be made equal, or a kind that vLLM does not have.
    """
    per_layer = parts.each_layer(shape, lambda layer: specs_of(layer, shape, workload))
    per_layer += [_draft(shape, workload)] * draft_layers(workload)
    asked = [(index, spec) for index, specs in enumerate(per_layer) for spec in specs]
    if not asked:
        return Groups(())
    asked = _with_aligned_states(asked, shape, workload)
    kinds = {(spec.kind, spec.window, spec.block_size) for _, spec in asked}
    if len(kinds) == 1:
        return Groups(((asked[0][1], tuple(asked)),), row=sum(spec.page for _, spec in asked))
    if any(spec.ratio > 1 for _, spec in asked):
        return _side_by_side(asked, workload)
    return _pooled(_with_equal_pages(asked, workload))


def _side_by_side(asked: list[Member], workload: Workload) -> Groups:
    """Groups whose pages have several sizes."""
    if since(workload, PACKED):
        groups, row = pack(asked)
    elif any(spec.kind == "state" for _, spec in asked):
        raise AllocationError(
            "vLLM {version} does not have this model: choose vllm_version {first} or a later one.",
            version=workload[VERSION],
            first=PACKED,
        )
    else:
        groups, row = layer_tuples.group(asked, has_slots=since(workload, TUPLES_WITH_SLOTS))
    return Groups(tuple((members[0][1], tuple(members)) for members in groups), row=row)


def _draft(shape: ModelShape, workload: Workload) -> list[Spec]:
    """What a layer that drafts asks: what the last that sees every token does, or the last.

    DeepSeek V4's has a window alone: 0 is the last of its compress_ratios.
    """
    growing = [layer for layer in shape.layers if layer.grows]
    if is_compressed(shape):
        return specs_of(growing[-1], shape, workload)[:1]
    seeing_all = [layer for layer in growing if layer.window is None]
    last = (seeing_all or growing)[-1:]
    return [
        spec
        for layer in last
        for spec in specs_of(layer, shape, workload)
        if spec.kind not in ("state", "encoder")
    ]


def _with_aligned_states(
    asked: list[tuple[int, Spec]], shape: ModelShape, workload: Workload
) -> list[tuple[int, Spec]]:
    """Blocks of attention grown until they hold a state; states padded to their page."""
    state = max((spec.page for _, spec in asked if spec.kind == "state"), default=0)
    token = next((spec for _, spec in asked if spec.kind != "state"), None)
    if not state or token is None:
        return asked
    align = max(16, block_size(shape, workload))
    if LayerKind.LATENT in shape.kinds and since(workload, LATENT_128):
        align = max(align, 128)
    align = math.lcm(align, state_grid(shape, workload))
    block = align * math.ceil(state / (align * token.token_bytes))
    page = int(block * token.token_bytes)

    def aligned(spec: Spec) -> Spec:
        if spec.kind == "ring":
            return spec
        if spec.kind != "state":
            return replace(spec, block_size=block)
        # A state of its own for every block, or a few for the sequence.
        own = block if state_chunk(shape, workload) else spec.block_size
        return replace(spec, padding=page - spec.page, block_size=own)

    return _changed(asked, aligned)


def _changed(
    asked: list[tuple[int, Spec]], change: Callable[[Spec], Spec]
) -> list[tuple[int, Spec]]:
    """``change`` of every spec, called once for those that are one object."""
    new = {id(spec): spec for _, spec in asked}
    new = {key: change(spec) for key, spec in new.items()}
    return [(index, new[id(spec)]) for index, spec in asked]


def _with_equal_pages(asked: list[tuple[int, Spec]], workload: Workload) -> list[tuple[int, Spec]]:
    largest = max(spec.page for _, spec in asked)

    def even(spec: Spec) -> Spec:
        if spec.kind == "state":
            return replace(spec, padding=spec.padding + largest - spec.page)
        if largest % spec.page and since(workload, PADDED_PAGES) and not _is_latent(spec):
            return replace(spec, padding=largest - spec.page)
        if largest % spec.page:
            raise AllocationError(
                "vLLM cannot make pages of {page} and {largest} bytes equal: choose a tp or a "
                "format at which one divides the other.",
                page=spec.page,
                largest=largest,
            )
        return replace(spec, block_size=spec.block_size * (largest // spec.page))

    return _changed(asked, even)


def _is_latent(spec: Spec) -> bool:
    return any(part.what in ("latent", "indexer") for part in spec.one_token)


def _pooled(asked: list[tuple[int, Spec]]) -> Groups:
    alike: dict[Spec, list[int]] = {}
    first = {id(spec): spec for _, spec in asked}
    same = {key: alike.setdefault(spec, []) for key, spec in first.items()}
    for index, spec in asked:
        same[id(spec)].append(index)
    fewest, most = (f(len(indices) for indices in alike.values()) for f in (min, max))
    size = most if most < fewest * 1.5 else fewest
    groups = []
    for spec, indices in alike.items():
        n_groups = -(-len(indices) // size)
        for i in range(n_groups):
            groups.append((spec, tuple((index, spec) for index in indices[i::n_groups])))
    return Groups(tuple(groups), row=size * groups[0][0].page, pooled=True)
