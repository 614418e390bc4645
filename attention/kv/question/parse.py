"""What a line of text asks: ``"Qwen3-30B-A3B, 32k, 20 users, 2×4090, vLLM, fp8 kv"``.

The order is free, and sentences do as well. Each part is looked for by itself, the unmistakable
ones first; a word is taken once, and those that nobody took are told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from attention.kv.checks import LARGEST_NUMBER, shortened
from attention.kv.fit.largest import MOST_GPUS
from attention.kv.fit.named import named_format
from attention.kv.formats import FormatError, stored_format
from attention.kv.question import vocabulary as said
from attention.kv.question.gpu_names import gpu_of
from attention.kv.question.line import Line
from attention.kv.question.numbers import NUMBER, count, number_beside, scale, scale_after
from attention.kv.read.catalog import find_named, search_models
from attention.sentence import Quantity, Sentence, joined

LONGEST_NAME = 6  # words of a model's or a GPU's name


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked; None for what the line does not say.

    Args:
        model: its name in the catalog.
        weights, k_format: number formats.
        gpu: its name in the table; n_gpus: how many of it.
        understood: each part as it was read, in sentences.
        missed: words of the line that were not understood.
        problem: why no model was found, or "".
    """

    model: str | None = None
    weights: str | None = None
    context: int | None = None
    users: int | None = None
    gpu: str | None = None
    n_gpus: int | None = None
    engine: str | None = None
    k_format: str | None = None
    understood: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    problem: str = ""


def parse(text: str) -> Question:
    """Read a line; never raises for what it says."""
    line, asked = Line(text), Question()
    for find in (_engine, _cache_format, _model, _gpu, _users, _context, _devices, _weights, _bare):
        asked = find(line, asked)
    missed = tuple(dict.fromkeys(word for word in line.left if word not in said.SILENT))
    return replace(asked, missed=missed, understood=tuple(_told(asked)))


def _told(asked: Question) -> list[Sentence]:
    """Each part in words."""
    parts = []
    if asked.model:
        parts.append(Sentence("model {name}", name=asked.model))
    if asked.weights:
        parts.append(Sentence("weights in {format}", format=asked.weights))
    if asked.context:
        parts.append(Quantity(asked.context, "token"))
    if asked.users:
        parts.append(Quantity(asked.users, "user"))
    if asked.gpu:
        parts.append(joined(" × ", (Sentence("{n}", n=asked.n_gpus or 1), asked.gpu)))
    elif asked.n_gpus:
        parts.append(Quantity(asked.n_gpus, "device"))
    if asked.engine:
        parts.append(Sentence("engine {name}", name=asked.engine))
    if asked.k_format:
        parts.append(Sentence("KV cache in {format}", format=asked.k_format))
    return parts


def _engine(line: Line, asked: Question) -> Question:
    for begin, end in line.spans(2):
        engine = said.ENGINES.get(line.text(begin, end))
        if engine:
            line.take(range(begin, end))
            return replace(asked, engine=engine)
    return asked


def _cache_format(line: Line, asked: Question) -> Question:
    found = _beside(line, said.CACHE, _stored)
    return replace(asked, k_format=found) if found else asked


def _weights(line: Line, asked: Question) -> Question:
    found = _beside(line, said.WEIGHTS, _weight)
    return replace(asked, weights=found) if found else asked


def _bare(line: Line, asked: Question) -> Question:
    """A format that stands alone is the weights', a number of thousands the context."""
    for begin in range(len(line.words)):
        word = line.word(begin)
        if asked.weights is None and (stored := _weight(word)):
            line.take([begin])
            asked = replace(asked, weights=stored)
        elif asked.context is None and word[-1:] in "km" and (tokens := count(word)):
            line.take([begin])
            asked = replace(asked, context=tokens)
        elif asked.context is None and (tokens := count(word)) and tokens >= 1024:
            line.take([begin, *scale_after(line, begin)])
            tokens = min(tokens * scale(line, begin), LARGEST_NUMBER)
            asked = replace(asked, context=tokens)
    return asked


