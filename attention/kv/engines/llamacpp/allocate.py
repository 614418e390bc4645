"""llama.cpp: cells for tokens, made at the start, in one stream or one for each sequence.

Read in ggml-org/llama.cpp as of 2026, ``src/llama-context.cpp``, ``src/llama-kv-cache.cpp``,
``src/llama-kv-cache-iswa.cpp``, ``src/llama-kv-cache-dsa.cpp``, ``src/llama-memory-recurrent.cpp``
and ``src/llama-hparams.cpp``; which version does what, in its pull requests, named here by number:

- ``n_ctx`` is what ``-c`` asks for, here ``context · batch``, padded to 256 (#17046, November
  2025). Before, 256 with flash attention and 32 without (#7257); for ten days nothing (#16812).
- Not unified, each of ``n_seq_max`` streams gets ``n_ctx / n_seq_max`` cells, padded again.
- Window layers have a cache of their own (#13194, May 2025) of ``n_swa · n_seq_max + n_ubatch``
  cells, padded, at most the others'; not unified, ``n_swa + n_ubatch`` in each stream. With
  ``--swa-full`` as many as the others. Models whose every layer is a window are kept in full.
- A layer's K and V are rows of ``n_head_kv · head_dim`` numbers in the format asked for; blocks
  must fill a head. Quantised V needs flash attention; without it V's rows are as wide as the
  widest layer's.
- MLA: K is the latent and the rotated key, and there is no V (#19067, January 2026); from #12801
  (April 2025) a V of the latent alone stood beside it; before, all heads were kept. ik_llama.cpp's
  ``-mla 1`` (a transposed copy) and ``-mla 3`` (none) take the same.
- Recurrent layers keep float32 for each of ``n_seq_max`` sequences, ``kernel - 1`` columns of a
  convolution. An indexer's keys are a cache of one head, without V (#21149) where the layer is
  latent; MiniMax-M3's keep a V that nothing reads (``src/llama-kv-cache-msa.cpp``). Where keys are
  pooled, a token's row has key, gate and pooled key (glm5next, ``src/llama-kv-cache-kpool.cpp``).
- DeepSeek V4 (#24162, June 2026): window caches for all layers; compressed entries and the
  indexer's keys in caches of ``ceil(cells / ratio)`` rows, padded, one for each sequence even if
  unified; the compressor's states in float32, ``2 · ratio`` rows of twice the width where windows
  overlap (layers with an indexer), else ``ratio`` rows. K alone, without V.
- ``-nkvo`` and ``-ngl`` decide where the bytes lie, not how many they are.
"""

import struct
from collections import Counter
from dataclasses import replace
from fractions import Fraction

from attention.kv.allocation import Allocation, AllocationError, Part, nearly_exact
from attention.kv.engines import logical, parts
from attention.kv.engines.llamacpp import text
from attention.kv.engines.llamacpp.cells import (
    count,
    full_places,
    keeps_windows_full,
    padded,
    stream_cells,
    window_places,
)
from attention.kv.engines.llamacpp.settings import FLASH_ATTN, MLA, PAD, slots
from attention.kv.formats import stored_format
from attention.kv.layer import Layer
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

SOURCES = (
    "ggml-org/llama.cpp, src/llama-context.cpp since pull request #17046 (November 2025)",
    "ggml-org/llama.cpp, src/llama-kv-cache.cpp since #19067 (January 2026)",
    "ggml-org/llama.cpp, src/llama-kv-cache-iswa.cpp since #17046",
    "ggml-org/llama.cpp, src/llama-memory-recurrent.cpp, 2026",
)
POOLED_PLANES = 3  # key, gate, pooled key
FORMATS = ("float32", "float16", "bfloat16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")


def allocate(shape: ModelShape, workload: Workload) -> Allocation:
    """Bytes of the cache that ``llama_kv_cache`` and its kin make.

    ``cells`` gives the cells of all streams together, instead of the padded context.

    Raises:
        AllocationError: a setting or a kind of layer that llama.cpp does not have.
        FormatError: a block format whose blocks do not fill a head.
    """
    _check(shape, workload)
    full, window = full_places(workload), window_places(shape, workload)
    widest = widest_v(shape, workload)
    layers = logical.layers_of(
        shape,
        lambda layer: _parts(layer, window if layer.window else full, widest, workload),
        lambda layer: count(window if layer.window else full),
    )
    allocation = Allocation(
        engine="llama.cpp",
        per_layer=layers,
        ideal_bytes=logical.ideal_bytes(shape, workload),
        bytes_per_token=_bytes_per_cell(shape, workload, grow_windows=window == full),
        asked_tokens=workload.tokens(workload.context),
        usable_tokens=count(full),
        assumptions=(*shape.assumptions, *logical.assumptions(shape, workload),
                     *text.notes(shape, workload, keeps_windows_full(shape, workload))),
        sources=SOURCES,
    )  # fmt: skip
    return replace(allocation, gaps=text.gaps(shape, workload, allocation, (full, window)))


def widest_v(shape: ModelShape, workload: Workload) -> int:
    """Numbers of V's row in every layer without flash attention; 0 with it: each its own."""
    growing = (layer for layer in shape.layers if layer.grows)
    widths = (layer.n_kv_heads * layer.v_head_dim for layer in growing)
    return 0 if workload[FLASH_ATTN] else max(widths, default=0)


