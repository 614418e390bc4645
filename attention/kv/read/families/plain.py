"""Types of no family here that need a rule for their layers, and nothing else."""

from attention.kv.read.family import Family
from attention.kv.read.mixers import head_gate
from attention.kv.read.rules import (
    FULL,
    LINEAR,
    SLIDING,
    all_of,
    cycle,
    every,
    from_the_end,
)

LIKE_LLAMA = ("aria_text", "dots1", "ernie4_5_moe", "glm4_moe", "glm4v_moe_text",
              "hunyuan_v1_dense", "ministral", "solar_open")  # fmt: skip
# Their feed-forward has no gate.
WITHOUT_GATE = ("apertus", "apertus1p5_text", "arcee", "jais2", "nanochat", "nemotron", "persimmon")
TWO_MATRICES = Family(matrices=2, is_summed=True)

FAMILIES = {
    **{name: Family(is_summed=True) for name in LIKE_LLAMA},
    **dict.fromkeys(WITHOUT_GATE, TWO_MATRICES),
    "beam": Family(layers=every(6, last=True), is_summed=True),
    "flint": Family(layers=every(4, at=1, last=True, first=2), is_summed=True),
    "kolibri1": Family(layers=every(5), is_summed=True),
    "laguna": Family(layers=all_of(FULL), weights=head_gate, dense_at_start=1, is_summed=True),
    "lara_mini": Family(layers=cycle(LINEAR, SLIDING, LINEAR, FULL, SLIDING)),
    "mellum": Family(layers=all_of(FULL), is_summed=True),
    "muse_glimmer_text": Family(layers=from_the_end(4)),
    "muse_spark_text": Family(layers=from_the_end(4)),
    "step3p5": Family(layers=all_of(FULL), weights=head_gate, dense_at_start=3, is_summed=True),
}
