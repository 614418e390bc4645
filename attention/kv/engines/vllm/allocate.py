"""vLLM: blocks of tokens from one pool, layers in groups that share block tables.

V1, read in ``vllm/v1/kv_cache_interface.py`` and ``vllm/v1/core/kv_cache_utils.py`` of 0.22 to 0.33
(what changed between them stands in ``settings.py``, the groups are explained in ``groups.py``,
what the log makes of the blocks in ``pool.py``):

- A sequence takes whole blocks. A window layer holds at most ``window - 1`` tokens and those in
  flight (a chunk ``chunk`` and those), a window one block more.
- KV heads are divided over ``tp`` devices, at least one on each; the latent of MLA is whole on all.
  Decode context parallelism divides the tokens of a sequence over ``dcp`` of them.
- fp8 has one scale for a tensor, which takes nothing here; ``*_per_token_head`` formats add a
  float32 scale for each token and head of K and of V.
- A common prefix is shared in whole blocks of full-attention groups.
- Convolution states have ``kernel - 1`` columns, and one for each drafted token.
"""

from dataclasses import replace
from fractions import Fraction

from attention.kv.allocation import Allocation, AllocationError, LayerBytes, Part, nearly_exact
from attention.kv.engines import logical, parts
from attention.kv.engines.vllm import text
from attention.kv.engines.vllm.groups import Groups, sort_layers
from attention.kv.engines.vllm.settings import context_devices, tokens_in_flight
from attention.kv.engines.vllm.spec import PADDING, Spec
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

SOURCES = (
    "vllm-project/vllm, vllm/v1/kv_cache_interface.py, 0.22 to 0.33",
    "vllm-project/vllm, vllm/v1/core/kv_cache_utils.py, 0.22 to 0.32, kv_cache_planning.py, 0.33",
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
        padding=(
            *_draft_layers(groups, shape, workload),
            *_padding_layers(groups, shape, workload),
        ),
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
    common = 0
    if spec.kind == "full":
        common = workload.shared_prefix // (spec.block_size * context_devices(workload))
    return common + workload.batch * (own - common)


def _layer_parts(spec: Spec, blocks: int) -> tuple[Part, ...]:
    noun = "token" if spec.ratio == 1 else "entry"
    size = () if spec.kind == "state" else ((spec.held, noun),)
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
    for index, spec in groups.members:
        if index < shape.n_layers:
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


def _draft_layers(groups: Groups, shape: ModelShape, workload: Workload) -> list[Part]:
    """What layers of a draft keep: they are none of the model's."""
    n_blocks: dict[Spec, int] = {}
    for index, spec in groups.members:
        if index >= shape.n_layers:
            blocks = blocks_of(spec, index, shape, workload)
            n_blocks[spec] = n_blocks.get(spec, 0) + blocks
    found = []
    for spec, blocks in n_blocks.items():
        factors = ((blocks, "draft block"), (spec.page, "page"))
        found.append(Part(slot="other", what="draft layers", factors=factors, stored=PADDING))
    return found


def _padding_layers(groups: Groups, shape: ModelShape, workload: Workload) -> list[Part]:
    """What groups lack of a whole block: as many blocks as they have, in nobody's use."""
    idle = 0
    for spec, members in groups.groups:
        lacking = groups.row - sum(own.page for _, own in members)
        idle += lacking * blocks_of(spec, members[0][0], shape, workload)
    if not idle:
        return []
    factors: tuple[tuple[int, str], ...] = ((idle, "padding byte"),)
    if groups.pooled:
        page = groups.groups[0][0].page
        factors = ((idle // page, "block of padding layer"), (page, "page"))
    return [Part(slot="other", what="padding layers", factors=factors, stored=PADDING)]


def _bytes_per_token(groups: Groups, workload: Workload) -> int | float:
    """What a device adds for the next token of a sequence, of those it takes."""
    total = Fraction()
    for spec, _ in groups.groups:
        bound = spec.window + tokens_in_flight(workload) - (spec.kind == "window")
        if spec.kind == "full" or (spec.kind in ("window", "chunk") and workload.context < bound):
            devices = context_devices(workload) if spec.kind == "full" else 1
            total += Fraction(groups.row, spec.block_size * devices)
    return nearly_exact(total)


def _usable_tokens(groups: Groups, workload: Workload) -> int:
    full = [spec for spec, _ in groups.groups if spec.kind == "full"]
    if not full:
        return workload.tokens(workload.context)
    fits = []
    for spec in full:
        tokens = spec.block_size * context_devices(workload)
        common = workload.shared_prefix // tokens
        own = -(-workload.context // tokens) - common
        fits.append((common + workload.batch * own) * tokens)
    return min(fits)
