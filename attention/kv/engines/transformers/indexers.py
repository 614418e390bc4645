"""What transformers keeps of an indexer's keys, where that is not one key in K's format.

Read in ``models/*/modeling_*.py`` of version 5.24.0:

- GLM-5.3-Flash (``Glm5NextTextIndexer``) pools keys as it reads them, and keeps of every token its
  key, its gate and whether it is padding: 2 · index_head_dim + 1 numbers.
- Qwen4 (``Qwen4ExpTextIndexer``) pools as it reads too, and keeps every token's key.
- dots3.note turns its indexer's keys with sines and cosines of float32, which makes them float32.
"""

from fractions import Fraction

from attention.kv.allocation import Part
from attention.kv.engines import parts
from attention.kv.formats import StoredFormat, stored_format
from attention.kv.layer import Layer
from attention.kv.workload import Workload

WITH_GATE = ("glm5_next_text",)
IN_FLOAT32 = ("dots3_note_text",)


def indexer(layer: Layer, workload: Workload, model_type: str) -> list[Part]:
    """The indexer's keys of all sequences."""
    stored = _format(workload, model_type)
    if layer.compress or layer.indexer_compress == 1:
        entries = parts.entry_factors(workload, layer.indexer_compress)
        return parts.indexer(layer, stored, entries)
    size = (_row(layer, model_type), "indexer number")
    return [
        Part(
            slot="other",
            what="indexer",
            factors=(size, (workload.context, "token"), (workload.batch, "sequence")),
            stored=stored,
        )
    ]


def token_bytes(layer: Layer, workload: Workload, model_type: str) -> Fraction:
    """Bytes that the next token adds to them, on average."""
    stored = _format(workload, model_type)
    if layer.compress or layer.indexer_compress == 1:
        keys = parts.indexer(layer, stored, ())
        return sum((key.n_bytes for key in keys), Fraction()) / layer.indexer_compress
    return _row(layer, model_type) * stored.bytes_per_number


def _row(layer: Layer, model_type: str) -> int:
    return 2 * layer.indexer_dim + 1 if model_type in WITH_GATE else layer.indexer_dim


def _format(workload: Workload, model_type: str) -> StoredFormat:
    return stored_format("float32") if model_type in IN_FLOAT32 else workload.k
