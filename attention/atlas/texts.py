"""A text that heads are measured on: its tokens, and which of them are which word."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from attention.models.base import Model
from attention.training.sentences import Link, Sentence, written


@dataclass(frozen=True)
class Pair:
    """Two words of a sentence, of which one depends on the other.

    Args:
        relation: the score that it counts for, as ``subject_en``.
        query: index of the word that is looked from.
        key: index of the word that should be looked at.
    """

    relation: str
    query: int
    key: int


@dataclass(frozen=True, kw_only=True)
class Text:
    """Token ids of one pass, and the words among them.

    Args:
        words: as they stand there; spans: the tokens of each, none where the tokenizer joined it
            with its neighbour.
        sentences: of each word the number of its sentence.
    """

    ids: tuple[int, ...]
    words: tuple[str, ...] = ()
    spans: tuple[range, ...] = ()
    sentences: tuple[int, ...] = ()
    pairs: tuple[Pair, ...] = ()
    language: str = ""

    def known(self, word: int) -> bool:
        """Its tokens are known, and the first token, where heads rest, is not among them."""
        return bool(self.spans[word]) and self.spans[word].start > 0


def frame(model: Model) -> tuple[list[int], list[int]]:
    """Special tokens that the tokenizer sets before a text and behind it."""
    ids = model.encode("a")
    parts = model.token_bytes(ids)
    before = next((at for at, part in enumerate(parts) if part), len(ids))
    after = next((at for at, part in enumerate(reversed(parts)) if part), 0)
    return ids[:before], ids[len(ids) - after :]


def of_sentences(model: Model, sentences: Sequence[Sentence], language: str) -> Text:
    """Sentences of one language as one text."""
    pieces = [piece for each in sentences for piece in written(each.words)]
    ids, spans = _spans(model, pieces)
    pairs, first = [], 0
    for each in sentences:
        pairs += [pair for link in each.links for pair in _pairs(each, link, first, model.causal)]
        first += len(each.words)
    return Text(
        ids=tuple(ids),
        words=tuple(word for each in sentences for word in each.words),
        spans=tuple(spans),
        sentences=tuple(n for n, each in enumerate(sentences) for _ in each.words),
        pairs=tuple(pairs),
        language=language,
    )


#: The relations of Clark et al. 2019 that are measured, by the kind of link that shows each.
RELATIONS = {
    "agreement": "subject",
    "pronoun": "referent",
    "object": "object",
    "adjective": "adjective",
    "determiner": "determiner",
    "possessor": "possessor",
}


def _pairs(sentence: Sentence, link: Link, first: int, causal: bool) -> list[Pair]:
    """From the later word to the earlier one; where a model sees what comes, the other way, too.

    A verb beyond another noun of the wrong number is asked for twice: from the verb itself, and
    from the word before, where a causal model has to foretell its form.
    """
    relation = RELATIONS.get(link.kind)
    if relation is None or link.earlier >= link.later:
        return []
    objects = {word for each in sentence.links if each.kind == "object"
               for word in (each.earlier, each.later)}  # fmt: skip
    if relation == "subject" and link.earlier in objects:
        return []  # in Hindi's perfect with ने the verb agrees with its object
    earlier, later = first + link.earlier, first + link.later
    name = f"{relation}_{link.language}"
    pairs = [Pair(name, later, earlier)]
    if not causal:
        pairs.append(Pair(f"{name}_ahead", earlier, later))
    elif relation == "subject" and link.attractors:
        pairs.append(Pair(f"agreement_{link.language}", later - 1, earlier))
    return pairs


def _spans(model: Model, pieces: Sequence[str]) -> tuple[list[int], list[range]]:
    """Token ids of the joined pieces, and the tokens of each piece.

    Found by tokenizing every beginning of the text, which any tokenizer can be asked.
    """
    text = "".join(pieces).removeprefix(" ")
    ids = model.encode(text)
    before, after = frame(model)
    stops: list[int | None] = [len(before)]
    length = -1 if pieces[0].startswith(" ") else 0
    for piece in pieces:
        length += len(piece)
        begun = model.encode(text[:length])
        begun = begun[: len(begun) - len(after)]
        stops.append(len(begun) if begun == ids[: len(begun)] else None)
    spans = [
        range(0) if start is None or stop is None else range(start, stop)
        for start, stop in pairwise(stops)
    ]
    return ids, spans
