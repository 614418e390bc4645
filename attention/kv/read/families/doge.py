"""Doge, whose thousands of experts are rows of an embedding."""

from attention.kv.read.family import Family


def is_sparse(_index: int) -> bool:
    """None is, as a mixture of feed-forwards has it (``DogeCDMoE``)."""
    return False


FAMILIES = {"doge": Family(is_sparse=is_sparse, is_summed=True)}
