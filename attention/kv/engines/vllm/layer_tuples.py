"""DeepSeek V4's groups in vLLM before 0.28.

Read in ``_get_kv_cache_groups_uniform_groups`` and ``_get_kv_cache_config_packed`` of
``vllm/v1/core/kv_cache_utils.py``, 0.22 to 0.27: the entries of all layers are one group; the
windows are cut into groups of about as many layers, their pages padded to sizes that entries have.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from attention.kv.engines.vllm.packed import Bucket, Member, buckets_of, least_padding


def group(asked: Sequence[Member], *, has_slots: bool) -> tuple[list[list[Member]], int]:
    """The groups, that of the entries first, and the bytes of one block.

    Args:
        has_slots: whether a block has room for the most layers of each page size (0.23), or of any.
    """
    buckets = buckets_of(asked)
    entries = next(one for one in buckets if one.members[0][1].kind == "full")
    windows = [_padded(one, sorted(entries.by_page)) for one in buckets if one is not entries]
    size = least_padding([entries.repeats, *(one.repeats for one in windows)], entries.repeats)
    groups = [entries.members]
    for bucket in windows:
        groups += bucket.cut(-(-bucket.repeats // size))
    counts = [Counter(spec.page for _, spec in members) for members in groups]
    most = {page: max(count[page] for count in counts) for page in entries.by_page}
    if has_slots:
        return groups, sum(page * n for page, n in most.items())
    return groups, sum(most) * max(most.values())


def _padded(bucket: Bucket, pages: Sequence[int]) -> Bucket:
    """The same with pages of the next larger of the sizes."""
    by_page: defaultdict[int, list[Member]] = defaultdict(list)
    for page, members in bucket.by_page.items():
        larger = min(size for size in pages if size >= page)
        by_page[larger] += [(index, spec.padded_to(larger)) for index, spec in members]
    return Bucket(dict(by_page))
