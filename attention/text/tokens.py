"""Tokens as something that can be read."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

import regex

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_WHITE_SPACE = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_INVISIBLE = {"Cf", "Zs", "Zl", "Zp"}
_RIGHT_TO_LEFT = {"R", "AL", "RLE", "RLO", "RLI"}
_NAMES = {
    "\u00a0": "NBSP", "\u00ad": "SHY", "\u061c": "ALM", "\u200b": "ZWSP", "\u200c": "ZWNJ",
    "\u200d": "ZWJ", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE",
    "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO", "\u202f": "NNBSP", "\u2066": "LRI",
    "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\ufeff": "BOM",
}  # fmt: skip
_READ_AS_ONE = regex.compile(r"\X")
_WORD_BREAK = regex.compile(r"(?w)\b")
# A mark without a letter before it. Fonts draw the circle themselves below the signs of a script.
_ACCENT = regex.compile(r"\p{Script=Inherited}")
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


def joined_before(parts: Sequence[bytes]) -> list[bool]:
    """Whether each part goes on with the word that the part before it ends in.

    Words are those of UAX #29, section 4: ``able`` behind ``un`` goes on, and ``'t`` behind
    ``don``; ``␣able`` does not, nor do Chinese and Thai, which write no space between words. A
    special token, whose part is empty, keeps words apart. Inside a character that is cut into bytes
    nothing is told, for its pieces are numbered.
    """
    texts = [_decode(part) or "\n" for part in parts]
    breaks = {found.start() for found in _WORD_BREAK.finditer("".join(texts))}
    begins = accumulate(map(len, texts), initial=0)
    return [
        at not in breaks and not (before[-1:] + here[0]).isspace()
        for at, before, here in zip(begins, ["", *texts], texts, strict=False)
    ]


def label(text: str) -> str:
    """A text as tokens show it: no space before or behind, and what is invisible as a sign."""
    text = text.strip(" ") or text
    if text.isascii() and text.isprintable() and text.strip(" "):
        return text
    return "".join(_visible(sign) for sign in _READ_AS_ONE.findall(text))


def isolated(text: str) -> str:
    """A text that stands in a sentence of another direction: its letters stay by themselves.

    Right-to-left letters are set between U+2068 and U+2069 (UAX #9, section 2.4), so that what
    stands around them, also between two such texts, keeps its order. Other texts need no marks.
    """
    turns = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)
    return f"\u2068{text}\u2069" if turns else text


def _visible(cluster: str) -> str:
    """What can be read, or a name for it: ⟨1B⟩ for ESC, ⟨NBSP⟩, ⟨U+2060⟩, ◌ below an accent.

    Inside a readable character nothing is told: a joiner belongs to its emoji or its conjunct.
    """
    if cluster in _WHITE_SPACE:
        return _WHITE_SPACE[cluster]
    kinds = {unicodedata.category(sign) for sign in cluster}
    if kinds == {"Cc"}:
        return "".join(_WHITE_SPACE.get(sign) or f"⟨{ord(sign):02X}⟩" for sign in cluster)
    if kinds <= _INVISIBLE:
        return "".join(f"⟨{_NAMES.get(sign, f'U+{ord(sign):04X}')}⟩" for sign in cluster)
    return f"◌{cluster}" if _ACCENT.match(cluster) else cluster


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
