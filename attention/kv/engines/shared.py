"""Settings that several engines heed, and how many tokens an encoder has."""

from attention.kv.settings import Count, Format, Switch

ENCODER_TOKENS = Count[int | None](name="encoder_tokens", help="tokens of an encoder", default=None)
"""Left out, the model's own number, or else the context."""

BLOCK_SIZE = Count[int | None](name="block_size", help="tokens of a block or page", default=None)

CELLS = Count[int | None](
    name="cells", help="tokens made room for, in all streams: instead of padding", default=None
)
"""llama.cpp's cells (of all its streams; its log prints those of one), SGLang's #tokens."""

STATE_FORMAT = Format(name="state_format", help="of recurrent states", default=None)
"""Left out, each engine's own."""

HYBRID = Switch[bool](name="hybrid", help="windows keep every token", default=True)
"""vLLM's hybrid KV cache manager, SGLang's pool for windows; the help is of ``--no-hybrid``."""
