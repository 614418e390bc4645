"""The values of a GGUF file, one after another: numbers, texts and lists, of either byte order.

Lists of texts, and lists of more than ``LONGEST_LIST`` numbers, are counted and not kept: they are
a tokenizer's.
"""

import mmap
import struct
from dataclasses import dataclass
from typing import Any

from attention.kv.checks import ShapeError, shortened

VERSIONS = (2, 3)
MOST_COUNTED = 4_000_000  # texts in a list; the largest vocabularies have a tenth of it
LONGEST_TEXT = 4096  # characters kept of a string; templates and the like are cut
LONGEST_LIST = 8192  # numbers kept of an array; vocabularies are counted only
# ggml/docs/gguf.md, gguf_metadata_value_type, as struct calls them.
SCALARS = {
    0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
}  # fmt: skip
STRING, ARRAY = 8, 9


@dataclass(frozen=True)
class Counted:
    """An array that was counted, but not kept."""

    length: int


class Values:
    """A position in the file's bytes, and the byte order that they are written in."""

    def __init__(self, data: bytes | mmap.mmap, *, is_cut: bool = False) -> None:
        self.data, self.is_cut, self.at, self.order = data, is_cut, 4, "<"

    def version(self) -> int:
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

    def number(self, kind: str) -> Any:
        packed = struct.Struct(f"{self.order}{kind}")
        return packed.unpack(self._take(packed.size))[0]

    def count(self, what: str, most: int) -> int:
        count = self.number("Q")
        if count > most:
            raise ShapeError(
                "the GGUF header claims {count} {what}, more than {most}.",
                count=count,
                what=what,
                most=most,
            )
        return count

    def text(self, what: str, most: int | None = None) -> str:
        length = self.number("Q")
        if most is not None and length > most:
            raise ShapeError(
                "the GGUF header has {what} of {length} bytes, more than {most}.",
                what=what,
                length=length,
                most=most,
            )
        return self._take(length)[: most or LONGEST_TEXT].decode("utf-8", "replace")

    def value(self, kind: int, key: str) -> Any:
        if kind == STRING:
            return self.text(key)
        if kind == ARRAY:
            return self._array(key)
        if kind not in SCALARS:
            raise ShapeError(
                "the GGUF header gives {key} the unknown type {kind}.",
                key=shortened(key),
                kind=kind,
            )
        return self.number(SCALARS[kind])

    def _array(self, key: str) -> Any:
        kind, length = self.number("I"), self.number("Q")
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
