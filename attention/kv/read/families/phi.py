"""Phi."""

from attention.kv.read.family import Family

FAMILIES = {
    "phi": Family(matrices=2, is_summed=True),
    "phi3": Family(is_summed=True),
    "phimoe": Family(is_summed=True),
}
