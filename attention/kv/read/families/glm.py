"""GLM."""

from attention.kv.read.family import Family
from attention.kv.read.rules import INDEXED, LINEAR, all_of, every, full_is_indexed

FAMILIES = {
    "glm": Family(is_summed=True),
    "glm4": Family(is_summed=True),
    "glm4_moe_lite": Family(dense_at_start=1, is_summed=True),
    "glm5_next_text": Family(layers=every(4, of=INDEXED, rest=LINEAR), listed=full_is_indexed),
    "glm_moe_dsa": Family(layers=all_of(INDEXED), dense_at_start=3, is_summed=True),
}
