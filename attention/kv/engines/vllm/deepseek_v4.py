"""DeepSeek V4 in vLLM: a window, compressed entries, an indexer, and what waits to be compressed.

Read in ``vllm/models/deepseek_v4/attention.py`` and ``compressor.py`` and
``vllm/v1/attention/backends/mla/sparse_swa.py`` of 0.24 and 0.33. Each is a cache of its own, in
the packed layout of FlashMLA (``fp8_ds_mla``): 584 bytes an entry (448 fp8, 64 bfloat16, 8 of
scales), pages rounded up to 576 bytes. The compressors keep float32 key and score of the tokens
that one entry is made of; every fourth-token entry overlaps the one before.
"""

from attention.kv.allocation import AllocationError, Part
from attention.kv.engines.vllm.settings import BLOCK_SIZE
from attention.kv.engines.vllm.spec import Spec, indexer_key
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer, LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

ENTRY = StoredFormat("fp8_ds_mla", 1, 584)
ALIGNMENT = 576
BLOCK, WINDOW_BLOCK = 256, 64
COMPRESSOR_BLOCKS = {4: 4, 128: 8}  # tokens of a block, by tokens of an entry
OVERLAPPING = 4


def is_compressed(shape: ModelShape) -> bool:
    """Whether the model keeps compressed entries; its plain windows are then stored alike."""
    return LayerKind.COMPRESSED in shape.kinds


def specs_of(layer: Layer, workload: Workload) -> list[Spec]:
    """What a layer asks, with or without compressed entries.

    Raises:
        AllocationError: entries of a number of tokens that vLLM does not have.
    """
    entry = Part(slot="k", what="K", factors=((1, "entry"),), stored=ENTRY)
    found = [_padded(Spec("window", WINDOW_BLOCK, (entry,), window=layer.window or 0))]
    if not layer.compress:
        return found
    if layer.compress not in COMPRESSOR_BLOCKS:
        raise AllocationError(
            "vLLM compresses 4 or 128 tokens into an entry, not {compress}: choose the engine "
            "logical.",
            compress=layer.compress,
        )
    block = workload[BLOCK_SIZE] or BLOCK
    kept = Part(slot="k", what="compressed K", factors=((1, "entry"),), stored=ENTRY)
    found += [
        _padded(Spec("full", block, (kept,), ratio=layer.compress)),
        _compressor(layer.compress, layer.k_head_dim),
    ]
    if layer.indexer_dim:
        found += [
            _padded(Spec("full", block, (indexer_key(layer),), ratio=layer.indexer_compress)),
            _compressor(layer.compress, layer.indexer_dim),
        ]
    return found


def _compressor(ratio: int, dim: int) -> Spec:
    series = 1 + (ratio == OVERLAPPING)
    waiting = Part(
        slot="state",
        what="compressor",
        factors=((2 * series * dim, "compressor number"),),
        stored=stored_format("float32"),
    )
    return _padded(Spec("window", COMPRESSOR_BLOCKS[ratio], (waiting,), window=series * ratio))


def _padded(spec: Spec) -> Spec:
    return spec.padded_to(-(-spec.page // ALIGNMENT) * ALIGNMENT)
