"""Tokens as something that can be read."""

import unicodedata
from collections.abc import Iterator, Sequence

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_WHITE_SPACE = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_HIDDEN = [byte for byte in range(256) if byte not in _PRINTABLE]
# The sign that GPT-2 writes for each byte, and so do tokenizers over bytes, read backwards.
BYTE_OF_SIGN = {chr(b): b for b in _PRINTABLE} | {chr(256 + n): b for n, b in enumerate(_HIDDEN)}


def piece_bytes(piece: str) -> bytes:
    """The bytes of a token over bytes, as the vocabulary writes it."""
    return bytes(BYTE_OF_SIGN[sign] for sign in piece)


def readable_parts(parts: Sequence[bytes]) -> list[str]:
    """One readable string for each part of a text in UTF-8.

    A word is shown without the space before it, white space by a sign. Where a character is cut
    into bytes, each part shows that character and which piece of it this is: 🙂₁ 🙂₂ 🙂₃ 🙂₄. A
    byte that belongs to no character is shown by its value, ⟨E0⟩.
    """
    whole = b"".join(parts)
    starts = dict(_characters(whole))
    begin_of = {at: start for start, stop in starts.items() for at in range(start, stop)}
    shown: list[str] = []
    seen: dict[int, int] = {}
    start = 0
    for part in parts:
        end = start + len(part)
        first = begin_of.get(start, start)
        last = end if end in starts or end == len(whole) else starts[begin_of[end]]
        text = label(_decode(whole[first:last]))
        if (first, last) != (start, end):  # a piece of a character
            cut = first if first != start else begin_of[end]  # " न" may begin with whole ones
            seen[cut] = seen.get(cut, 0) + 1
            text += str(seen[cut]).translate(_SUBSCRIPTS)
        shown.append(text)
        start = end
    return shown


def label(text: str) -> str:
    """A text as tokens show it: no space before or behind, white space and controls as signs."""
    return "".join(_WHITE_SPACE.get(sign) or _visible(sign) for sign in text.strip(" ") or text)


def _visible(sign: str) -> str:
    """Control characters by their code: ⟨1B⟩ for ESC."""
    return f"⟨{ord(sign):02X}⟩" if unicodedata.category(sign) == "Cc" else sign


def _characters(whole: bytes) -> Iterator[tuple[int, int]]:
    """(start, stop) of each character; a byte that begins none is one by itself."""
    at = 0
    while at < len(whole):
        length = next((n for n in range(1, 5) if _is_character(whole[at : at + n])), 1)
        yield at, at + length
        at += length


def _is_character(part: bytes) -> bool:
    try:
        return len(part.decode()) == 1
    except UnicodeDecodeError:
        return False


def _decode(part: bytes) -> str:
    text = part.decode(errors="surrogateescape")
    return "".join(f"⟨{ord(s) - 0xDC00:02X}⟩" if "\udc80" <= s <= "\udcff" else s for s in text)
