"""Whisper, whose encoder always gives as many tokens."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields


def encoder_tokens(fields: Fields) -> int | None:
    return fields.number("encoder_tokens", "max_source_positions")


FAMILIES = {"whisper": Family(encoder_tokens=encoder_tokens)}
