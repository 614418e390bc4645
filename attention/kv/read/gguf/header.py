"""The header of a GGUF file: its metadata and the sizes of its tensors, never their numbers.

Format: ``ggml/docs/gguf.md``, versions 2 and 3. Everything is counted against the length of the
file, so a header that lies about its lengths is refused before anything of that size is made.

Lists of texts, and lists of more than ``LONGEST_LIST`` numbers, are counted and not kept: they are
a tokenizer's. A header may come without what is in them, *cut*: the page's browser sends it so,
tens of kilobytes instead of the eight million bytes of a vocabulary.
"""

import math
import mmap
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attention.kv.checks import ShapeError, shortened

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_KEYS = 65_536
MOST_TENSORS = 262_144
MOST_COUNTED = 4_000_000  # texts in a list; the largest vocabularies have a tenth of it
LONGEST_KEY = 65_535
LONGEST_TEXT = 4096  # characters kept of a string; templates and the like are cut
LONGEST_LIST = 8192  # numbers kept of an array; vocabularies are counted only
SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
STRING, ARRAY = 8, 9
# ggml.h, enum ggml_type: names of the formats of tensors.
TENSOR_TYPES = {
    0: "f32",
    1: "f16",
    2: "q4_0",
    3: "q4_1",
    6: "q5_0",
    7: "q5_1",
    8: "q8_0",
    10: "q2_k",
    11: "q3_k",
    12: "q4_k",
    13: "q5_k",
    14: "q6_k",
    16: "iq2_xxs",
    17: "iq2_xs",
    18: "iq3_xxs",
    19: "iq1_s",
    20: "iq4_nl",
    21: "iq3_s",
    22: "iq2_s",
    23: "iq4_xs",
    29: "iq1_m",
    30: "bf16",
    34: "tq1_0",
    35: "tq2_0",
    39: "mxfp4",
}


@dataclass(frozen=True)
class Counted:
    """An array that was counted, but not kept."""

    length: int


@dataclass
class Header:
    """What stands before the tensors' numbers.

    Args:
        metadata: key -> number, text, list of numbers, or :class:`Counted`.
        parameters: numbers in all tensors of this file.
        tensor_formats: format -> numbers stored in it.
        tensors: of each its name, its sizes (columns first), and its format.
    """

    version: int
    metadata: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
    tensor_formats: Counter[str] = field(default_factory=Counter)
    tensors: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)


