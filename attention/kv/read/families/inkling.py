"""Inkling: attention and a convolution in every layer, five of six with a window."""

from dataclasses import replace

from attention.kv.read.family import Family
from attention.kv.read.rules import HYBRID, HYBRID_SLIDING, every

INKLING = Family(layers=every(6, of=HYBRID, rest=HYBRID_SLIDING), is_summed=True)

FAMILIES = {
    "inkling_text": INKLING,
    "inkling2_text": INKLING,
    "inkling2_loop_text": replace(INKLING, is_summed=False),
}
