"""Every visible string of the pages, see :mod:`attention.words`."""

from pathlib import Path

from attention.words import (
    DEFAULT_LANG,
    LOCALES,
    LocaleError,
    Words,
    languages,
    load_words,
)

__all__ = ("DEFAULT_LANG", "LOCALES", "ROOT", "LocaleError", "Words", "languages", "load_words")

ROOT = Path(__file__).resolve().parent.parent
