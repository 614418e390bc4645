"""Granite."""

from attention.kv.read.family import Family
from attention.kv.read.mixers import mamba2
from attention.kv.read.rules import LINEAR, all_of, every

FAMILIES = {
    "granite": Family(is_summed=True),
    "granite_swa": Family(layers=every(4, at=0), is_summed=True),
    "granitemoe": Family(is_summed=True),
    "granitemoe_swa": Family(layers=every(4, at=0), is_summed=True),
    "granitemoehybrid": Family(layers=all_of(LINEAR), weights=mamba2, is_summed=True),
    "granitemoeshared": Family(is_summed=True),
}
