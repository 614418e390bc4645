"""Fewer KV heads out of many: which go together, and which stand for each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from attention.config import AttentionConfig, divisors
from attention.errors import HeadcountError

By = Literal["mean", "first", "random"]
Grouping = Literal["contiguous", "similar"]
WAYS: tuple[By, ...] = get_args(By)
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


class SharingError(HeadcountError):
    """KV heads that cannot be shared so. The message names the value and what would do."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The new KV heads of one layer."""

    groups: tuple[tuple[int, ...], ...]  # old KV heads, a new one each
    sources: tuple[tuple[int, ...], ...]  # those of each group whose mean the new one is

    @property
    def in_order(self) -> bool:
        """Whether every query head stays where it is."""
        return sorted(self.groups) == list(self.groups) and [
            head for group in self.groups for head in group
        ] == list(range(sum(map(len, self.groups))))

    def regrouped(self, rows: Tensor) -> Tensor:
        """``[n_kv_heads * head_dim, …]``, a KV head's rows below each other, to the new ones."""
        heads = rows.unflatten(0, (sum(map(len, self.groups)), -1))
        means = [heads[list(source)].double().mean(0).to(rows) for source in self.sources]
        return torch.cat(means)

    def query_order(self, group_size: int) -> list[int]:
        """The old query head at each new place: those of a group stand beside each other.

        Args:
            group_size: query heads to an old KV head.
        """
        heads = [head for group in self.groups for head in group]
        return [head * group_size + i for head in heads for i in range(group_size)]


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """How the KV heads of every layer become fewer (Ainslie et al. 2023, arXiv 2305.13245, 2.1).

    Args:
        kv_heads: of each layer afterwards; divides those it has.
        by: what the K and V projections of a group become: their mean, those of its first head, or
            of one that is drawn.
        grouping: neighbours, or those whose K and V projections are most alike (cosine), in groups
            of one size. Then query heads move beside those they now share with.
        seed: of what is drawn.

    Raises:
        SharingError: no such way or grouping, or kv_heads is no positive number.
    """

    kv_heads: int
    by: By = "mean"
    grouping: Grouping = "contiguous"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.by not in WAYS or self.grouping not in GROUPINGS:
            raise SharingError(
                "sharing by {by!r} in {grouping!r} groups is unknown: choose {ways}, and "
                "{groupings}.",
                by=self.by,
                grouping=self.grouping,
                ways=", ".join(WAYS),
                groupings=" or ".join(GROUPINGS),
            )

    def require(
        self, configs: Sequence[AttentionConfig], numbers: Sequence[int] | None = None
    ) -> None:
        """
        Args:
            numbers: what each layer is called; None: as it is counted.

        Raises:
            SharingError: some layer's KV heads do not divide into so many groups.
        """
        for layer, config in enumerate(configs):
            if self.kv_heads not in divisors(config.n_kv_heads):
                raise SharingError(
                    "kv_heads {kv_heads} does not divide the {n_kv_heads} KV heads of layer "
                    "{layer}: choose {works}.",
                    kv_heads=self.kv_heads,
                    n_kv_heads=config.n_kv_heads,
                    layer=layer if numbers is None else numbers[layer],
                    works=", ".join(map(str, divisors(config.n_kv_heads))),
                )

    def plan(self, layer: int, heads: Tensor) -> Plan:
        """The groups of one layer.

        Args:
            heads: ``[n_kv_heads, numbers]``, the K and V projections of each KV head as a row.
        """
        size = len(heads) // self.kv_heads
        if self.grouping == "contiguous":
            groups = tuple(tuple(range(n, n + size)) for n in range(0, len(heads), size))
        else:
            groups = _alike(heads, size)
        drawn = np.random.default_rng((self.seed, layer)).integers(size, size=len(groups))
        sources = {
            "mean": groups,
            "first": tuple(group[:1] for group in groups),
            "random": tuple((group[n],) for group, n in zip(groups, drawn, strict=True)),
        }
        return Plan(groups=groups, sources=sources[self.by])


def heads_as_rows(n_kv_heads: int, *matrices: Tensor | None) -> Tensor:
    """``[n_kv_heads, numbers]``: what makes each KV head's keys and values, side by side."""
    given = [matrix for matrix in matrices if matrix is not None]
    return torch.cat(
        [matrix.detach().float().cpu().reshape(n_kv_heads, -1) for matrix in given], dim=1
    )


def _alike(heads: Tensor, size: int) -> tuple[tuple[int, ...], ...]:
    """Groups of one size: from the two most alike on, each time the one most like the group."""
    unit = torch.nn.functional.normalize(heads.double(), dim=1)
    likeness = (unit @ unit.T).fill_diagonal_(-np.inf)
    left, groups = set(range(len(heads))), []
    while left:
        free = sorted(left)
        among = likeness[free][:, free]
        group = [free[int(among.max(1).values.argmax())]]
        while len(group) < size:
            rest = [head for head in free if head not in group]
            group.append(max(rest, key=lambda head: (likeness[head, group].mean().item(), -head)))
        groups.append(tuple(sorted(group)))
        left -= set(group)
    return tuple(sorted(groups))
