"""An estimate of a model's parameters from its shape, for configs: they say none.

Embeddings, attention, feed-forward and experts are counted; norms, biases and what is peculiar to
a model are not. A test holds it against every model that transformers builds: within 2 %.
"""

from dataclasses import dataclass

from attention.kv.read.decoder import DecoderFields
from attention.kv.read.defaults import defaults_of
from attention.kv.read.mixture import Mixture
from attention.kv.read.names import NAMES
from attention.kv.shape import Layer, LayerKind
from attention.sentence import Sentence, joined

COUNTED = frozenset(
    (LayerKind.GLOBAL, LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.LATENT, LayerKind.SHARED)
)


@dataclass(frozen=True)
class Estimate:
    """How many parameters, the sum with its numbers, and a sentence that it is an estimate."""

    total: int
    formula: str
    sentence: str


def read_width(fields: DecoderFields) -> int | None:
    """The width of a dense feed-forward."""
    width = fields.size(*NAMES["feed_forward"])
    d_model, factor = fields.size(*NAMES["d_model"]), fields.family.width_factor
    return factor * d_model if width is None and d_model and factor else width


def read_tied(fields: DecoderFields) -> bool | None:
    """Whether the output matrix is that of the input; None where nothing says so."""
    tied, _ = fields.value("tie_word_embeddings")
    return tied if isinstance(tied, bool) else None


def estimate_parameters(
    fields: DecoderFields, layers: tuple[Layer, ...], width: int | None, mixture: Mixture | None
) -> Estimate | None:
    """The estimate; None for models with other parts than the sum knows, or without a width.

    Args:
        width: of a dense feed-forward.
    """
    d_model, vocab = fields.size(*NAMES["d_model"]), fields.size(*NAMES["vocab"])
    if not d_model or not vocab or not width or not _is_plain(fields, layers):
        return None
    copies = 1 if read_tied(fields) else 2
    embeddings = copies * vocab * d_model
    attention = sum(_attention(fields, layer, d_model) for layer in layers)
    matrices = fields.family.matrices
    n_sparse = len(mixture.sparse_layers) if mixture else 0
    dense_width = fields.size("prefix_dense_intermediate_size") or width
    dense = (len(layers) - n_sparse) * matrices * d_model * dense_width
    parts = [
        Sentence(
            "{vocab} vocabulary · {d_model} width · {copies} = {embeddings}",
            vocab=vocab,
            d_model=d_model,
            copies=copies,
            embeddings=embeddings,
        ),
        Sentence("attention {attention}", attention=attention),
        Sentence("feed-forward {dense}", dense=dense),
    ]
    sparse = 0
    if mixture:
        numbers = mixture.n_experts * mixture.width + mixture.shared_width
        sparse = n_sparse * d_model * (matrices * numbers + mixture.n_experts)
        parts.append(
            Sentence(
                "{n_experts} experts in each sparse layer {sparse}",
                n_experts=mixture.n_experts,
                sparse=sparse,
            )
        )
    total = embeddings + attention + dense + sparse
    return Estimate(
        total,
        Sentence("{terms}; together {total}", terms=joined("; ", parts), total=total),
        _sentence(fields, total),
    )


def _sentence(fields: DecoderFields, total: int) -> str:
    trust = (
        Sentence("norms and biases are left out")
        if fields.family.is_summed
        else Sentence("as of a Llama of its size")
    )
    size = (
        Sentence("{total:.2f} billion", total=total / 1000000000.0) if total >= 1e9 else f"{total}"
    )
    matrix = Sentence("that of the input") if read_tied(fields) else Sentence("one of its own")
    why = ""
    if not fields.given("tie_word_embeddings")[0]:
        has_default = fields.value("tie_word_embeddings")[1]
        why = Sentence(", as the default is") if has_default else Sentence(", which no field says")
    beside = Sentence("; what is not its language model is not counted") if fields.path else ""
    return Sentence(
        "Its parameters are an estimate, {size}, from the shape: {trust}; the output matrix is "
        "{matrix}{why}{beside}.",
        size=size,
        trust=trust,
        matrix=matrix,
        why=why,
        beside=beside,
    )


def _is_plain(fields: DecoderFields, layers: tuple[Layer, ...]) -> bool:
    if fields.flag("is_encoder_decoder") or (fields.is_known and not fields.family.is_summed):
        return False
    # A part of a decoder that transformers knows, of which the wrapper has several.
    if not fields.is_known and defaults_of(fields.wrapper) is not None:
        return False
    return all(layer.kind in COUNTED and not layer.states for layer in layers)


def _attention(fields: DecoderFields, layer: Layer, d_model: int) -> int:
    gate = fields.family.gate(fields, layer, d_model) if fields.family.gate else 0
    return _projections(fields, layer, d_model) + _indexer(fields, layer, d_model) + gate


def _indexer(fields: DecoderFields, layer: Layer, d_model: int) -> int:
    """Of DeepSeek-V3.2 (``DeepseekV32Indexer``): queries from q's latent, one key, weights."""
    n_heads = fields.size("index_n_heads") or 0
    rank = fields.size("q_lora_rank") or d_model
    if not layer.indexer_dim or not n_heads:
        return 0
    return layer.indexer_dim * (n_heads * rank + d_model) + n_heads * d_model


def _projections(fields: DecoderFields, layer: Layer, d_model: int) -> int:
    queries = layer.n_heads * layer.k_head_dim
    out = layer.n_heads * layer.v_head_dim * d_model
    if not layer.latent_rank:
        return d_model * (queries + layer.n_kv_heads * (layer.k_head_dim + layer.v_head_dim)) + out
    rank = fields.size("q_lora_rank")
    of_queries = d_model * rank + rank * queries if rank else d_model * queries
    down = d_model * (layer.latent_rank + layer.rope_dim)
    nope = layer.k_head_dim - layer.rope_dim
    return of_queries + down + layer.latent_rank * layer.n_heads * (nope + layer.v_head_dim) + out
