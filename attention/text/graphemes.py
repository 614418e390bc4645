"""Where one readable character ends and the next begins.

The rules of extended grapheme clusters, Unicode 16, UAX #29, section 3.1, by their numbers there,
worked out from what Python's ``unicodedata`` knows of a code point. What differs:

- CR and LF stay two (GB3), and prepended signs stay apart (GB9b, a dozen rare ones).
- A virama also joins Gurmukhi and Kannada consonants, which GB9c leaves apart and readers do not.
- A few spacing vowel signs of Myanmar and Tai scripts, which the standard leaves apart, are joined;
  consonants that Balinese and some historical scripts stack are not.
- Emoji are told by their category and block, not by the standard's list.
- A character ends after 32 code points, whatever follows: text can be made of accents alone.
"""

import unicodedata

MAX_CODE_POINTS = 32
ZWJ = "\u200d"
# Between two consonants these make one sign of them.
_VIRAMAS = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u1039\u17d2")
_MARKS = frozenset(("Mn", "Mc", "Me"))
# Thai and Lao am; the zero-width non-joiner; halfwidth voicing marks.
_MORE_MARKS = frozenset("\u0e33\u0eb3\u200c\uff9e\uff9f")
_HANGUL = frozenset(
    ("L L", "L V", "L LV", "L LVT", "LV V", "V V", "LV T", "V T", "LVT T", "T T")
)  # GB6 to GB8


class Cluster:
    """One readable character while its code points come in."""

    def __init__(self) -> None:
        self._text = ""

    def takes(self, sign: str) -> bool:
        """Whether ``sign`` goes on with this character; if not, it begins the next one."""
        if self._joins(sign):
            self._text += sign
            return True
        self._text = sign
        return False

    def _joins(self, sign: str) -> bool:
        text = self._text
        if not text or len(text) == MAX_CODE_POINTS:
            return False
        if _is_control(text[-1]) or _is_control(sign):
            return False  # GB4, GB5
        if _extends(sign):
            return True  # GB9, GB9a
        last = text[-1]
        if last == ZWJ and _is_emoji(sign) and _is_emoji(text[0]):
            return True  # GB11
        if unicodedata.category(sign) == "Lo" and _same_script(text[0], sign):
            before = text.rstrip(ZWJ)[-1:]
            if before in _VIRAMAS or (last == ZWJ and unicodedata.combining(before) == 9):
                return True  # GB9c
        if _is_regional(sign) and _is_regional(last):
            return len(text) == 1  # GB12, GB13
        return f"{_hangul(last)} {_hangul(sign)}" in _HANGUL


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp")


def _extends(sign: str) -> bool:
    return (
        unicodedata.category(sign) in _MARKS
        or sign == ZWJ
        or sign in _MORE_MARKS
        or "\U0001f3fb" <= sign <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= sign <= "\U000e007f"  # tags: the flag of Wales
    )


def _same_script(one: str, other: str) -> bool:
    return ord(one) >> 7 == ord(other) >> 7  # Indic scripts fill 128 code points each


def _is_emoji(sign: str) -> bool:
    category = unicodedata.category(sign)
    # Cn: younger than this Python.
    return category in ("So", "Sm") or (category == "Cn" and "\U0001f000" <= sign <= "\U0001faff")


def _is_regional(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _hangul(sign: str) -> str:
    if "\uac00" <= sign <= "\ud7a3":
        return "LV" if (ord(sign) - 0xAC00) % 28 == 0 else "LVT"
    if "\u1100" <= sign <= "\u115f" or "\ua960" <= sign <= "\ua97c":
        return "L"
    if "\u1160" <= sign <= "\u11a7" or "\ud7b0" <= sign <= "\ud7c6":
        return "V"
    return "T" if "\u11a8" <= sign <= "\u11ff" or "\ud7cb" <= sign <= "\ud7fb" else ""
