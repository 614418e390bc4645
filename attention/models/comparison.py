"""Two models on one text, read in the units of both: of any head the one that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attention.models.base import Model
from attention.models.beside import LIKE, Common, Like, common, head_beside
from attention.models.limits import TextError, require_layer
from attention.models.look import Look, Reading
from attention.models.reading import read

SAME, BASE = "same", "base"  # the model itself; and itself without its adapter


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was looked at.

    Args:
        one, other: the models; the same, where another layer or head of it stands beside.
        theirs: the text as the other reads it by itself.
        both: the text in units of both, and looks in these.
        causal: the mask of the other, where it was chosen.
        cut: the other takes less of the text.
        its_layer, like: as :func:`.beside.head_beside` has them.
    """

    one: Model
    other: Model
    theirs: Reading
    both: Common
    looks: tuple[Look, Look]
    causal: bool | None
    cut: bool
    its_layer: int | None
    like: str | int

    def beside(self, layer: int, head: int) -> tuple[Like | None, bool]:
        """What stands beside a head, and whether it is the likest for want of the one that is
        asked for; None where there is no other head."""
        look, other = self.looks
        itself = self.one is self.other
        found = head_beside(
            look, layer, head, other, self.both.shared,
            like=self.like, its_layer=self.its_layer, itself=itself,
        )  # fmt: skip
        if found is not None:
            return found, False
        likest = head_beside(
            look, layer, head, other, self.both.shared, like=LIKE[0], itself=itself
        )
        return likest, True


def compare(
    model: Model,
    reading: Reading,
    other: Model | str,
    *,
    its_layer: int | None = None,
    like: str | int = LIKE[0],
    causal: bool | None = None,
) -> Comparison:
    """Both models' passes over the text.

    Args:
        other: a model, :data:`SAME` or :data:`BASE`.
        its_layer, like: see :func:`.beside.head_beside`.
        causal: the mask of a trained layout.

    Raises:
        TextError: there is no adapter to leave out, no such layer, no such way to choose a head, or
            rows and columns are two texts; or it is a picture beside another model.
    """
    beside = _named(model, other)
    if its_layer is not None:
        require_layer(beside, its_layer)
    if isinstance(like, str) and like not in LIKE:
        raise TextError("There is no head {head!r}: choose likest, same or a number.", head=like)
    if reading.over is not None:
        raise TextError(
            "In cross-attention rows and columns are two texts: nothing can stand beside it."
        )
    if reading.patches is not None and beside is not model:
        raise TextError("Beside a picture only another head of the same model can stand.")
    own, theirs = reading, reading
    if beside is not model:
        theirs = replace(read(beside, _text_of(model, reading)), in_words=reading.in_words)
        if theirs.cut:
            own = replace(read(model, theirs.text), in_words=reading.in_words)
    both = common(model, own, beside, theirs, raw=False)
    masks = causal, causal if type(beside) is type(model) else None
    sides = zip((model, beside), (both.one, both.other), masks, strict=True)
    look, *its = (
        each.look(seen.ids, causal=mask, units=seen.merged(raw=False))
        for each, seen, mask in list(sides)[: 1 if beside is model else 2]
    )
    return Comparison(
        one=model,
        other=beside,
        theirs=theirs,
        both=both,
        looks=(look, its[0] if its else look),
        causal=masks[1],
        cut=beside is not model and theirs.cut,
        its_layer=its_layer,
        like=like,
    )


def _named(model: Model, other: Model | str) -> Model:
    if not isinstance(other, str):
        return other
    if other == SAME:
        return model
    if model.base is None:
        raise TextError("{title} has no adapter that could be left out.", title=model.title)
    return model.base


def _text_of(model: Model, reading: Reading) -> str:
    """Without the special tokens that the model's own continuation is written with."""
    if not reading.n_generated:
        return reading.text
    return b"".join(model.token_bytes(reading.ids)).decode(errors="ignore")
