"""How vLLM sorts layers into groups that share blocks.

Read in ``vllm/v1/kv_cache_interface.py`` and ``vllm/v1/core/kv_cache_utils.py`` at 001cabc1, and
``_align_hybrid_block_size`` of ``vllm/platforms/interface.py``:

- A block holds ``block_size`` tokens of one layer; its bytes are the layer's page.
- Layers that need the same number of tokens form one group, each with pages of its own size.
- Otherwise pages must be of one size: smaller ones get more tokens a block. Equal layers are cut
  into groups of as many layers as the rarest kind has (or the most frequent, where that is less
  than half as much again), the last group filled up with padding layers.
- With recurrent layers, the attention's block grows until its page holds a state, and the state's
  page is padded to that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from attention.kv.allocation import AllocationError, Part
from attention.kv.engines import parts
from attention.kv.engines.vllm.settings import (
    BLOCK_SIZE,
    HYBRID,
    MAX_BATCHED_TOKENS,
    STATE_FORMAT,
)  # fmt: skip
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

PADDING = StoredFormat("padding", 1, 1)
# Models whose recurrent states vLLM keeps in float32 whatever the model's format is: their
# config's mamba_ssm_dtype or mamba_ssm_cache_dtype (model_executor/models/config.py), or KDA.
FLOAT32_STATES = ("qwen3_5", "qwen35", "nemotron_h", "kimi_linear", "kimi_k3")


@dataclass(frozen=True)
class Spec:
    """What a layer asks of a block; equal layers have equal ones.

    Args:
        kind: ``"full"``, ``"window"``, ``"chunk"``, ``"state"`` or ``"encoder"``.
        block_size: tokens of a block; 1 for a state, which takes one block.
        one_token: the products of one token's bytes (of the whole state's, for a state).
        window: tokens, for windows and chunks.
        padding: bytes added to the page.
    """

    kind: str
    block_size: int
    one_token: tuple[Part, ...]
    window: int = 0
    padding: int = 0

    @cached_property
    def page(self) -> int:
        """Bytes of a block: a whole number, for every format that vLLM has fills its rows."""
        return int(sum(part.n_bytes for part in self.one_token) * self.block_size) + self.padding

    def blocks(self, workload: Workload, layer_tokens: int) -> int:
        """Blocks that one sequence may hold at most (``max_memory_usage_bytes``).

        Args:
            layer_tokens: the context, or the encoder's tokens.
        """
        if self.kind == "state":
            return 1
        tokens = layer_tokens
        if self.kind == "window":
            tokens = min(self.window - 1 + workload[MAX_BATCHED_TOKENS], tokens)
        elif self.kind == "chunk":
            tokens = min(self.window + workload[MAX_BATCHED_TOKENS], tokens)
        # A window need not begin where a block does: one more.
        return -(-tokens // self.block_size) + (self.kind == "window")


@dataclass(frozen=True)
class Groups:
    """Layers sorted into groups.

    Args:
        groups: for each, its spec (that of its first layer) and its members: layer and spec.
        pooled: whether all pages have one size and a block serves a layer of any group.
    """

    groups: tuple[tuple[Spec, tuple[tuple[int, Spec], ...]], ...]
    pooled: bool

    @property
    def size(self) -> int:
        """Layers of a group, padding included."""
        return max((len(members) for _, members in self.groups), default=0)

    @property
    def row(self) -> int:
        """Bytes of one block in every layer of a group."""
        if not self.groups:
            return 0
        if self.pooled:
            return self.groups[0][0].page * self.size
        return sum(spec.page for _, spec in self.groups[0][1])


def sort_layers(shape: ModelShape, workload: Workload) -> Groups:
    """The groups of the model's layers.

    Raises:
        AllocationError: pages that cannot be made equal, or a kind that vLLM does not have.
    """
    per_layer = parts.each_layer(shape, lambda layer: _specs(layer, shape, workload))
    asked = [(index, spec) for index, specs in enumerate(per_layer) for spec in specs]
    if not asked:
        return Groups((), pooled=False)
    asked = _with_aligned_states(asked, workload)
    kinds = {(spec.kind, spec.window, spec.block_size) for _, spec in asked}
    if len(kinds) == 1:
        return Groups(((asked[0][1], tuple(asked)),), pooled=False)
    return _pooled(_with_equal_pages(asked))


def _specs(layer: Layer, shape: ModelShape, workload: Workload) -> list[Spec]:
    found, block = [], block_size(shape, workload)
    if layer.kind is LayerKind.COMPRESSED:
        raise AllocationError(
            "vLLM's cache for compressed layers is not counted here: choose the engine logical."
        )
    if layer.grows:
        kind = {LayerKind.WINDOW: "window", LayerKind.CHUNK: "chunk"}.get(layer.kind, "full")
        kind = kind if workload[HYBRID] else "full"
        window = (layer.window or 0) if kind != "full" else 0
        found.append(Spec(kind, block, tuple(_one_token(layer, workload)), window))
        if layer.indexer_dim:
            found.append(Spec("full", block, (_indexer(layer),)))
    if layer.cross is not None:
        crossing = [_single(part) for part in parts.cross(layer, workload)]
        found.append(Spec("encoder", block, tuple(crossing)))
    if layer.states:
        found.append(Spec("state", 1, tuple(_states(layer, shape, workload))))
    return found


def block_size(shape: ModelShape, workload: Workload) -> int:
    """As asked for, else 16 tokens, or 64 for latent layers (FlashMLA's kernels)."""
    return workload[BLOCK_SIZE] or (64 if LayerKind.LATENT in shape.kinds else 16)


def _one_token(layer: Layer, workload: Workload) -> list[Part]:
    # vllm/v1/attention/backends/mla/flashmla_sparse.py: 512 fp8, 4 float32 scales, 64 bfloat16.
    sparse = layer.indexer_dim and workload.k.name == "fp8"
    if sparse and (layer.latent_rank, layer.rope_dim) == (512, 64):
        entry = StoredFormat("fp8_ds_mla", 1, 656)
        return [Part(slot="k", what="latent", factors=((1, "entry"),), stored=entry)]
    return parts.keys_and_values(layer, workload, ())


def _indexer(layer: Layer) -> Part:
    """fp8 keys, and a float32 scale for every 128 numbers of each."""
    size = layer.indexer_dim + -(-layer.indexer_dim // 128) * 4
    entry = StoredFormat("fp8 and scales", 1, size)
    return Part(slot="other", what="indexer", factors=((1, "entry"),), stored=entry)


def _single(part: Part) -> Part:
    kept = tuple(f for f in part.factors if f[1] not in ("encoder token", "sequence"))
    return replace(part, factors=kept)


def _states(layer: Layer, shape: ModelShape, workload: Workload) -> list[Part]:
    found = []
    for state in layer.states:
        numbers = parts.state_numbers(state)
        if numbers % workload.tp:
            raise AllocationError(
                f"the {state.name} state's {numbers} numbers do not divide over {workload.tp} "
                "devices: choose another tp."
            )
        stored = workload.model
        if state.name != "convolution":
            float32 = shape.model_type.startswith(FLOAT32_STATES)
            name = workload[STATE_FORMAT] or ("float32" if float32 else workload.model.name)
            stored = stored_format(name)
        factors = ((numbers // workload.tp, f"{state.name} number"),)
        found.append(Part(slot="state", what=state.name, factors=factors, stored=stored))
    return found


def _with_aligned_states(
    asked: list[tuple[int, Spec]], workload: Workload
) -> list[tuple[int, Spec]]:
    """Blocks of attention grown until they hold a state; states padded to their page."""
    state = max((spec.page for _, spec in asked if spec.kind == "state"), default=0)
    token = next((spec for _, spec in asked if spec.kind != "state"), None)
    if not state or token is None:
        return asked
    align = max(16, workload[BLOCK_SIZE] or 16)
    per_token = replace(token, block_size=1).page
    block = align * -(-state // (align * per_token))
    page = block * per_token
    return _changed(
        asked,
        lambda spec: (
            replace(spec, padding=page - spec.page)
            if spec.kind == "state"
            else replace(spec, block_size=block)
        ),
    )


def _changed(
    asked: list[tuple[int, Spec]], change: Callable[[Spec], Spec]
) -> list[tuple[int, Spec]]:
    """``change`` of every spec, called once for those that are one object."""
    new = {id(spec): spec for _, spec in asked}
    new = {key: change(spec) for key, spec in new.items()}
    return [(index, new[id(spec)]) for index, spec in asked]


def _with_equal_pages(asked: list[tuple[int, Spec]]) -> list[tuple[int, Spec]]:
    largest = max(spec.page for _, spec in asked)

    def even(spec: Spec) -> Spec:
        if spec.kind == "state":
            return replace(spec, padding=spec.padding + largest - spec.page)
        if largest % spec.page:
            raise AllocationError(
                f"vLLM cannot make pages of {spec.page} and {largest} bytes equal: choose a tp or "
                "a format at which one divides the other."
            )
        return replace(spec, block_size=spec.block_size * (largest // spec.page))

    return _changed(asked, even)


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
    return Groups(tuple(groups), pooled=True)
