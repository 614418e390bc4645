"""A picture as the tokens of a model: patches, row by row, and the few tokens beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    from torch import Tensor

#: What the scores of a head are called where tokens are patches. Those that are not named here
#: would say nothing of a picture: the token before the first of a row is no neighbour.
ROLES = {"spread": "broad", "self": "self", "agreement": "left", "first": "cls"}


@dataclass(frozen=True, kw_only=True)
class Patches:
    """A picture of ``rows`` times ``columns`` patches (Dosovitskiy et al. 2020, arXiv 2010.11929).

    Args:
        png: what the model was shown, after its image processor resized and cut it.
        pixels: the same as the numbers that it was given, ``[1, channels, height, width]``.
        before, after: names of the tokens that stand before and behind the patches.
    """

    png: bytes
    pixels: Tensor = field(compare=False, repr=False)
    rows: int
    columns: int
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The token of the patch at the top left."""
        return len(self.before)

    @property
    def labels(self) -> tuple[str, ...]:
        """One a token: "[CLS]", "r1 c1" … Rows and columns count from 1."""
        cells = (f"r{r + 1} c{c + 1}" for r in range(self.rows) for c in range(self.columns))
        return (*self.before, *cells, *self.after)

    @property
    def opening(self) -> int:
        """The token whose row is shown first: [CLS], or else the patch in the middle."""
        if self.before:
            return 0
        return self.rows // 2 * self.columns + self.columns // 2

    @property
    def roles(self) -> Mapping[str, str]:
        """Of :data:`ROLES` those that mean something here: token 0 may be a patch like others."""
        named = bool(self.before) and self.before[0].startswith("[CLS")
        return {score: role for score, role in ROLES.items() if named or score != "first"}

    @property
    def left(self) -> tuple[tuple[int, int], ...]:
        """``(query, key)`` of every patch that has a left neighbour, and that."""
        inside = range(self.first, self.first + self.rows * self.columns)
        return tuple((at, at - 1) for at in inside if (at - self.first) % self.columns)