def _beside(line: Line, nouns: frozenset[str], read: Callable[[str], str | None]) -> str | None:
    """The format that stands before or after one of the nouns."""
    for place in range(len(line.words)):
        stored = read(line.word(place))
        if stored is None:
            continue
        for step in (1, -1):
            taken = [place]
            at = place + step
            while line.word(at) in said.BETWEEN and line.word(at) not in nouns:
                taken.append(at)
                at += step
            while line.word(at) in nouns:
                taken.append(at)
                at += step
            if any(line.words[i] in nouns for i in taken):
                line.take(taken)
                return stored
    return None


def _model(line: Line, asked: Question) -> Question:
    """The longest run of words that names a model, without words that add nothing."""
    for begin, end in line.spans(LONGEST_NAME):
        text = line.text(begin, end)
        if line.word(begin) in said.SILENT or line.word(end - 1) in said.SILENT:
            continue
        if end - begin > 1 and "/" in text:  # a Hub id has no spaces
            continue
        found = find_named(text)
        if found is None:
            continue
        line.take(range(begin, end))
        row, stored = found
        return replace(asked, model=row.name, weights=_weight(stored or ""))
    return _no_model(line, asked)


def _no_model(line: Line, asked: Question) -> Question:
    """Which words may have been meant for a model: those that are like one."""
    for begin, end in line.spans(3):
        text = line.text(begin, end)
        looks_so = re.search(r"[a-z]", text) and re.search(r"\d", text) and not gpu_of(text)
        near = search_models(text) if looks_so and not _plain_word(text) else ()
        if near:
            line.take(range(begin, end))
            choices = ", ".join(row.name for row in near)
            hint = Sentence("did you mean {choices}?", choices=choices)
            problem = Sentence("model {name} is not known: {hint}", name=shortened(text), hint=hint)
            return replace(asked, problem=problem)
    return replace(asked, problem=Sentence("no model was named."))


def _plain_word(text: str) -> bool:
    """Whether it is a number or a format, or begins or ends with a word that is no name."""
    words = text.split()
    edge = said.SILENT | said.USERS | said.CONTEXT | said.CACHE | said.DEVICES | said.COUNTS.keys()
    outer = {words[0], words[-1]}
    return bool(outer & edge) or any(NUMBER.fullmatch(w) or _weight(w) for w in words)


def _gpu(line: Line, asked: Question) -> Question:
    for begin, end in line.spans(LONGEST_NAME):
        name = gpu_of(line.text(begin, end))
        if name is None:
            continue
        line.take(range(begin, end))
        return replace(asked, gpu=name, n_gpus=_times(line, begin, end))
    return asked


def _times(line: Line, begin: int, end: int) -> int | None:
    """How many of what stands there: "2 x …", "two …", "… x 2"."""
    before = [begin - 1] if line.word(begin - 1) != "x" else [begin - 1, begin - 2]
    for places in (before, [end, end + 1]):
        word = line.word(places[-1])
        number = int(word) if word.isdecimal() else said.COUNTS.get(word, 0)
        if 1 <= number <= MOST_GPUS and (places[0] < begin or line.word(end) == "x"):
            line.take(places)
            return number
    return None


def _users(line: Line, asked: Question) -> Question:
    found = number_beside(line, said.USERS, said.BESIDE_USERS)
    return replace(asked, users=found) if found else asked


def _context(line: Line, asked: Question) -> Question:
    found = number_beside(line, said.CONTEXT, said.BETWEEN | said.CONTEXT)
    return replace(asked, context=found) if found else asked


def _devices(line: Line, asked: Question) -> Question:
    found = number_beside(line, said.DEVICES, said.BETWEEN)
    return replace(asked, n_gpus=asked.n_gpus or found) if found else asked


def _stored(word: str) -> str | None:
    try:
        return stored_format(word).name
    except FormatError:
        return None


def _weight(word: str) -> str | None:
    try:
        named_format(word)
    except FormatError:
        return None
    return word
