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

from attention.kv.checks import shortened
from attention.kv.fit import dynamic
from attention.kv.fit.held import WeightError, matrices_of
from attention.kv.fit.mixtures import mixed
from attention.kv.fit.named import DEFAULT, NAMES, Named, named_format
from attention.kv.formats import FormatError
from attention.kv.layouts import Layout
from attention.kv.matrices import Matrix
from attention.kv.shape import ModelShape, Stored
from attention.sentence import Quantity, Sentence, joined

__all__ = ["NAMES", "Part", "WeightError", "Weights", "weights_of"]


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
    matrices, is_estimate, notes = matrices_of(shape, mtp)
    notes += _notes(shape, named)
    if named.n_bytes is not None:
        pairs = _of_size(matrices, named.n_bytes)
    elif named.mixture:
        if any(matrix.is_tower for matrix in matrices):
            notes.append(Sentence("The vision tower is a file of its own (mmproj): not counted."))
        held = (matrix for matrix in matrices if not matrix.is_tower)
        pairs = mixed(shape, held, named.mixture, named.large)
        if named.dense:
            pairs, note = _dynamic(pairs, named, is_dense=shape.experts is None)
            notes.append(note)
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


def _dynamic(pairs: Stored, named: Named, *, is_dense: bool) -> tuple[Stored, Sentence]:
    """The matrices of a file that chooses by a rule of its own, and what has to be said of it."""
    thousandths = named.dense if is_dense else 1000
    if thousandths != 1000:
        n_bytes = sum(layout.size_of(matrix) for matrix, layout in pairs) * thousandths / 1000
        pairs = _of_size(tuple(matrix for matrix, _ in pairs), int(n_bytes), named.name)
    return pairs, dynamic.note(named.name, named.mixture, thousandths)


def _of_size(matrices: tuple[Matrix, ...], n_bytes: int, name: str = "") -> Stored:
    """The matrices with as many bits each as makes up a size that was given."""
    numbers = sum(matrix.numbers for matrix in matrices)
    layout = Layout(name=name or Sentence("as given"), bits=Fraction(8 * n_bytes, max(1, numbers)))
    return tuple((matrix, layout) for matrix in matrices)
