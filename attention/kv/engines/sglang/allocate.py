"""SGLang: one pool of token slots for all sequences.

Read in ``python/sglang/srt/mem_cache/memory_pool.py`` at 000ccdba and later versions of it, and
in ``model_executor/model_runner.py``, ``configs/model_config.py``:

- ``MHATokenToKVPool``: K and V buffers of ``size + page_size`` slots a layer; the first page takes
  what padded tokens write. The log's ``#tokens`` is ``size``, its sizes those of the buffers, and
  its "GB" are 2^30 bytes.
- ``MLATokenToKVPool``: one buffer of ``kv_lora_rank + qk_rope_head_dim`` numbers, whole on every
  device; of sparse attention (``NSATokenToKVPool``) in fp8 656 bytes, scales among them, unless
  the TRT-LLM backend runs. Its indexer: fp8 keys and a 4-byte scale for every 128 numbers.
- KV heads are divided over the devices, at least one on each.
- Hybrid window pool: window layers have ``swa_full_tokens_ratio`` (0.8) times the slots of full
  layers. It is used for few architectures; elsewhere window layers keep every token.
- ``MambaPool``: ``slots + 1`` states; convolutions keep ``kernel - 1`` columns.
"""

from dataclasses import replace

from attention.kv.allocation import Allocation, AllocationError, Part, nearly_exact
from attention.kv.engines import logical, parts
from attention.kv.engines.sglang import deepseek_v4
from attention.kv.engines.sglang.settings import (
    BLOCK_SIZE,
    CELLS,
    HYBRID,
    STATE_FORMAT,
    SWA_RATIO,
    window_share,
)
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, State
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Quantity, Sentence

SOURCES = (
    "sgl-project/sglang, python/sglang/srt/mem_cache/memory_pool.py at 000ccdba",
    "sgl-project/sglang, python/sglang/srt/configs/model_config.py, is_hybrid_swa_model",
)
FORMATS = ("float32", "float16", "bfloat16", "fp8")
# Models whose windows have a pool of their own: model_config.py, is_hybrid_swa_model.
WINDOW_POOLS = ("llama4", "llama4_text", "gpt_oss", "gpt-oss", "mimo_v2", "mimo_v2_flash",
                "step3p5", "gemma4", "gemma4_text")  # fmt: skip


def allocate(shape: ModelShape, workload: Workload) -> Allocation:
    """Bytes of the pool's buffers on one of ``tp`` devices, for the tokens of the workload.

    ``cells`` gives the pool's size as the log prints it (#tokens).

    Raises:
        AllocationError: a format or a kind of layer that SGLang does not have.
    """
    _check(shape, workload)
    if deepseek_v4.is_compressed(shape):
        return _compressed(shape, workload)
    size, window = pool_tokens(workload), window_tokens(shape, workload)
    layers = logical.layers_of(
        shape,
        lambda layer: _parts(layer, window if layer.window else size, workload),
        lambda layer: window if layer.window else size,
    )
    allocation = Allocation(
        engine="sglang",
        per_layer=layers,
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=_bytes_per_token(shape, workload),
        asked_tokens=workload.tokens(workload.context),
        usable_tokens=size,
        tp=workload.tp,
        assumptions=(*shape.assumptions, *logical.assumptions(shape, workload),
                     *_notes(shape, workload, window)),
        sources=SOURCES,
    )  # fmt: skip
    return replace(allocation, gaps=_gaps(shape, workload, allocation))