def read_header(path: str | Path) -> Header:
    """Read the header of a GGUF file, of either byte order.

    Raises:
        ShapeError: no such file, no GGUF, an old or unknown version, or a header that does not
            hold what it says.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            _require_magic(file.read(4), path.name)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
    except (OSError, ValueError) as error:
        if isinstance(error, ShapeError):
            raise
        raise ShapeError("{path} cannot be read.", path=shortened(str(path))) from error


def parse_cut_header(data: bytes, name: str) -> Header:
    """Read a header whose counted lists are left out, each right behind its length.

    Args:
        name: of the file that it was cut from.

    Raises:
        ShapeError: as :func:`read_header`.
    """
    _require_magic(data[:4], name)
    return _Reader(data, is_cut=True).header()


def _require_magic(begin: bytes, name: str) -> None:
    if begin != MAGIC:
        raise ShapeError("{name} is no GGUF file: it does not begin so.", name=shortened(name))


class _Reader:
    """A position in the file's bytes, and the byte order that they are written in."""

    def __init__(self, data: bytes | mmap.mmap, *, is_cut: bool = False) -> None:
        self.data, self.is_cut, self.at, self.order = data, is_cut, 4, "<"

    def header(self) -> Header:
        header = Header(self._version())
        n_tensors = self._count("tensors", MOST_TENSORS)
        n_keys = self._count("metadata entries", MOST_KEYS)
        for _ in range(n_keys):
            key = self._text("a key", LONGEST_KEY)
            value = self._value(self._number("I"), key)
            if key in header.metadata:
                raise ShapeError("the GGUF header has the key {key} twice.", key=shortened(key))
            header.metadata[key] = value
        for _ in range(n_tensors):
            self._tensor(header)
        return header

    def _version(self) -> int:
        raw = self._take(4)
        for self.order in "<>":
            version = struct.unpack(f"{self.order}I", raw)[0]
            if version in VERSIONS:
                return version
        little = struct.unpack("<I", raw)[0]
        raise ShapeError("GGUF version {little} cannot be read: 2 and 3 are known.", little=little)

    def _take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise ShapeError("the GGUF file ends inside its header: it is cut short or damaged.")
        self.at += size
        return self.data[self.at - size : self.at]

    def _number(self, kind: str) -> Any:
        packed = struct.Struct(f"{self.order}{kind}")
        return packed.unpack(self._take(packed.size))[0]

    def _count(self, what: str, most: int) -> int:
        count = self._number("Q")
        if count > most:
            raise ShapeError(
                "the GGUF header claims {count} {what}, more than {most}.",
                count=count,
                what=what,
                most=most,
            )
        return count

    def _text(self, what: str, most: int | None = None) -> str:
        length = self._number("Q")
        if most is not None and length > most:
            raise ShapeError(
                "the GGUF header has {what} of {length} bytes, more than {most}.",
                what=what,
                length=length,
                most=most,
            )
        return self._take(length)[: most or LONGEST_TEXT].decode("utf-8", "replace")

    def _value(self, kind: int, key: str) -> Any:
        if kind == STRING:
            return self._text(key)
        if kind == ARRAY:
            return self._array(key)
        if kind not in SCALARS:
            raise ShapeError(
                "the GGUF header gives {key} the unknown type {kind}.",
                key=shortened(key),
                kind=kind,
            )
        return self._number(SCALARS[kind])

    def _array(self, key: str) -> Any:
        kind, length = self._number("I"), self._number("Q")
        if kind != STRING and kind not in SCALARS:
            raise ShapeError(
                "the GGUF header gives {key} the unknown type {kind}.",
                key=shortened(key),
                kind=kind,
            )
        if kind == STRING or length > LONGEST_LIST:
            self._skip_list(kind, length)
            return Counted(length)
        packed = struct.Struct(f"{self.order}{length}{SCALARS[kind]}")
        return list(packed.unpack(self._take(packed.size)))

    def _skip_list(self, kind: int, length: int) -> None:
        if length > MOST_COUNTED and (kind == STRING or self.is_cut):
            what = "texts" if kind == STRING else "numbers"
            raise ShapeError(
                "the GGUF header claims {length} {what} in a list: {most_counted} at most.",
                length=length,
                what=what,
                most_counted=MOST_COUNTED,
            )
        if self.is_cut:
            return
        if kind == STRING:
            self._skip_texts(length)
        else:
            self._skip(length * struct.calcsize(f"{self.order}{SCALARS[kind]}"))

    def _skip(self, size: int) -> None:
        if size > len(self.data) - self.at:
            raise ShapeError("the GGUF file ends inside its header: it is cut short or damaged.")
        self.at += size

    def _skip_texts(self, length: int) -> None:
        # A vocabulary has hundreds of thousands: no call for each.
        unpack, data, at = struct.Struct(f"{self.order}Q").unpack_from, self.data, self.at
        if length * 8 > len(data) - at:
            raise ShapeError("the GGUF file ends inside its header: it is cut short or damaged.")
        last = len(data) - 8
        for _ in range(length):
            if at > last:
                break
            at += 8 + unpack(data, at)[0]
        self.at = min(at, len(data) + 1)
        self._skip(0)

    def _tensor(self, header: Header) -> None:
        name = self._text("a tensor's name", LONGEST_KEY)
        n_dims = self._number("I")
        if n_dims > 4:
            raise ShapeError(
                "the GGUF header has a tensor of {n_dims} axes, more than 4.", n_dims=n_dims
            )
        sizes = tuple(self._number("Q") for _ in range(n_dims))
        numbers = math.prod(sizes)
        kind = self._number("I")
        self._number("Q")  # where its numbers lie
        if numbers > 2**48:
            raise ShapeError(
                "the GGUF header has a tensor of {numbers} numbers, more than 2^48.",
                numbers=numbers,
            )
        stored = TENSOR_TYPES.get(kind, f"type {kind}")
        header.parameters += numbers
        header.tensor_formats[stored] += numbers
        header.tensors.append((name, sizes, stored))
