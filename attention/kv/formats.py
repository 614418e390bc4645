"""How numbers of a cache are stored, counted exactly.

A format is a block: so many numbers in so many bytes, scales included. Plain formats are blocks
of one number; llama.cpp's quantised ones are blocks of 32 numbers and a 16-bit scale (``*_1`` two
of them) and are never cut: a head whose numbers do not fill its blocks is refused, as llama.cpp
refuses it.

Sources: block sizes from llama.cpp, ``ggml/src/ggml-common.h`` (``block_q8_0``, ``block_q5_1``,
``block_q5_0``, ``block_q4_1``, ``block_q4_0``, ``block_iq4_nl``); the per-token-and-head scales
and NVFP4's from vLLM, ``vllm/v1/kv_cache_interface.py`` at 001cabc1.
"""

from dataclasses import dataclass
from fractions import Fraction

from attention.errors import HeadcountError
from attention.kv.checks import shortened
from attention.sentence import Quantity, Sentence


class FormatError(HeadcountError):
    """A format that does not exist, or does not fit: one sentence with the value and the fix."""


@dataclass(frozen=True)
class StoredFormat:
    """A number format as it lies in memory.

    Args:
        name: what it is called here.
        numbers, size: numbers of a block, and the bytes that the block takes.
        aliases: other usual names, in lower case.
        head_scale: bytes of a scale beside each token's K (and V) of each head, 0 without.
        payload_only: whether scales that an engine may keep elsewhere are left out.
    """

    name: str
    numbers: int
    size: int
    aliases: tuple[str, ...] = ()
    head_scale: int = 0
    payload_only: bool = False

    @property
    def bytes_per_number(self) -> Fraction:
        """Exactly: q8_0 is 17/16."""
        return Fraction(self.size, self.numbers)

    @property
    def is_blocks(self) -> bool:
        """Whether a row must fill whole blocks, each with a scale of its own."""
        return self.numbers >= 16

    @property
    def text(self) -> str:
        """``"2 bytes (float16)"``, ``"34/32 bytes (q8_0: 34 bytes for 32 numbers)"``."""
        if self.is_blocks:
            blocks = Sentence(
                "{name}: {size} bytes for {numbers} numbers",
                name=self.name,
                size=self.size,
                numbers=self.numbers,
            )
            return Sentence(
                "{size}/{numbers} bytes ({blocks})",
                size=self.size,
                numbers=self.numbers,
                blocks=blocks,
            )
        if self.numbers == 2:
            return Sentence("½ byte ({name})", name=self.name)
        return Sentence("{bytes} ({name})", bytes=Quantity(self.size, "byte"), name=self.name)

    @property
    def notes(self) -> tuple[str, ...]:
        """What counting with it takes for granted, in sentences."""
        if not self.payload_only:
            return ()
        return (
            Sentence(
                "{name} counts the payload only: scales and zero points are excluded.",
                name=self.name,
            ),
        )

    def require_row(self, numbers: int, what: str) -> None:
        """Refuse a row that does not fill whole blocks.

        Args:
            numbers: of the row, ``head_dim`` in most engines.
            what: its name for the error: ``"K's head_dim"``.

        Raises:
            FormatError: naming both, and a format that fits.
        """
        if self.is_blocks and numbers % self.numbers:
            raise FormatError(
                "{name} stores blocks of {numbers} numbers and {what} {numbers_2} does not divide "
                "by that: choose float16.",
                name=self.name,
                numbers=self.numbers,
                what=what,
                numbers_2=numbers,
            )


_FP8 = ("float8", "f8", "e4m3", "e5m2", "fp8_e4m3", "fp8_e5m2", "float8_e4m3", "float8_e5m2")

STORED_FORMATS = (
    StoredFormat("float32", 1, 4, ("fp32", "f32")),
    StoredFormat("float16", 1, 2, ("fp16", "f16", "half", "16-bit")),
    StoredFormat("bfloat16", 1, 2, ("bf16",)),
    StoredFormat("fp8", 1, 1, (*_FP8, "float8_e4m3fn", "fp8_e4m3fn", "8-bit"), payload_only=True),
    StoredFormat("int8", 1, 1, ("i8",), payload_only=True),
    StoredFormat("int4", 2, 1, ("i4", "4-bit"), payload_only=True),
    StoredFormat("q8_0", 32, 34),
    StoredFormat("q5_1", 32, 24),
    StoredFormat("q5_0", 32, 22),
    StoredFormat("q4_1", 32, 20),
    StoredFormat("q4_0", 32, 18),
    StoredFormat("iq4_nl", 32, 18),
    StoredFormat("fp8_per_token_head", 1, 1, head_scale=4),
    StoredFormat("int8_per_token_head", 1, 1, head_scale=4),
    StoredFormat("nvfp4", 16, 9),
)

_BY_NAME = {name: known for known in STORED_FORMATS for name in (known.name, *known.aliases)}


def stored_format(name: object) -> StoredFormat:
    """The format of that name or alias, in upper or lower case, ``torch.`` before it or not.

    Raises:
        FormatError: there is none.
    """
    wanted = name.lower().removeprefix("torch.") if isinstance(name, str) else None
    if wanted in _BY_NAME:
        return _BY_NAME[wanted]
    choices = ", ".join(known.name for known in STORED_FORMATS)
    raise FormatError(
        "number format {name} is unknown: choose {choices}.", name=shortened(name), choices=choices
    )
