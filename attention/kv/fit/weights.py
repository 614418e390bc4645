"""Bytes of a model's weights: every matrix in the format that it is stored in.

    bytes = Σ over matrices: numbers · bits / 8 + scales

The checkpoint's own format is what is taken where nothing else is asked: what a file's header or
a config's ``quantization_config`` says, else 16 bits. Any other name is a way that checkpoints are
usually made (``formats`` of ``named.py``), a mixture of llama.cpp (``mixtures.py``), or a size.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.checks import shortened
from attention.kv.fit.mixtures import mixed
from attention.kv.fit.named import DEFAULT, NAMES, Named, named_format
from attention.kv.formats import FormatError
from attention.kv.layouts import Layout
from attention.kv.matrices import OUTPUT, Matrix
from attention.kv.shape import ModelShape, Stored
from attention.sentence import Quantity, Sentence, joined

__all__ = ["NAMES", "Part", "WeightError", "Weights", "weights_of"]
USUAL_WIDTH = 4096  # of a model that nothing says the width of
CLOSE = Fraction(1, 100)  # of a number that a source rounds, to what is counted


class WeightError(HeadcountError):
    """Weights that cannot be counted: one sentence with what is missing and the fix."""


@dataclass(frozen=True)
class Part:
    """Equal matrices, and how they are stored."""

    matrix: Matrix
    layout: Layout

    @property
    def size(self) -> Fraction:
        """Bytes, of which there may be parts: a size that was given is divided evenly."""
        return self.layout.size_of(self.matrix)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A model's weights.

    Args:
        parts: every matrix with its layout.
        is_estimate: whether the parameters come from the shape alone, and no source says them.
        name: of the format as a whole.
        assumptions: what was taken for granted, in sentences.
    """

    parts: tuple[Part, ...]
    is_estimate: bool
    name: str
    assumptions: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        return sum(part.matrix.numbers for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Of all of them, whole bytes."""
        return math.ceil(sum(part.size for part in self.parts))

    @property
    def bits(self) -> float:
        """Of a parameter, on average."""
        return 8 * self.n_bytes / max(1, self.parameters)

    @property
    def text(self) -> str:
        """The sum with its numbers: ``"8030261248 parameters · 16 bits (bfloat16) = …"``."""
        sums: Counter[Layout] = Counter()
        for part in self.parts:
            sums[part.layout] += part.matrix.numbers
        terms = [_term(layout, numbers, self.is_estimate) for layout, numbers in sums.items()]
        product = joined(" + ", terms)
        return joined(" = ", (product, Quantity(self.n_bytes, "byte")))


def _term(layout: Layout, numbers: int, is_estimate: bool) -> Sentence:
    parameters: Sentence = Quantity(numbers, "parameter")
    if is_estimate:
        parameters = Sentence("about {parameters}", parameters=parameters)
    return joined(" · ", (parameters, layout.text))


def weights_of(shape: ModelShape, number_format: str | None = None, *, mtp: int = 0) -> Weights:
    """The model's weights in ``number_format``; left out, as its checkpoint stores them.

    Experts of a mixture are all counted: they are all held.

    Args:
        number_format: a name of :data:`NAMES`, any other way that files are called after
            (``"UD-Q4_K_XL"``, ``"4.5 bpw"``), or a size (``"65.2 GB"``).
        mtp: layers for further tokens that are held, of those that the model has.

    Raises:
        FormatError: an unknown format.
        WeightError: neither the parameters are known nor a width to estimate them from.
    """
    wanted = number_format.strip() if isinstance(number_format, str) else number_format
    if not wanted and shape.stored:
        return _of_file(shape)
    named = _own(shape) if not wanted else named_format(wanted)
    matrices, is_estimate, notes = _matrices(shape, mtp)
    notes += _notes(shape, named)
    if named.n_bytes is not None:
        pairs = _of_size(matrices, named.n_bytes)
    elif named.mixture:
        pairs = mixed(shape, matrices, named.mixture, named.large)
    else:
        pairs = _published(shape, wanted) or named.checkpoint.stores(matrices)
    return Weights(
        parts=_parts(pairs), is_estimate=is_estimate, name=named.name, assumptions=tuple(notes)
    )


def _parts(pairs: Iterable[tuple[Matrix, Layout]]) -> tuple[Part, ...]:
    return tuple(Part(matrix, layout) for matrix, layout in pairs)


def _of_file(shape: ModelShape) -> Weights:
    notes = [_changed_note()] if _is_changed(shape) else []
    name = shape.number_format or DEFAULT
    return Weights(
        parts=_parts(shape.stored), is_estimate=False, name=name, assumptions=tuple(notes)
    )


def _own(shape: ModelShape) -> Named:
    """The checkpoint's own format."""
    if shape.checkpoint is not None:
        note = shape.checkpoint.note or Sentence(
            "The weights are stored as the model's own config says: {name}.",
            name=shape.checkpoint.name,
        )
        return Named(name=shape.checkpoint.name, checkpoint=shape.checkpoint, note=note)
    name = shape.number_format
    if name is None:
        note = Sentence("No source says the weights' format: {default} is taken.", default=DEFAULT)
        return replace(named_format(DEFAULT), note=note)
    try:
        return named_format(name)
    except FormatError:
        note = Sentence(
            "The weights are taken as {default}, not {number_format}.",
            default=DEFAULT,
            number_format=shortened(name),
        )
        return replace(named_format(DEFAULT), note=note)


def _published(shape: ModelShape, wanted: object) -> Stored:
    """The makers' own checkpoint of that name, where it is made in another way than usual."""
    is_whole = "parameters" not in shape.changed
    found = dict(shape.published) if is_whole and isinstance(wanted, str) else {}
    return found.get(str(wanted).lower(), ())


def _notes(shape: ModelShape, named: Named) -> list[str]:
    notes = [named.note] if named.note else []
    if _is_changed(shape):
        notes.append(_changed_note())
    return notes


def _changed_note() -> Sentence:
    return Sentence("The parameters are those of the model as it was, before changes by hand.")


def _is_changed(shape: ModelShape) -> bool:
    """Whether numbers were set by hand that would change the parameters, and those were not."""
    sizes = {"n_layers", "n_heads", "n_kv_heads", "head_dim", "v_head_dim", "d_model", "vocab"}
    is_named = bool(shape.model_type)  # bare numbers are all given by hand
    has_own = shape.parameters is not None and "parameters" not in shape.changed
    return is_named and bool(shape.changed & sizes) and has_own


def _of_size(matrices: tuple[Matrix, ...], n_bytes: int) -> tuple[tuple[Matrix, Layout], ...]:
    """The matrices with as many bits each as makes up a size that was given."""
    numbers = sum(matrix.numbers for matrix in matrices)
    layout = Layout(name=Sentence("as given"), bits=Fraction(8 * n_bytes, max(1, numbers)))
    return tuple((matrix, layout) for matrix in matrices)


def _matrices(shape: ModelShape, mtp: int) -> tuple[tuple[Matrix, ...], bool, list[str]]:
    """What there is to store, whether it is an estimate, and why.

    What a source counts beyond what the config tells of (a vision tower) stays at 16 bits.
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
