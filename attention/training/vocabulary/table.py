"""The lists beside this file."""

import tomllib
from importlib.resources import files


def table(language: str) -> dict[str, tuple[str, ...]]:
    """The words of each list of ``<language>.toml``."""
    text = (files(__package__) / f"{language}.toml").read_text(encoding="utf-8")
    return {name: tuple(words.split()) for name, words in tomllib.loads(text).items()}
