"""Mistral."""

from attention.kv.read.family import Family
from attention.kv.read.rules import INDEXED, all_of

FAMILIES = {
    "ministral3": Family(is_summed=True),
    "mistral": Family(is_summed=True),
    "mistral_large4_text": Family(layers=all_of(INDEXED)),
    "mixtral": Family(is_summed=True),
}
