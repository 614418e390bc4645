"""Bytes of a model's weights, from how many there are and how they are stored.

A number format is a block, as in ``formats.py``; weights have more of them. Files that mix formats
(llama.cpp's ``Q4_K_M``) have no exact size for a shape: for those, the average is the one that
llama.cpp measured on Llama-3.1-8B, and the answer says so.

Sources: block sizes from ``gguf/constants.py`` of gguf 0.19.0 (``GGML_QUANT_SIZES``); averages
from llama.cpp, ``tools/quantize/README.md`` at 311c2c9f; the groups of AWQ and GPTQ from Lin et
al. 2023, arXiv 2306.00978, and Frantar et al. 2022, arXiv 2210.17323.
"""

from dataclasses import dataclass
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.checks import shortened
from attention.kv.formats import FormatError, StoredFormat, stored_format
from attention.kv.shape import ModelShape
from attention.sentence import Quantity, Sentence, joined

BLOCKS = (
    StoredFormat("q2_k", 256, 84),
    StoredFormat("q3_k", 256, 110),
    StoredFormat("q4_k", 256, 144),
    StoredFormat("q5_k", 256, 176),
    StoredFormat("q6_k", 256, 210),
    StoredFormat("iq4_xs", 256, 136),
    StoredFormat("mxfp4", 32, 17),
    # 128 numbers of 4 bits, a 16-bit scale and a 4-bit zero point: 532 bits.
    StoredFormat("awq", 256, 133, ("gptq", "int4_g128", "w4a16")),
)
# Bits for a weight, in ten-thousandths: the whole file over its weights.
MEASURED = {
    "q2_k_s": 29697, "q3_k_s": 36429, "q3_k_l": 42979, "q4_k_s": 46672, "q4_k_m": 48944,
    "q5_k_s": 55704, "q5_k_m": 57036,
}  # fmt: skip
NAMES = (
    "float32", "bfloat16", "float16", "fp8", "int8", "q8_0", "q6_k", "q5_k_m", "q5_k", "q4_k_m",
    "q4_k", "q4_0", "iq4_xs", "awq", "nvfp4", "mxfp4", "int4", "q3_k", "q2_k",
)  # fmt: skip
DEFAULT = "bfloat16"
_BY_NAME = {name: known for known in BLOCKS for name in (known.name, *known.aliases)}


class WeightError(HeadcountError):
    """Weights that cannot be counted: one sentence with what is missing and the fix."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A model's weights.

    Args:
        parameters: how many numbers.
        is_estimate: whether ``parameters`` comes from the shape alone, and no source says it.
        stored: the format they are stored in.
        assumptions: what was taken for granted, in sentences.
    """

    parameters: int
    is_estimate: bool
    stored: StoredFormat
    assumptions: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Bytes of all of them, whole bytes."""
        return self.bytes_of(self.parameters)

    @property
    def text(self) -> str:
        """The product with its numbers: ``"8030261248 parameters · 2 bytes (bfloat16) = …"``."""
        parameters: Sentence = Quantity(self.parameters, "parameter")
        if self.is_estimate:
            parameters = Sentence("about {parameters}", parameters=parameters)
        product = joined(" · ", (parameters, self.stored.text))
        return joined(" = ", (product, Quantity(self.n_bytes, "byte")))

    def bytes_of(self, parameters: int) -> int:
        """Bytes of so many of them, rounded up to a whole byte."""
        size = parameters * self.stored.bytes_per_number
        return -(-size.numerator // size.denominator)


def weights_of(shape: ModelShape, number_format: str | None = None) -> Weights:
    """The model's weights in ``number_format``; left out, the model's own, else bfloat16.

    Experts of a mixture are all counted: they are all held.

    Raises:
        FormatError: an unknown format.
        WeightError: neither the parameters are known nor a width to estimate them from.
    """
    notes: list[str] = []
    if number_format is None:
        number_format = shape.number_format or DEFAULT
        if not _is_known(number_format):
            notes.append(
                Sentence(
                    "The weights are taken as {default}, not {number_format}.",
                    default=DEFAULT,
                    number_format=shortened(number_format),
                )
            )
            number_format = DEFAULT
        elif shape.number_format is None:
            notes.append(
                Sentence("No source says the weights' format: {default} is taken.", default=DEFAULT)
            )
    stored = weight_format(number_format)
    notes += _format_notes(number_format, stored)
    if shape.parameters is not None and _is_changed(shape):
        notes.append(
            Sentence("The parameters are those of the model as it was, before changes by hand.")
        )
    if shape.parameters is not None:
        return Weights(
            parameters=shape.parameters,
            is_estimate=shape.parameters_basis == "estimated",
            stored=stored,
            assumptions=tuple(notes),
        )
    parameters, sentence = _estimate(shape)
    return Weights(
        parameters=parameters, is_estimate=True, stored=stored, assumptions=(sentence, *notes)
    )


def weight_format(name: object) -> StoredFormat:
    """The format of that name: any of the cache's, k-quants, AWQ, or a measured average.

    Raises:
        FormatError: there is none.
    """
    plain = name.lower().removeprefix("torch.") if isinstance(name, str) else None
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if plain in MEASURED:
        bits = Fraction(MEASURED[plain], 10_000)
        return StoredFormat(
            Sentence("{plain}, measured", plain=plain), bits.denominator * 8, bits.numerator
        )
    try:
        return stored_format(name)
    except FormatError:
        raise FormatError(
            "weight format {name} is unknown: choose {choices}.",
            name=shortened(name),
            choices=", ".join(NAMES),
        ) from None


def _is_known(name: str) -> bool:
    try:
        weight_format(name)
    except FormatError:
        return False
    return True


def _format_notes(name: str, stored: StoredFormat) -> tuple[str, ...]:
    plain = name.lower()
    if plain in MEASURED:
        bits = MEASURED[plain] / 10_000
        return (
            Sentence(
                "{upper} mixes formats: {bits} bits a weight is what llama.cpp measured on "
                "Llama-3.1-8B; other models differ by a few percent.",
                upper=plain.upper(),
                bits=bits,
            ),
        )
    if stored.name == "awq":
        return (
            Sentence(
                "4-bit weights in groups of 128, each with a 16-bit scale and a 4-bit zero point; "
                "every weight is counted so, though embeddings usually stay at 16 bits."
            ),
        )
    if stored.is_blocks:
        return (
            Sentence(
                "Every weight is counted as {name}; files keep some in other formats.",
                name=stored.name,
            ),
        )
    return stored.notes


def _is_changed(shape: ModelShape) -> bool:
    """Whether numbers were set by hand that would change the parameters, and those were not."""
    sizes = {"n_layers", "n_heads", "n_kv_heads", "head_dim", "v_head_dim", "d_model", "vocab"}
    is_named = bool(shape.model_type)  # bare numbers are all given by hand
    return is_named and bool(shape.changed & sizes) and "parameters" not in shape.changed


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
