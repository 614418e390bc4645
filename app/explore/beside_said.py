"""What is said of two heads side by side: which they are, how alike, and how they are compared."""

import math
from html import escape

from app.explore.offer import ModelFacts
from app.explore.shown import Shown
from attention.models.beside import LIKE, Common, Like
from attention.text.tokens import isolated


def said_of(
    shown: Shown, facts: ModelFacts, both: Common, found: Like, *, missing: bool, cut: bool
) -> list[str]:
    """Sentences, as HTML.

    Args:
        facts: of the model beside; both: the text in units of both.
        found: the head beside.
        missing: it is the likest, because the one that was asked for is none.
        cut: the other takes less of the text.
    """
    words = shown.words
    said = [_missing(shown, facts)] if missing else []
    said.append(_which(shown, facts, found, missing))
    if math.isnan(found.correlation):
        said.append(words("beside.no_figure"))
    else:
        said.append(words("beside.figure", value=words.number(found.correlation, ".2f")))
    if both.by != "tokens":
        n = words.number(len(both.one.shown(raw=False)))
        said.append(words(f"beside.by_{both.by}", n=n))
    if alone := _alone(both):
        said.append(words("beside.alone", tokens=alone))
    if cut:
        n = words.number(len(both.other.ids))
        said.append(words("beside.cut", title=escape(facts.title), n=n))
    return said


def _which(shown: Shown, facts: ModelFacts, found: Like, missing: bool) -> str:
    like = shown.settings.beside.like
    kind = LIKE[0] if missing else like if like in LIKE else "other"
    return shown.words(
        f"beside.of_{kind}",
        head=shown.at.head,
        layer=shown.layer_number,
        one=escape(shown.facts.title),
        other=escape(facts.title),
        their_head=found.head,
        their_layer=facts.number_of(found.layer),
    )


def _missing(shown: Shown, facts: ModelFacts) -> str:
    """That there is no head as it was asked for."""
    beside, at = shown.settings.beside, shown.at
    head = at.head if beside.like in LIKE else beside.like
    layer = at.layer if beside.layer is None else beside.layer
    number = facts.number_of(layer) if layer < facts.n_layers else layer
    return shown.words("beside.no_such", other=escape(facts.title), head=head, layer=number)


def _alone(both: Common) -> str:
    """The units that one of the two lacks, each once."""
    names = both.one.shown(raw=False)
    alone = [name for name, shared in zip(names, both.shared, strict=True) if not shared]
    return ", ".join(escape(isolated(name)) for name in dict.fromkeys(alone))
