"""What can be looked at, and what a look is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from attention.models.limits import Cancelled, require_layer, require_text

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    from attention.models.base import Model
    from attention.models.kept import Given, Kept
    from attention.models.look import Look
    from attention.scores import Pairs
    from attention.text.pieces import Units


@dataclass(frozen=True, eq=False)
class Asked:
    """What :meth:`Looks.look` was asked."""

    ids: tuple[int, ...]
    layer: int
    head: int
    causal: bool | None
    units: Units | None
    pairs: Pairs | None
    cancelled: Callable[[], bool] | None

    def go_on(self) -> None:
        """Raises Cancelled: nobody waits for the pass any more."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled


class Looks(Protocol):
    """What can be looked at: a model inherits ``look`` and ``keep``, and makes one pass of each."""

    def look(
        self: Model,
        ids: Sequence[int],
        *,
        layer: int = 0,
        head: int = 0,
        causal: bool | None = None,
        units: Units | None = None,
        pairs: Pairs | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Look:
        """One pass, of which every head is looked at and no layer's weights are held together.

        Args:
            layer, head: the head whose weights are kept in full.
            causal: the mask, where it can be chosen; left out, the model's own.
            units: tokens that are shown as one, see :mod:`attention.text.pieces`.
            pairs: for the agreement score, ``(query, key)`` in tokens.
            cancelled: asked between layers; once it says True the pass ends.

        Raises:
            TextError: no tokens, too many, no such layer or head, or a mask that it has not.
            SurveyError: units or pairs do not fit the text.
            Cancelled: ``cancelled`` said so.
        """
        require_text(len(ids), self)
        require_layer(self, layer, head)
        return self._look(Asked(tuple(ids), layer, head, causal, units, pairs, cancelled))

    def keep(
        self: Model, ids: Sequence[int], *, cancelled: Callable[[], bool] | None = None
    ) -> Sequence[Kept | Given]:
        """What a look keeps of each layer, where nobody looks: a pass in two thirds of the time.

        Args:
            ids: of more than ``kept_tokens`` nothing is kept.

        Raises:
            TextError, Cancelled: as :meth:`look`.
        """
        require_text(len(ids), self)
        return self._keep(Asked(tuple(ids), 0, 0, None, None, None, cancelled))

    def _look(self, asked: Asked) -> Look: ...

    def _keep(self, asked: Asked) -> Sequence[Kept | Given]:
        return self._look(asked).kept
