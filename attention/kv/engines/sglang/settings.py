"""SGLang's settings."""

from fractions import Fraction

from attention.kv.engines.shared import BLOCK_SIZE, CELLS, ENCODER_TOKENS, HYBRID, STATE_FORMAT
from attention.kv.settings import Ratio
from attention.kv.workload import Workload

SWA_RATIO = Ratio(name="swa_ratio", help="a window layer's slots to a full one's", default=0.8)
"""``--swa-full-tokens-ratio``."""

SETTINGS = (BLOCK_SIZE, CELLS, ENCODER_TOKENS, STATE_FORMAT, SWA_RATIO, HYBRID)


def window_share(workload: Workload) -> Fraction:
    """``swa_ratio``, as the decimal that was written."""
    return Fraction(str(workload[SWA_RATIO]))
