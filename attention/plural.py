"""Plural rules as the Unicode CLDR writes them: ``n % 10 = 2..4 and n % 100 != 12..14``.

Syntax: Unicode Technical Standard 35, part 3, section 5.1. Whole numbers are counted here, so the
operands of a fraction (v, w, f, t) and of an exponent (c, e) are 0.
"""

import re
from collections.abc import Callable, Mapping

from attention.errors import HeadcountError

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_RELATION = re.compile(
    r"\s*([nivwftce])\s*(?:%\s*(\d+)\s*)?(!?=)\s*(\d+(?:\.\.\d+)?(?:\s*,\s*\d+(?:\.\.\d+)?)*)\s*"
)

Rule = Callable[[int], bool]


class PluralError(HeadcountError):
    """A plural rule that cannot be read."""


def category(n: int, rules: Mapping[str, Rule]) -> str:
    """The first category whose rule holds for ``n``; ``"other"`` has none."""
    return next((name for name in CATEGORIES if name in rules and rules[name](n)), "other")


def rule(text: str) -> Rule:
    """Read one rule. Samples behind an ``@`` are passed over.

    Raises:
        PluralError: it is not written as CLDR does.
    """
    ways = [
        [_relation(part) for part in re.split(r"\band\b", way)]
        for way in re.split(r"\bor\b", text.split("@")[0])
    ]
    return lambda n: any(all(holds(n) for holds in way) for way in ways)


def _relation(text: str) -> Rule:
    found = _RELATION.fullmatch(text)
    if found is None:
        raise PluralError(
            "{text!r} is no plural rule of CLDR: write as in 'n % 10 = 2..4'.", text=text.strip()
        )
    operand, modulo, sign, listed = found.groups()
    spans = [part.strip().split("..") for part in listed.split(",")]
    within = {n for first, *last in spans for n in range(int(first), int((last or [first])[0]) + 1)}

    def holds(n: int) -> bool:
        value = abs(n) if operand in "ni" else 0
        return ((value % int(modulo) if modulo else value) in within) == (sign == "=")

    return holds
