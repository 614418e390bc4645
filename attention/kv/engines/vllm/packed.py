"""Pages of different sizes side by side in one block, as vLLM has had them since 0.28.

Read in ``_get_packed_kv_cache_groups`` and ``_get_kv_cache_bytes_per_block`` of
``vllm/v1/core/kv_cache_utils.py`` (0.29 to 0.32) and ``kv_cache_planning.py`` (0.33). Models whose
kernels ask for it have them: DeepSeek V4, and latents with pooled indexer keys (GLM-5.3-Flash).

- Layers that need the same number of tokens in blocks of one size make a bucket.
- A bucket with as many layers of each page size is a pattern that repeats; such buckets are cut
  into groups of about as many repeats, so that little is padded.
- A block has the bytes of the largest group. States are cut further, to fit into what the others
  need anyway.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attention.kv.engines.vllm.spec import Spec

Member = tuple[int, Spec]


@dataclass(frozen=True)
class Bucket:
    """Layers that may share blocks.

    Args:
        by_page: its layers, by the bytes of their pages.
    """

    by_page: dict[int, list[Member]]

    @property
    def members(self) -> list[Member]:
        return sorted(
            (member for members in self.by_page.values() for member in members),
            key=lambda member: member[0],
        )

    @property
    def is_balanced(self) -> bool:
        """Whether it has as many layers of each page size."""
        return len({len(members) for members in self.by_page.values()}) == 1

    @property
    def repeats(self) -> int:
        """Layers of the page size that most have."""
        return max(len(members) for members in self.by_page.values())

    @property
    def keeps_states(self) -> bool:
        return self.members[0][1].kind in ("state", "ring")

    def widest(self, n_groups: int) -> int:
        """Bytes of a block in the largest of ``n_groups``."""
        return sum(-(-len(found) // n_groups) * page for page, found in self.by_page.items())

    def cut(self, n_groups: int) -> list[list[Member]]:
        """``n_groups`` of it, every one with each ``n_groups``-th repeat."""
        if n_groups == 1:
            return [self.members]
        pattern = list(zip(*self.by_page.values(), strict=True))
        return [
            [member for repeat in pattern[i::n_groups] for member in repeat]
            for i in range(n_groups)
        ]


def pack(asked: Sequence[Member]) -> tuple[list[list[Member]], int]:
    """The groups, and the bytes of one block.

    Args:
        asked: layers with what they ask.
    """
    buckets = buckets_of(asked)
    mixed = [one for one in buckets if one.is_balanced and len(one.by_page) > 1]
    least = max((one.repeats for one in mixed), default=0)
    repeats = [one.repeats for one in buckets if one.is_balanced]
    size = least_padding(repeats, least) if least else 0

    def usual(bucket: Bucket) -> int:
        return -(-bucket.repeats // size) if size and bucket.is_balanced else 1

    widths = [
        one.widest(len(one.members) if _may_be_cut(one, size) else usual(one)) for one in buckets
    ]
    groups: list[list[Member]] = []
    for bucket in buckets:
        n_groups = usual(bucket)
        if _may_be_cut(bucket, size):
            fitting = max(max(widths) // bucket.members[0][1].page, 1)
            n_groups = max(n_groups, -(-len(bucket.members) // fitting))
        groups += bucket.cut(n_groups)
    row = max(sum(spec.page for _, spec in members) for members in groups)
    alignment = math.lcm(*(spec.row_alignment for _, spec in asked))
    return groups, -(-row // alignment) * alignment


def buckets_of(asked: Sequence[Member]) -> list[Bucket]:
    """Layers of one kind, window and block size together."""
    found: dict[tuple[object, ...], Bucket] = {}
    for index, spec in asked:
        key = (spec.kind, spec.window, spec.block_size, spec.page if spec.kind == "state" else 0)
        bucket = found.setdefault(key, Bucket({}))
        bucket.by_page.setdefault(spec.page, []).append((index, spec))
    return list(found.values())


def least_padding(numbers: Sequence[int], least: int) -> int:
    """The size from ``least`` on to whose multiples the numbers are rounded with the least added
    (``_approximate_gcd``); of two the larger."""
    sizes = range(max(1, least), max(*numbers, least) + 1)
    return min(sizes, key=lambda size: (sum(-n % size for n in numbers), -size))


def _may_be_cut(bucket: Bucket, size: int) -> bool:
    return bucket.keeps_states or (not size and bucket.members[0][1].kind == "window")
