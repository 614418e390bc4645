"""Numbers as a language writes them: which sign groups their digits, and how many at a time."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Digits:
    """How one language writes numbers.

    Args:
        group: the sign between groups.
        decimal: the sign before the fraction.
        sizes: digits of each group from the right, the last size repeated: ``(3,)`` writes
            131,072 and ``(3, 2)`` 1,31,072.
    """

    group: str = ","
    decimal: str = "."
    sizes: tuple[int, ...] = (3,)

    def written(self, number: float | Decimal, spec: str = ",") -> str:
        """A number in the format ``spec`` of Python, its groups and its point in this way.

        ``spec`` with a comma groups: ``","``, ``",.1f"``.
        """
        if isinstance(number, float) and spec == "," and number == int(number):
            number = int(number)
        sign, whole, rest = _cut(format(number, spec))
        if "," in spec:
            whole = self._grouped(whole.replace(",", ""))
        return sign + whole + rest.replace(".", self.decimal, 1)

    def _grouped(self, digits: str) -> str:
        parts: list[str] = []
        sizes = [*self.sizes]
        while len(digits) > sizes[0]:
            parts.insert(0, digits[-sizes[0] :])
            digits = digits[: -sizes[0]]
            sizes = sizes[1:] or sizes
        return self.group.join([digits, *parts])


ENGLISH = Digits()


def _cut(text: str) -> tuple[str, str, str]:
    """Sign, digits before the point, and what follows."""
    sign = text[: len(text) - len(text.lstrip("+-−"))]
    text = text[len(sign) :]
    end = next((at for at, letter in enumerate(text) if letter not in "0123456789,"), len(text))
    return sign, text[:end], text[end:]
