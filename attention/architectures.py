"""Shapes of real models, read from ``assets/architectures.json``; each row names its source."""

import json
from dataclasses import dataclass
from functools import cache

from attention.assets import asset
from attention.memory import KVShape

TABLE = asset("architectures.json")


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One model: what decides the size of its cache, and where that was read.

    Only models whose every layer keeps every token are listed; ``note`` says what is unusual.
    """

    name: str
    n_layers: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    d_model: int
    max_context: int  # tokens
    source: str  # a public file, and the name in it
    note: str

    @property
    def shape(self) -> KVShape:
        """What ``memory.py`` counts with."""
        return KVShape(n_layers=self.n_layers, n_kv_heads=self.n_kv_heads, head_dim=self.head_dim)


@cache
def list_architectures() -> tuple[Architecture, ...]:
    """Every model of the table, in its order."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(Architecture(**row) for row in rows)
