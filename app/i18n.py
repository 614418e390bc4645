"""Every visible string of the pages, see :mod:`attention.words`."""

from attention.words import (
    DEFAULT_LANG,
    LOCALES,
    LocaleError,
    Words,
    language_names,
    languages,
    load_words,
)

__all__ = (
    "DEFAULT_LANG",
    "LOCALES",
    "LocaleError",
    "Words",
    "language_names",
    "languages",
    "load_words",
)
