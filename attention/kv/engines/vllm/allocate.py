"""vLLM: blocks of tokens from one pool, layers in groups that share block tables.

V1, read in ``vllm/v1/kv_cache_interface.py`` and ``vllm/v1/core/kv_cache_utils.py`` at 001cabc1
(the groups are explained in ``groups.py``, what the log makes of the blocks in ``pool.py``):

- A sequence takes whole blocks. A window layer holds at most
  ``window - 1 + max_num_batched_tokens`` tokens (a chunk ``chunk + max_num_batched_tokens``), a
  window one block more.
- KV heads are divided over ``tp`` devices, at least one on each; the latent of MLA is whole on all.
- fp8 has one scale for a tensor, which takes nothing here; ``*_per_token_head`` formats add a
  float32 scale for each token and head of K and of V.
- A common prefix is shared in whole blocks of full-attention groups.
- Convolution states have ``kernel - 1`` columns.
"""

from dataclasses import replace
from fractions import Fraction

from attention.kv.allocation import Allocation, AllocationError, LayerBytes, Part, exact
from attention.kv.engines import logical, parts
from attention.kv.engines.vllm import text
from attention.kv.engines.vllm.groups import Groups, sort_layers
from attention.kv.engines.vllm.settings import MAX_BATCHED_TOKENS
from attention.kv.engines.vllm.specs import PADDING, Spec
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

SOURCES = (
    "vllm-project/vllm, vllm/v1/kv_cache_interface.py at 001cabc1",
    "vllm-project/vllm, vllm/v1/core/kv_cache_utils.py at 001cabc1",
)
FORMATS = (
    "float32", "float16", "bfloat16", "fp8", "fp8_per_token_head", "int8_per_token_head", "nvfp4",
)  # fmt: skip


def allocate(shape: ModelShape, workload: Workload) -> Allocation:
    """Bytes of the blocks that the sequences hold on one of ``tp`` devices, at most (V1).

    Raises:
        AllocationError: a format, kind of layer or division that vLLM does not have.
    """
    require_formats(workload)
    groups = sort_layers(shape, workload)
    allocation = Allocation(
        engine="vllm",
        per_layer=_layers(groups, shape, workload),
        padding=_padding_layers(groups, shape, workload),
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=_bytes_per_token(groups, workload),
        asked_tokens=workload.tokens(workload.context),
        usable_tokens=_usable_tokens(groups, workload),
        tp=workload.tp,
        assumptions=(*shape.assumptions, *logical.assumptions(shape, workload),
                     *text.notes(shape, workload, groups)),
        sources=SOURCES,
    )  # fmt: skip
    return replace(allocation, gaps=text.gaps(shape, workload, groups, allocation))


def require_formats(workload: Workload) -> None:
    """Refuse formats that vLLM has not.

    Raises:
        AllocationError: K and V in two formats, or one that it does not know.
    """
    if workload.k != workload.v:
        raise AllocationError(
            "vLLM keeps K and V in one format, not {name} and {name_2}: leave out V's.",
            name=workload.k.name,
            name_2=workload.v.name,
        )
    if workload.k.name not in FORMATS:
        raise AllocationError(
            "vLLM has no cache format {name}: choose {choices}.",
            name=workload.k.name,
            choices=", ".join(FORMATS),
        )


def blocks_of(spec: Spec, index: int, shape: ModelShape, workload: Workload) -> int:
    """Blocks of a layer for all sequences, those of the common prefix once in full attention."""
    tokens = workload.context
    if spec.kind == "encoder":
        tokens = parts.encoder_tokens(shape.layers[index], workload)
    own = spec.blocks(workload, tokens)
    common = workload.shared_prefix // spec.block_size if spec.kind == "full" else 0
    return common + workload.batch * (own - common)


def _layer_parts(spec: Spec, blocks: int) -> tuple[Part, ...]:
    size = () if spec.kind == "state" else ((spec.block_size, "token"),)
    found = [
        replace(part, factors=(*part.factors, *size, (blocks, "block"))) for part in spec.one_token
    ]
    if spec.padding:
        factors = ((spec.padding, "padding byte"), (blocks, "block"))
        found.append(Part(slot="other", what="padding", factors=factors, stored=PADDING))
    return tuple(found)


def _layers(groups: Groups, shape: ModelShape, workload: Workload) -> tuple[LayerBytes, ...]:
    """Every layer of the model with the blocks that it has in its groups."""
    held: dict[int, tuple[Part, ...]] = {}
    tokens: dict[int, int] = {}
    made: dict[tuple[int, int], tuple[Part, ...]] = {}
    for _, members in groups.groups:
        for index, spec in members:
            blocks = blocks_of(spec, index, shape, workload)
            key = (id(spec), blocks)
            if key not in made:
                made[key] = _layer_parts(spec, blocks)
            held[index] = held[index] + made[key] if index in held else made[key]
            if spec.kind in ("full", "window", "chunk"):
                tokens[index] = max(tokens.get(index, 0), blocks * spec.block_size)
    return tuple(
        LayerBytes(
            index=index,
            kind=layer.kind,
            parts=held.get(index, ()),
            tokens_held=tokens.get(index, 0),
            note=logical.sharing_note(layer),
        )
        for index, layer in enumerate(shape.layers)
    )


def _padding_layers(groups: Groups, shape: ModelShape, workload: Workload) -> tuple[Part, ...]:
    """Layers that even out the groups: as many blocks as their group, in nobody's use."""
    if not groups.pooled:
        return ()
    wasted = 0
    for spec, members in groups.groups:
        missing = groups.size - len(members)
        wasted += missing * blocks_of(spec, members[0][0], shape, workload)
    if not wasted:
        return ()
    page = groups.groups[0][0].page
    factors = ((wasted, "block of padding layer"), (page, "page"))
    return (Part(slot="other", what="padding layers", factors=factors, stored=PADDING),)


def _bytes_per_token(groups: Groups, workload: Workload) -> int | float:
    total = Fraction()
    for spec, members in groups.groups:
        bound = spec.window + workload[MAX_BATCHED_TOKENS] - (spec.kind == "window")
        if spec.kind == "full" or (spec.kind != "state" and spec.window and
                                   workload.context < bound):  # fmt: skip
            row = spec.page * groups.size if groups.pooled else sum(s.page for _, s in members)
            total += Fraction(row, spec.block_size)
    return exact(total)


def _usable_tokens(groups: Groups, workload: Workload) -> int:
    full = [spec for spec, _ in groups.groups if spec.kind == "full"]
    if not full:
        return workload.tokens(workload.context)
    fits = []
    for spec in full:
        common = workload.shared_prefix // spec.block_size
        own = -(-workload.context // spec.block_size) - common
        fits.append((common + workload.batch * own) * spec.block_size)
    return min(fits)
