"""The three attentions of an encoder–decoder, and which of them a source and a target are shown in.

    encoder   the source's tokens, each looking at all of them
    decoder   the target's tokens, each looking at itself and those before
    cross     the target's tokens, each looking at the source's

Vaswani et al. 2017, arXiv 1706.03762, section 3.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

from attention.models.base import Model
from attention.models.limits import TextError
from attention.models.look import Reading
from attention.models.reading import read, read_ids

PARTS = ("encoder", "decoder", "cross")


@runtime_checkable
class Parted(Protocol):
    """An encoder–decoder. By itself it is its encoder."""

    #: Of :data:`PARTS`.
    part: str
    #: The source that decoder and cross-attention were given; none of the encoder by itself.
    given: tuple[int, ...]

    def of(self, part: str, source: Sequence[int]) -> Self:
        """The same model as another of its attentions, given a source; this one is as it was.

        Asked for tokens, decoder and cross-attention mean the target's.

        Raises:
            TextError: the source has no tokens, or too many, or there is no such part.
        """

    def continued(
        self, source: Sequence[int], *, cancelled: Callable[[], bool] = lambda: False
    ) -> list[int]:
        """What the decoder reads while it writes its own answer to a source, greedily.

        Args:
            cancelled: asked after each token.

        Raises:
            TextError: it predicts no token, or the source has none, or too many.
            Cancelled: ``cancelled`` said so.
        """


@dataclass(frozen=True)
class Chosen:
    """A part of a model, and the text that its queries are of."""

    model: Model
    reading: Reading


def chosen(
    model: Model,
    source: Reading,
    *,
    target: str | None = None,
    part: str | None = None,
    answer: Sequence[int] | None = None,
    most: int | None = None,
) -> Chosen:
    """The part of a model that a person means.

    Args:
        source: as the model read it.
        target: left out, decoder and cross-attention take the model's own answer.
        part: of :data:`PARTS`; left out, "cross" where there is a target, else "encoder".
        answer: of :meth:`Parted.continued`, where it is known already.
        most: tokens of the target that are kept.

    Raises:
        TextError: the model is no encoder–decoder, has no such part or takes no target there.
    """
    if not isinstance(model, Parted):
        if target is not None or part is not None:
            raise TextError(
                "{title} is one stack: a target and a part are for an encoder with a decoder.",
                title=model.title,
            )
        return Chosen(model, source)
    part = part or ("encoder" if target is None else "cross")
    if part == "encoder":
        if target is not None:
            raise TextError("The encoder reads the source alone: leave the target out.")
        return Chosen(model, source)
    view = model.of(part, source.ids)
    if target is None:
        given = view.continued(source.ids) if answer is None else answer
        own = _own(read_ids(view, given, most))
    else:
        own = read(view, target, most)
    return Chosen(view, _across(own, source) if part == "cross" else own)


def _own(answer: Reading) -> Reading:
    """Every token of it was generated but the one that it begins with."""
    return replace(answer, is_own=True, n_generated=len(answer.ids) - 1)


def _across(own: Reading, source: Reading) -> Reading:
    """A target whose tokens look at a source's: rows and columns are tokens, no pieces or words."""
    return replace(own, units=None, words=None, over=replace(source, units=None, words=None))


def beside(model: Model, reading: Reading) -> list[Chosen]:
    """The other attentions of the same source and target; none of a model that has none.

    Args:
        reading: of the target.
    """
    if not isinstance(model, Parted) or not model.given:
        return []
    source = read_ids(model.of("encoder", model.given), model.given)
    own = read_ids(model, reading.ids)
    own = _own(own) if reading.is_own else own
    readings = {
        "encoder": source,
        "decoder": own,
        "cross": _across(own, source),
    }
    return [
        Chosen(model.of(part, model.given), readings[part]) for part in PARTS if part != model.part
    ]
