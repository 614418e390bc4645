"""DeepSeek V4 in SGLang: pools for windows, for each kind of compressed entry, and what waits.

Read in ``deepseek_v4_memory_pool.py`` and ``deepseek_v4_compress_state.py`` of
``python/sglang/srt/mem_cache/`` and ``srt/model_executor/pool_configurator.py`` of 0.5.23, as it is
without speculation and with FlashMLA's layout:

- Pages are made for 256 tokens. An entry takes 584 bytes (448 fp8, 64 bfloat16, 8 of scales), a
  page a multiple of 576.
- Every layer has a window pool of 0.1 times the tokens, if ``swa_full_tokens_ratio`` says nothing
  else; layers that compress have an entry for 4 or 128 tokens, those of 4 an indexer key each.
- A page of tokens is set aside in each pool, at its own rate.
- What waits to be compressed is float32: 8 rows for a page of the window pool (4), 128 for each
  sequence and one more (128).
"""

from fractions import Fraction

from attention.kv.allocation import Part
from attention.kv.engines.sglang.settings import BLOCK_SIZE, SWA_RATIO, window_share
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

SOURCE = (
    "sgl-project/sglang, python/sglang/srt/mem_cache/deepseek_v4_memory_pool.py and "
    "model_executor/pool_configurator.py, 0.5.23"
)
PAGE = 256
ENTRY, ALIGNMENT = 584, 576
WINDOW_RATIO = "0.1"
BYTES = StoredFormat("fp8_ds_mla", 1, 1)
RINGS = {4: 8, 128: 128}


def is_compressed(shape: ModelShape) -> bool:
    """Whether the model has compressed entries."""
    return LayerKind.COMPRESSED in shape.kinds


def page_of(workload: Workload) -> int:
    """Tokens of a page."""
    return workload[BLOCK_SIZE] or PAGE


def window_slots(size: int, workload: Workload) -> int:
    """Tokens of the window pool, of so many in all."""
    given = any(setting is SWA_RATIO for setting, _ in workload.settings)
    share = window_share(workload) if given else Fraction(WINDOW_RATIO)
    page = page_of(workload)
    return int(size * share) // page * page


def parts_of(layer: Layer, size: int, workload: Workload) -> list[Part]:
    """The buffers of a layer.

    Args:
        size: tokens that the pools are made for, whole pages.
    """
    page, window = page_of(workload), window_slots(size, workload)
    found = [_pages("k", "K", ENTRY, ALIGNMENT, window, page, page)]
    if not layer.compress:
        return found
    rate, entries = layer.compress, size // layer.compress
    found.append(_pages("k", "compressed K", ENTRY, ALIGNMENT, entries, page // rate, page))
    dims = [layer.k_head_dim]
    if layer.indexer_dim:
        key = layer.indexer_dim + layer.indexer_dim // 128 * 4
        found.append(_pages("other", "indexer", key, 1, entries, page // rate, page))
        dims.append(layer.indexer_dim)
    ring = RINGS[rate]
    held = window // page * ring if rate == 4 else (workload.batch + 1) * ring
    rows = -(-(held + ring + 1) // rate) * rate
    for dim in dims:
        numbers = (2 * (1 + (rate == 4)) * dim, "compressor number")
        found.append(
            Part(slot="state", what="compressor", factors=(numbers, (rows, "slot")),
                 stored=stored_format("float32"))
        )  # fmt: skip
    return found


def bytes_of_next_token(shape: ModelShape, workload: Workload) -> Fraction:
    """What a token adds to pools that grow with the context: entries and indexer keys."""
    total, page = Fraction(), page_of(workload)
    for layer in shape.layers:
        if layer.compress:
            held = page // layer.compress
            n_bytes = _rounded(ENTRY * held, ALIGNMENT)
            if layer.indexer_dim:
                n_bytes += (layer.indexer_dim + layer.indexer_dim // 128 * 4) * held
            total += Fraction(n_bytes, page)
    return total


def _pages(
    slot: str, what: str, size: int, alignment: int, entries: int, held: int, spare: int
) -> Part:
    """``entries`` of ``size`` bytes in pages of ``held``, with room for ``spare`` more."""
    pages = -(-(entries + spare) // held)
    factors = ((_rounded(size * held, alignment), "number"), (pages, "page"))
    return Part(slot=slot, what=what, factors=factors, stored=BYTES)


def _rounded(n_bytes: int, alignment: int) -> int:
    return -(-n_bytes // alignment) * alignment
