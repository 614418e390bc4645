"""transformers' settings."""

from attention.kv.engines.shared import ENCODER_TOKENS
from attention.kv.settings import Switch

STATIC = Switch[bool](name="static", help="a cache made in advance", default=False)
"""StaticCache, made for ``context`` tokens, instead of DynamicCache."""

SETTINGS = (ENCODER_TOKENS, STATIC)
