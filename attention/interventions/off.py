"""Heads that are off in a pass: which, and what stands in their place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from attention.config import AttentionConfig
from attention.errors import HeadcountError

Kind = Literal["zero", "mean"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class OffError(HeadcountError):
    """Heads that cannot be switched off. The message names the value and what would do."""


@dataclass(frozen=True)
class Off:
    """A set of heads that are off, in any layers.

    >>> Off.parse("1.5, 1.3")
    Off(1.3,1.5 by zero)

    Args:
        heads: ``(layer, head)``, both counted from 0.
        kind: what stands in the place of the head's context, before W_O: ``"zero"``, or its
            ``"mean"`` over the tokens of a reference text (Voita et al. 2019, arXiv 1905.09418,
            section 5, gate heads to 0; Wang et al. 2022, arXiv 2211.00593, section 2.2, put the
            mean, so that what follows still gets what it gets from any text).

    Raises:
        OffError: there is no such kind.
    """

    heads: frozenset[tuple[int, int]] = frozenset()
    kind: Kind = "zero"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise OffError(
                "kind {kind!r} is unknown: choose {choices}.",
                kind=self.kind,
                choices=" or ".join(KINDS),
            )

    @classmethod
    def parse(cls, text: str, kind: str = "zero") -> "Off":
        """What :meth:`__str__` writes, such as ``"1.3,1.5"``; nothing is no head.

        Raises:
            OffError: a part is no layer and head, or there is no such kind.
        """
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        for part in parts:
            if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", part):
                raise OffError(
                    "{part!r} is no head: write its layer, a point and its number, both from 0, "
                    "and a comma between heads: 1.3,1.5.",
                    part=part,
                )
        heads = (part.split(".") for part in parts)
        return cls(frozenset((int(layer), int(head)) for layer, head in heads), cast(Kind, kind))

    def __str__(self) -> str:
        """For an address, ascending: ``off=1.3,1.5``."""
        return ",".join(f"{layer}.{head}" for layer, head in sorted(self.heads))

    def __repr__(self) -> str:
        return f"Off({self} by {self.kind})"

    def __bool__(self) -> bool:
        """Whether any head is off."""
        return bool(self.heads)

    def require(
        self, configs: Sequence[AttentionConfig], numbers: Sequence[int] | None = None
    ) -> None:
        """
        Args:
            numbers: what each layer is called; None: as it is counted.

        Raises:
            OffError: a model with these layers has no such head.
        """
        for layer, head in sorted(self.heads):
            if not 0 <= layer < len(configs):
                raise OffError(
                    "head {layer}.{head} does not exist: the model has layers 0 to {last}.",
                    layer=layer,
                    head=head,
                    last=len(configs) - 1,
                )
            if not 0 <= head < configs[layer].n_heads:
                raise OffError(
                    "head {layer}.{head} does not exist: layer {layer} has heads 0 to {last}.",
                    layer=layer if numbers is None else numbers[layer],
                    head=head,
                    last=configs[layer].n_heads - 1,
                )

    def among(self, configs: Sequence[AttentionConfig]) -> "Off":
        """Without the heads that a model with these layers does not have."""
        there = (range(config.n_heads) for config in configs)
        every = {(layer, head) for layer, heads in enumerate(there) for head in heads}
        return Off(self.heads & every, self.kind)

    def turned(self, layer: int, head: int) -> "Off":
        """With this head switched off if it was on, and on if it was off."""
        return Off(self.heads ^ {(layer, head)}, self.kind)

    def within(self, layer: int) -> frozenset[int]:
        """The heads of one layer that are off."""
        return frozenset(head for of, head in self.heads if of == layer)

    def idle_kv_heads(self, layer: int, config: AttentionConfig) -> int:
        """KV heads of a layer that nobody asks: every one of their query heads is off.

        Only their keys and values need no place in the cache.
        """
        asked = set(range(config.n_heads)) - self.within(layer)
        return config.n_kv_heads - len({config.kv_head_of(head) for head in asked})


ALL_ON = Off()
