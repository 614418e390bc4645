"""Numbers in a line, with what they count: ``32k context``, ``20 users``, ``batch size 64``."""

import re

from attention.kv.checks import LARGEST_NUMBER
from attention.kv.question import vocabulary as said
from attention.kv.question.line import Line

NUMBER = re.compile(r"(\d+(?:\.\d+)?)([km]i?)?")


def number_beside(line: Line, nouns: frozenset[str], between: frozenset[str]) -> int | None:
    """The number before or after one of the nouns; before it comes first."""
    for step in (-1, 1):
        for place in range(len(line.words)):
            if line.word(place) not in nouns:
                continue
            taken, at = [place], place + step
            while line.word(at) in between:
                taken.append(at)
                at += step
            factor = 1
            if step == -1 and line.word(at) in said.SCALES:
                factor, taken, at = said.SCALES[line.word(at)], [*taken, at], at - 1
            number = count(line.word(at)) or said.COUNTS.get(line.word(at))
            if number is None:
                continue
            taken.append(at)
            if step == 1:
                factor = scale(line, at)
                taken += scale_after(line, at)
            while line.word(place - step) in nouns:  # "20 concurrent requests"
                place -= step
                taken.append(place)
            line.take(taken)
            return min(number * factor, LARGEST_NUMBER)
    return None


def scale_after(line: Line, place: int) -> list[int]:
    return [place + 1] if line.word(place + 1) in said.SCALES else []


def scale(line: Line, place: int) -> int:
    return said.SCALES.get(line.word(place + 1), 1)


def count(word: str) -> int | None:
    """``"32k"`` is 32,768 and ``"100k"`` 100,000: a power of two is meant in 1,024."""
    match = NUMBER.fullmatch(word)
    if match is None or len(word) > 16:
        return None
    number = float(match[1])
    if match[2]:
        whole = int(number)
        is_binary = match[2].endswith("i") or (number == whole and whole & (whole - 1) == 0)
        power = 1 if match[2].startswith("k") else 2
        number *= (1024 if is_binary else 1000) ** power
    return int(number) if 1 <= number <= LARGEST_NUMBER and number == int(number) else None
