"""Texts over which a head's mean context is taken, where no other is given."""

import tomllib
from functools import cache

from attention.assets import asset


@cache
def prose() -> str:
    """Four paragraphs of English of our own (``held_out.toml``), in no model's training."""
    held_out = tomllib.loads(asset("held_out.toml").read_text(encoding="utf-8"))
    return " ".join(held_out["prose"])


@cache
def sentences() -> str:
    """The page's sentences (``examples.toml``): English and Hindi as the family was taught them."""
    examples = tomllib.loads(asset("examples.toml").read_text(encoding="utf-8"))
    return " ".join(example["text"] for example in examples["example"])
