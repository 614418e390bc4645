"""Types of no family here that need a rule for their layers, and nothing else."""

from attention.kv.read.family import Family
from attention.kv.read.mixers import head_gate
from attention.kv.read.rules import (
    CONV,
    FULL,
    LINEAR,
    SLIDING,
    all_of,
    cycle,
    every,
    from_the_end,
)

FAMILIES = {
    "beam": Family(layers=every(6, last=True)),
    "flint": Family(layers=every(4, at=1, last=True, first=2)),
    "kolibri1": Family(layers=every(5)),
    "laguna": Family(layers=all_of(FULL), weights=head_gate, dense_at_start=1, is_summed=True),
    "lara_mini": Family(layers=cycle(LINEAR, SLIDING, LINEAR, FULL, SLIDING)),
    "lfm2": Family(layers=all_of(FULL)),
    "lfm2_moe": Family(layers=all_of(FULL)),
    "lfm3": Family(layers=cycle(SLIDING, CONV, FULL, CONV, start=(CONV, CONV, FULL, CONV))),
    "mellum": Family(layers=all_of(FULL), is_summed=True),
    "muse_glimmer_text": Family(layers=from_the_end(4)),
    "muse_spark_text": Family(layers=from_the_end(4)),
    "step3p5": Family(layers=all_of(FULL), weights=head_gate, dense_at_start=3, is_summed=True),
}