def _compressed(shape: ModelShape, workload: Workload) -> Allocation:
    page = deepseek_v4.page_of(workload)
    size = -(-pool_tokens(workload) // page) * page
    window = deepseek_v4.window_slots(size, workload)
    layers = logical.layers_of(
        shape,
        lambda layer: deepseek_v4.parts_of(layer, size, workload),
        lambda layer: size if layer.compress else window,
    )
    notes = (
        Sentence("Whatever the number format, entries are stored as fp8_ds_mla: 584 bytes each."),
        Sentence("The window pool has room for {window} tokens of all.", window=window),
    )
    return Allocation(
        engine="sglang",
        per_layer=layers,
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=nearly_exact(deepseek_v4.bytes_of_next_token(shape, workload)),
        asked_tokens=workload.tokens(workload.context),
        usable_tokens=size,
        tp=workload.tp,
        assumptions=(*shape.assumptions, *logical.assumptions(shape, workload), *notes),
        sources=(deepseek_v4.SOURCE,),
        gaps=(
            Sentence("Pages are whole, and each pool has one page of tokens more than it needs."),
            Sentence("Window layers have slots for tokens that they see no more."),
        ),
    )


def pool_tokens(workload: Workload) -> int:
    """#tokens: as given, or whole pages for every sequence, pages of the common prefix once."""
    if (cells := workload[CELLS]) is not None:
        return cells
    page = workload[BLOCK_SIZE] or 1
    common = workload.shared_prefix // page * page
    own = -(-(workload.context - common) // page) * page
    return common + workload.batch * own


def window_tokens(shape: ModelShape, workload: Workload) -> int:
    """Slots of a window layer: a part of the pool where windows have one of their own."""
    size, page = pool_tokens(workload), workload[BLOCK_SIZE] or 1
    kinds = {layer.kind for layer in shape.layers if layer.grows}
    if shape.model_type not in WINDOW_POOLS or len(kinds) == 1 or not workload[HYBRID]:
        return size
    return int(size * window_share(workload)) // page * page


def _check(shape: ModelShape, workload: Workload) -> None:
    if workload.k != workload.v:
        raise AllocationError(
            "SGLang keeps K and V in one format, not {name} and {name_2}: leave out V's.",
            name=workload.k.name,
            name_2=workload.v.name,
        )
    if workload.k.name not in FORMATS:
        raise AllocationError(
            "SGLang has no cache format {name}: choose {choices}.",
            name=workload.k.name,
            choices=", ".join(FORMATS),
        )


def _parts(layer: Layer, held: int, workload: Workload) -> list[Part]:
    found: list[Part] = []
    if layer.grows:
        slots = ((held + (workload[BLOCK_SIZE] or 1), "slot"),)
        found += _latent_of_sparse(layer, workload, slots) or parts.keys_and_values(
            layer, workload, slots
        )
        found += _indexer(layer, slots)
    found += [_state(state, layer, workload) for state in layer.states]
    return [*found, *parts.cross(layer, workload)]


def _latent_of_sparse(layer: Layer, workload: Workload, slots: parts.Factors) -> list[Part]:
    """512 fp8 numbers, 4 float32 scales and 64 numbers of 16 bits; empty where it is not so."""
    sparse = layer.indexer_dim and workload.k.name == "fp8"
    if not sparse or (layer.latent_rank, layer.rope_dim) != (512, 64):
        return []
    entry = StoredFormat("fp8_ds_mla", 1, 656)
    return [Part(slot="k", what="latent", factors=((1, "entry"), *slots), stored=entry)]


def _indexer(layer: Layer, slots: parts.Factors) -> list[Part]:
    """fp8 keys, and one float32 scale for every 128 numbers of each."""
    if not layer.indexer_dim:
        return []
    scales = -(-layer.indexer_dim // 128)
    return [
        *parts.indexer(layer, stored_format("fp8"), slots),
        Part(slot="other", what="indexer scales", factors=((scales, "scale"), *slots),
             stored=stored_format("float32")),
    ]  # fmt: skip


def _state(state: State, layer: Layer, workload: Workload) -> Part:
    numbers = parts.state_share(state, workload.tp)
    stored = workload.model
    if state.name != "convolution":
        stored = stored_format(workload[STATE_FORMAT] or "float32")
    factors = ((numbers, f"{state.name} number"), (workload.batch + 1, "slot"))
    return Part(slot="state", what=state.name, factors=factors, stored=stored)


def _bytes_per_token(shape: ModelShape, workload: Workload) -> int | float:
    """Of all layers: a token takes a slot in each, until the windows' pool is full."""
    first = replace(workload, context=1, shared_prefix=0)
    return logical.bytes_per_token(shape, first)


def _notes(shape: ModelShape, workload: Workload, window: int) -> tuple[str, ...]:
    notes: list[str] = []
    if workload[CELLS] is None:
        notes.append(
            Sentence(
                "The pool is made for the tokens asked for; left alone, SGLang fills the memory "
                "that mem-fraction-static leaves."
            )
        )
    if any(layer.window for layer in shape.layers):
        if window == pool_tokens(workload):
            notes.append(
                Sentence("Window layers keep every token: SGLang has no pool of windows for them.")
            )
        else:
            notes.append(
                Sentence(
                    "Window layers have {workload} times the slots of full layers.",
                    workload=workload[SWA_RATIO],
                )
            )
    if any(layer.states for layer in shape.layers):
        notes.append(Sentence("There is a slot for the state of each sequence, and one to spare."))
    return tuple(notes)


def _gaps(shape: ModelShape, workload: Workload, allocation: Allocation) -> tuple[str, ...]:
    if shape.keeps_nothing:
        return ()
    page = workload[BLOCK_SIZE] or 1
    more = Quantity(page, "slot")
    gaps: list[str] = [
        Sentence(
            "The buffers have {more} more than there are tokens, for what padded tokens write.",
            more=more,
        )
    ]
    if page > 1 and allocation.usable_tokens > allocation.asked_tokens:
        gaps.append(
            Sentence(
                "A sequence takes whole pages of {page} tokens; the rest of its last is idle.",
                page=page,
            )
        )
    if allocation.usable_tokens < allocation.asked_tokens:
        gaps.append(
            Sentence(
                "The pool has room for {usable_tokens} of the {asked_tokens} tokens asked for: "
                "sequences wait for one another.",
                usable_tokens=allocation.usable_tokens,
                asked_tokens=allocation.asked_tokens,
            )
        )
    if any(layer.window for layer in shape.layers):
        gaps.append(Sentence("Window layers have slots for tokens that they see no more."))
    if any(layer.states for layer in shape.layers):
        gaps.append(Sentence("There is one slot for a state more than there are sequences."))
    gaps += logical.format_gaps(shape, workload, allocation)
    ideal = logical.ideal_bytes(shape, workload)
    return (*gaps, *logical.tp_gap(shape, workload, ideal, allocation.bytes_total))
