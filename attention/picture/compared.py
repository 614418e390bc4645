"""What is said of two heads side by side: which they are, how alike, and how they are compared."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

from attention.models.base import Model
from attention.models.beside import LIKE, Common, Like
from attention.models.blocks import number_of
from attention.models.comparison import Comparison
from attention.picture.packed import Shown
from attention.text.tokens import isolated
from attention.words import Words


@dataclass(frozen=True)
class Named:
    """A model as it is called, and what its layers are called."""

    title: str
    number_of: Callable[[int], int]


def said_of(
    one: Named,
    other: Named,
    both: Common,
    at: tuple[int, int],
    found: Like,
    words: Words,
    *,
    like: str | int,
    missing: tuple[int, int] | None,
    cut: bool,
) -> list[str]:
    """Sentences, as HTML.

    Args:
        both: the text in units of both.
        at: layer and head of the one; found: of the other.
        like: how it was asked for.
        missing: layer and head that were asked for, where the other has no such: then the likest
            stands there.
        cut: the other takes less of the text.
    """
    kind = LIKE[0] if missing else like if like in LIKE else "other"
    names = {"one": escape(one.title), "other": escape(other.title)}
    said = []
    if missing:
        said.append(words("beside.no_such", **names, layer=missing[0], head=missing[1]))
    their = {"their_head": found.head, "their_layer": other.number_of(found.layer)}
    layer = one.number_of(at[0])
    said.append(words(f"beside.of_{kind}", **names, **their, layer=layer, head=at[1]))
    if math.isnan(found.correlation):
        said.append(words("beside.no_figure"))
    else:
        said.append(words("beside.figure", value=words.number(found.correlation, ".2f")))
    if both.by != "tokens":
        n = words.number(len(both.one.shown(raw=False)))
        said.append(words(f"beside.by_{both.by}", n=n))
    if alone := alone_in(both):
        names_alone = ", ".join(escape(isolated(name)) for name in alone)
        said.append(words("beside.alone", tokens=names_alone))
    if cut:
        n = words.number(len(both.other.ids))
        said.append(words("beside.cut", title=escape(other.title), n=n))
    return said


def alone_in(both: Common) -> list[str]:
    """The units that one of the two lacks, each once."""
    pairs = zip(both.one.shown(raw=False), both.shared, strict=True)
    return list(dict.fromkeys(name for name, shared in pairs if not shared))


def standing_beside(
    shown: Shown, comparison: Comparison, words: Words
) -> tuple[list[str], list[Shown]]:
    """Of the head that is open first what is said of the one beside it, as plain text, and the
    other model with that head open; none where it is the same model."""
    at = shown.first["layer"], shown.first["head"]
    found, missing = comparison.beside(*at)
    if found is None:
        return [words("beside.none")], []
    one, other = comparison.one, comparison.other
    like, its_layer = comparison.like, comparison.its_layer
    asked = at[0] if its_layer is None else its_layer, at[1] if like in LIKE else int(like)
    said = said_of(
        _named(one),
        _named(other),
        comparison.both,
        at,
        found,
        words,
        like=like,
        missing=asked if missing else None,
        cut=comparison.cut,
    )
    plain = [unescape(re.sub("<[^>]*>", "", sentence)) for sentence in said]
    return plain, [] if one is other else [_alone(comparison, found)]


def _named(model: Model) -> Named:
    return Named(model.title, lambda layer: number_of(layer, model.blocks))


def _alone(comparison: Comparison, found: Like) -> Shown:
    """The other model in its own tokens."""
    model, reading = comparison.other, comparison.theirs
    look = model.look(
        reading.ids,
        layer=found.layer,
        head=found.head,
        causal=comparison.causal,
        units=reading.merged(raw=False),
    )
    return Shown(model, reading, look, model.roles_known())
