"""Which matrices a device has to hold: those of the config, of a file, or of a number alone."""

from dataclasses import replace
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.matrices import OUTPUT, Matrix
from attention.kv.shape import ModelShape
from attention.sentence import Sentence

USUAL_WIDTH = 4096  # of a model that nothing says the width of
CLOSE = Fraction(1, 100)  # of a number that a source rounds, to what is counted


class WeightError(HeadcountError):
    """Weights that cannot be counted: one sentence with what is missing and the fix."""


def matrices_of(shape: ModelShape, mtp: int = 0) -> tuple[tuple[Matrix, ...], bool, list[str]]:
    """Every matrix that is held, whether their number is an estimate, and why, in sentences.

    What a source counts beyond what the config tells of (a vision tower) is taken as one vector,
    which stays at 16 bits.

    Args:
        mtp: layers for further tokens that are held.

    Raises:
        WeightError: neither the parameters are known nor a width to estimate them from.
    """
    if shape.stored:
        return tuple(matrix for matrix, _ in shape.stored), False, []
    held = tuple(matrix for matrix in shape.matrices if not matrix.is_mtp)
    drafts = _first_mtp(shape, mtp)
    counted, given = sum(matrix.numbers for matrix in held), shape.parameters
    is_estimate = shape.parameters_basis == "estimated"
    if given is None:
        total, sentence = _estimate(shape)
        return _coarse(shape, total), True, [sentence]
    if counted and "parameters" not in shape.changed:
        if abs(counted - given) <= CLOSE * given:
            return (*held, *drafts), is_estimate, []
        if given > counted:
            beside = Matrix(name="beside.vectors", rows=given - counted, columns=1)
            return (*held, beside, *drafts), is_estimate, []
    return (*_coarse(shape, given), *drafts), is_estimate, []


def _first_mtp(shape: ModelShape, mtp: int) -> tuple[Matrix, ...]:
    """So many of the layers that predict further tokens."""
    found = [matrix for matrix in shape.matrices if matrix.is_mtp]
    return tuple(replace(m, layers=m.layers[:mtp]) for m in found) if mtp else ()


def _coarse(shape: ModelShape, total: int) -> tuple[Matrix, ...]:
    """A number of parameters as matrices: the vocabulary's and the experts' where they are known,
    the rest as linear layers."""
    d_model, vocab = shape.d_model or 0, shape.vocab or 0
    copies = 1 if shape.is_tied else 2
    found: list[Matrix] = []
    if 0 < 2 * copies * vocab * d_model < total:
        names = ("embed_tokens", OUTPUT)[:copies]
        found = [Matrix(name=name, rows=vocab, columns=d_model) for name in names]
    experts = shape.experts
    used = sum(matrix.numbers for matrix in found)
    if experts and experts.parameters < total - used and d_model:
        found.append(
            Matrix(
                name="mlp.experts.up_proj",
                rows=experts.parameters_each // d_model,
                columns=d_model,
                layers=experts.sparse_layers,
                copies=experts.n_experts,
            )
        )
    rest = total - sum(matrix.numbers for matrix in found)
    layers, columns = tuple(range(shape.n_layers)), d_model or USUAL_WIDTH
    each, left = divmod(rest, shape.n_layers * columns)
    if each:
        found.append(Matrix(name="mlp.up_proj", rows=each, columns=columns, layers=layers))
    if left:
        found.append(Matrix(name="vectors", rows=left, columns=1))
    return tuple(found)


def _estimate(shape: ModelShape) -> tuple[int, str]:
    """Parameters of bare numbers, of whose feed-forward nothing is known.

    A named model is not estimated so: it may be a mixture, and hold ten times as much.
    """
    attention = [layer for layer in shape.layers if layer.n_heads and layer.k_head_dim]
    d_model = shape.d_model
    if d_model is None and attention:
        d_model = attention[0].n_heads * attention[0].k_head_dim
    if shape.model_type or d_model is None:
        raise WeightError(
            "no source says how many parameters {name!r} has, and its type is not one whose sum "
            "is known: give the parameters.",
            name=shape.name,
        )
    total = 8 * d_model**2 * shape.n_layers + 2 * (shape.vocab or 0) * d_model
    for layer in attention:
        v_head_dim = layer.v_head_dim or layer.k_head_dim
        total += d_model * layer.n_heads * (layer.k_head_dim + v_head_dim)
        total += d_model * layer.n_kv_heads * (layer.k_head_dim + layer.v_head_dim)
    vocab = (
        Sentence("2 · {vocab} · {d_model} for the vocabulary", vocab=shape.vocab, d_model=d_model)
        if shape.vocab
        else Sentence("no vocabulary")
    )
    return total, (
        Sentence(
            "Its parameters are an estimate, {total:.2f} billion: attention of its shape, a dense "
            "feed-forward of 8 · {d_model}² in each layer, no experts, {vocab}. Give the "
            "parameters if you know them.",
            total=total / 1000000000.0,
            d_model=d_model,
            vocab=vocab,
        )
    )
