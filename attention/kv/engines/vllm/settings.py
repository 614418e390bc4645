"""vLLM's settings."""

from attention.kv.engines.shared import BLOCK_SIZE, ENCODER_TOKENS, HYBRID, STATE_FORMAT
from attention.kv.settings import Count

MAX_BATCHED_TOKENS = Count[int](
    name="max_batched_tokens", help="tokens computed in one step", default=2048
)
"""``max_num_batched_tokens``."""

SETTINGS = (BLOCK_SIZE, MAX_BATCHED_TOKENS, ENCODER_TOKENS, STATE_FORMAT, HYBRID)
