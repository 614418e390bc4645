"""A model's parameters, counted from its config, which says none: the sum of its matrices.

Biases and what is peculiar to a model are left out. A test holds it against every model that
transformers builds: within 2 %.
"""

from collections import Counter
from dataclasses import dataclass

from attention.kv.matrices import OUTPUT, Matrix
from attention.kv.read.decoder import DecoderFields
from attention.kv.read.defaults import defaults_of
from attention.kv.read.matrices import read_matrices
from attention.kv.read.mixture import Mixture
from attention.kv.read.names import NAMES
from attention.kv.shape import Layer, LayerKind
from attention.sentence import Sentence, joined

COUNTED = frozenset(
    (LayerKind.GLOBAL, LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.LATENT, LayerKind.SHARED)
)


@dataclass(frozen=True)
class Estimate:
    """The matrices, how many parameters, the sum, and a sentence that it is an estimate."""

    matrices: tuple[Matrix, ...]
    total: int
    formula: str
    sentence: str


def read_width(fields: DecoderFields) -> int | None:
    """The width of a dense feed-forward."""
    width = fields.size(*NAMES["feed_forward"]) or _same(fields.value(*NAMES["feed_forward"])[0])
    d_model, factor = fields.size(*NAMES["d_model"]), fields.family.width_factor
    return factor * d_model if width is None and d_model and factor else width


def _same(listed: object) -> int | None:
    """A number that a list has for every layer (Gemma 3n); None where layers differ."""
    if not isinstance(listed, list | tuple) or not listed:
        return None
    first = listed[0]
    is_width = isinstance(first, int) and not isinstance(first, bool) and first > 0
    return first if is_width and all(width == first for width in listed) else None


def read_tied(fields: DecoderFields) -> bool | None:
    """Whether the output matrix is that of the input; None where nothing says so."""
    tied, _ = fields.value("tie_word_embeddings")
    return tied if isinstance(tied, bool) else None


def estimate_parameters(
    fields: DecoderFields,
    layers: tuple[Layer, ...],
    types: list[str],
    width: int | None,
    mixture: Mixture | None,
) -> Estimate | None:
    """The estimate; None for models with other parts than the sum knows, or without a width.

    Args:
        types: of the layers, in transformers' words.
        width: of a dense feed-forward.
    """
    d_model, vocab = fields.size(*NAMES["d_model"]), fields.size(*NAMES["vocab"])
    n_sparse = len(mixture.sparse_layers) if mixture else 0
    if not d_model or not vocab or not _is_plain(fields, layers):
        return None
    if not width and n_sparse < len(layers):
        return None
    matrices = read_matrices(fields, layers, types, width, mixture, is_tied=bool(read_tied(fields)))
    total = sum(matrix.numbers for matrix in matrices if not matrix.is_mtp)
    return Estimate(
        matrices,
        total,
        Sentence("{terms}; together {total}", terms=_terms(matrices, mixture), total=total),
        _sentence(fields, total),
    )


def _terms(matrices: tuple[Matrix, ...], mixture: Mixture | None) -> Sentence:
    """The sum by what the matrices are for."""
    sums: Counter[str] = Counter()
    for matrix in matrices:
        if not matrix.is_mtp:
            sums[_part(matrix)] += matrix.numbers
    table = next(matrix for matrix in matrices if matrix.name == "embed_tokens")
    parts = [
        Sentence(
            "{vocab} vocabulary · {d_model} width · {copies} = {embeddings}",
            vocab=table.rows,
            d_model=table.columns,
            copies=sum(m.name in ("embed_tokens", OUTPUT) for m in matrices),
            embeddings=sums["embeddings"],
        ),
        Sentence("attention {attention}", attention=sums["attention"]),
        Sentence("feed-forward {dense}", dense=sums["dense"]),
    ]
    if mixture:
        parts.append(
            Sentence(
                "{n_experts} experts in each sparse layer {sparse}",
                n_experts=mixture.n_experts,
                sparse=sums["experts"],
            )
        )
    if sums["rest"]:
        parts.append(Sentence("norms and other parts {rest}", rest=sums["rest"]))
    return joined("; ", parts)


def _part(matrix: Matrix) -> str:
    if matrix.name in ("embed_tokens", OUTPUT):
        return "embeddings"
    if matrix.name.startswith(("self_attn.", "linear_attn.", "mixer.")):
        return "attention"
    if "expert" in matrix.name or matrix.is_router:
        return "experts"
    return "dense" if matrix.name.startswith("mlp.") else "rest"


def _sentence(fields: DecoderFields, total: int) -> str:
    trust = (
        Sentence("biases are left out")
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
    has_mixers = fields.family.weights is not None and fields.is_known
    return has_mixers or all(layer.kind in COUNTED and not layer.states for layer in layers)
