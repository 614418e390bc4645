"""Twins of the catalog's models, with fewer KV heads: what was uptrained here lies in ``assets/``.

Without torch: a page names them before it is loaded. :mod:`attention.uptraining.named` loads them.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attention.assets import asset
from attention.models.store.names import NAMED

FOLDER = asset("twins")
NAME = re.compile(r"(?P<base>[\w.]+)-kv(?P<kv_heads>[1-9]\d{0,3})")


def twin_name(base: str, kv_heads: int) -> str:
    """What the twin of a model is called, where there is one."""
    return f"{base}-kv{kv_heads}"


def twins_of(base: str) -> tuple[int, ...]:
    """The KV heads with which a model is to be had beside those that it was built with."""
    found = (NAME.fullmatch(file.stem) for file in FOLDER.glob("*.safetensors"))
    return tuple(sorted(int(name["kv_heads"]) for name in found if name and name["base"] == base))


def file_of(name: str) -> Path | None:
    """Its weights; None where no twin has this name."""
    found = NAME.fullmatch(name)
    file = FOLDER / f"{name}.safetensors"
    return file if found and found["base"] in NAMED and file.is_file() else None


def base_of(name: str) -> str:
    """The model of which a twin has all its other weights; any other model's own name."""
    return name.rpartition("-kv")[0] if file_of(name) else name


def card_of(name: str) -> Mapping[str, Any] | None:
    """What was done to a twin and measured, as ``share --uptrain --json`` says it; else None."""
    file = file_of(name)
    return None if file is None else _card(file)


@cache
def _card(file: Path) -> Mapping[str, Any]:
    """It holds thousands of updates, and a page with a twin asks for it in every run."""
    return json.loads(file.with_suffix(".json").read_text("utf-8"))
