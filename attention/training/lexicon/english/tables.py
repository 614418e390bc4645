"""The tables of the lexicon, as they are written beside this file."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    """One of the ``.toml`` files beside this one."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def words(text: str) -> tuple[str, ...]:
    """The words of a text, each once; "_" stands for a space within one."""
    return tuple(dict.fromkeys(word.replace("_", " ") for word in text.split()))
