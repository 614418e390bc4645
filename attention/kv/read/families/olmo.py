"""OLMo."""

from attention.kv.read.family import Family
from attention.kv.read.rules import LINEAR, every
from attention.kv.read.states import delta_net

FAMILIES = {
    "flex_olmo": Family(is_summed=True),
    "olmo": Family(is_summed=True),
    "olmo2": Family(is_summed=True),
    "olmo3": Family(layers=every(4), is_summed=True),
    "olmo_hybrid": Family(layers=every(4, rest=LINEAR), states=delta_net),
    "olmoe": Family(is_summed=True),
}
