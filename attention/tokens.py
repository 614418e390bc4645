"""Tokens of byte-level BPE as something that can be read."""

import unicodedata
from collections.abc import Sequence

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_WHITE_SPACE = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_HIDDEN = [byte for byte in range(256) if byte not in _PRINTABLE]
# The sign that byte-level BPE writes for each byte (as GPT-2 does), read backwards.
BYTE_OF_SIGN = {chr(b): b for b in _PRINTABLE} | {chr(256 + n): b for n, b in enumerate(_HIDDEN)}


def readable(pieces: Sequence[str]) -> list[str]:
    """One readable string a token.

    A word is shown without the space before it, white space by a sign. Where a character is cut
    into bytes, each token shows that character and which piece of it this is: 🙂₁ 🙂₂ 🙂₃ 🙂₄.

    Args:
        pieces: tokens as the vocabulary writes them, the first ones of a text.
    """
    raw = [bytes(BYTE_OF_SIGN[sign] for sign in piece) for piece in pieces]
    whole = b"".join(raw)
    shown, start, seen = [], 0, {}
    for part in raw:
        end = start + len(part)
        first, last = _character_start(whole, start), _character_end(whole, end)
        text = whole[first:last].decode("utf-8", errors="replace")
        if (first, last) == (start, end):
            shown.append(label(text))
        else:  # a piece of a character
            seen[first] = seen.get(first, 0) + 1
            shown.append(label(text) + str(seen[first]).translate(SUBSCRIPTS))
        start = end
    return shown


def label(text: str) -> str:
    """A text as tokens show it: no space before or behind, white space and controls as signs."""
    return "".join(_WHITE_SPACE.get(sign) or _visible(sign) for sign in text.strip(" ") or text)


def _visible(sign: str) -> str:
    """Control characters by their code: ⟨1B⟩ for ESC."""
    return f"⟨{ord(sign):02X}⟩" if unicodedata.category(sign) == "Cc" else sign


def _continues(whole: bytes, at: int) -> bool:
    return at < len(whole) and whole[at] & 0xC0 == 0x80


def _character_start(whole: bytes, at: int) -> int:
    while _continues(whole, at):
        at -= 1
    return at


def _character_end(whole: bytes, at: int) -> int:
    while _continues(whole, at):
        at += 1
    return at