def printed_mib(n_bytes: Fraction | float) -> str:
    """Mebibytes as its log prints them: a C float, two digits."""
    (rounded,) = struct.unpack("f", struct.pack("f", float(n_bytes)))
    return f"{rounded / 2**20:.2f}"


def _check(shape: ModelShape, workload: Workload) -> None:
    if workload.tp > 1:
        raise AllocationError(
            "llama.cpp splits layers, not heads, between devices, so that tp {tp} says nothing of "
            "its cache: leave tp out.",
            tp=workload.tp,
        )
    for stored in (workload.k, workload.v):
        if stored.name not in FORMATS:
            raise AllocationError(
                "llama.cpp has no cache format {name}: choose {choices}.",
                name=stored.name,
                choices=", ".join(FORMATS),
            )
    if workload.v.is_blocks and not workload[FLASH_ATTN]:
        raise AllocationError(
            "llama.cpp keeps V in {name} with flash attention alone.", name=workload.v.name
        )
    if workload.k != workload.v and any(layer.compress for layer in shape.layers):
        raise AllocationError(
            "llama.cpp keeps compressed layers in one format, not {name} and {name_2}: leave out "
            "V's.",
            name=workload.k.name,
            name_2=workload.v.name,
        )


def _parts(layer: Layer, places: parts.Factors, widest: int, workload: Workload) -> list[Part]:
    found = []
    if layer.grows:
        found += _rows(layer, widest, workload, places)
        if layer.compress:
            return found + _compressed(layer, workload)
        found += _indexer(layer, workload, places)
    for state in layer.states:
        numbers = ((parts.state_numbers(state), f"{state.name} number"),)
        found.append(_float32(state.name, numbers, workload))
    return found


def _indexer(layer: Layer, workload: Workload, places: parts.Factors) -> list[Part]:
    """The keys that choose: in a cache of their own of one head, as the layer's own in all else."""
    if not layer.indexer_dim:
        return []
    if layer.indexer_compress > 1 and not layer.compress:
        size = ((POOLED_PLANES, "plane"), (layer.indexer_dim, "indexer_dim"))
        return [Part(slot="other", what="indexer", factors=(*size, *places), stored=workload.k)]
    found = parts.indexer(layer, workload.k, places)
    if layer.latent_rank or not layer.v_head_dim:
        return found
    factors = ((layer.v_head_dim, "head_dim"), *places)
    return [*found, Part(slot="other", what="indexer V", factors=factors, stored=workload.v)]


def _compressed(layer: Layer, workload: Workload) -> list[Part]:
    """DeepSeek V4's compressed entries, its indexer's keys and the compressors' states."""

    def rows(ratio: int) -> parts.Factors:
        entries = padded(-(-stream_cells(workload) // ratio), workload[PAD])
        return ((entries, "entry"), (slots(workload), "stream"))

    found = [
        replace(part, what=f"compressed {part.what}")
        for part in parts.expanded(layer, workload, rows(layer.compress))
    ]
    found += parts.indexer(layer, workload.k, rows(layer.indexer_compress))
    overlap = 2 if layer.indexer_dim else 1
    for width in (layer.k_head_dim, layer.indexer_dim):
        if width:
            size = ((2, "plane"), (overlap * layer.compress, "row"), (overlap * width, "number"))
            found.append(_float32("compressor", size, workload))
    return found


def _float32(what: str, size: parts.Factors, workload: Workload) -> Part:
    factors = (*size, (slots(workload), "sequence"))
    return Part(slot="state", what=what, factors=factors, stored=stored_format("float32"))


def _rows(layer: Layer, widest: int, workload: Workload, places: parts.Factors) -> list[Part]:
    """K's and V's rows in ``places``, of a latent layer in the form that the workload names."""
    if layer.latent_rank and workload[MLA] != "expanded":
        found = [parts.latent(layer, workload.k, places)]
        if workload[MLA] == "latent_and_v":
            workload.v.require_row(layer.latent_rank, "the latent's size")
            factors = ((layer.latent_rank, "latent number"), *places)
            found.append(Part(slot="v", what="V", factors=factors, stored=workload.v))
        return found
    found = parts.expanded(layer, workload, places)
    if not widest or layer.n_kv_heads * layer.v_head_dim == widest:
        return found
    factors = ((widest, "padded V number"), *places)
    return [found[0], Part(slot="v", what="V", factors=factors, stored=workload.v)]


def _bytes_per_cell(shape: ModelShape, workload: Workload, *, grow_windows: bool) -> int | float:
    widest = widest_v(shape, workload)

    def cell(layer: Layer) -> Fraction:
        if not layer.grows:
            return Fraction()
        row = sum((part.n_bytes for part in _rows(layer, widest, workload, ())), Fraction())
        total = sum((part.n_bytes for part in _indexer(layer, workload, ())), Fraction())
        if layer.compress:
            total /= layer.indexer_compress
            total += row / layer.compress
        return total + (row if grow_windows or not layer.window else 0)

    sums = parts.each_layer(shape, cell)
    return nearly_exact(sum((n * each for each, n in Counter(sums).items()), Fraction()))
