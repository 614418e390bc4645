"""Streamlit's theme and the picture's palettes are the same colours."""

import tomllib
from pathlib import Path

import pytest

from attention.theme import DARK, LIGHT, Theme

CONFIG = Path(__file__).resolve().parents[2] / "app" / ".streamlit" / "config.toml"


@pytest.mark.parametrize(("name", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_config_has_the_colours_of_the_theme(name: str, theme: Theme) -> None:
    section = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][name]
    assert section["backgroundColor"] == theme.background
    assert section["textColor"] == theme.text
    assert section["primaryColor"] == theme.looks
    assert section["borderColor"] == theme.line
