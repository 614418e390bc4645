"""Every visible string, looked up by key in ``assets/locales/<lang>.toml``.

A value may hold ``{name}`` places, filled by keyword. A table with ``one`` and ``other`` is a
plural: :meth:`Words.count` chooses by ``n`` (English and Hindi both have these two forms).
"""

import tomllib
from collections.abc import Iterator, Mapping

from attention.assets import asset
from attention.errors import HeadcountError

LOCALES = asset("locales")
DEFAULT_LANG = "en"


class LocaleError(HeadcountError):
    """A language or a key that the locale files do not have."""


class Words:
    """The strings of one language: ``words("controls.heads")``, ``words.count("tokens", 3)``."""

    def __init__(self, lang: str, table: Mapping[str, str]) -> None:
        self.lang = lang
        self._table = dict(table)

    def __call__(self, key: str, /, **values: object) -> str:
        """The string under ``key`` with its places filled.

        Raises:
            LocaleError: the language has no such key.
        """
        if key not in self._table:
            raise LocaleError(f"assets/locales/{self.lang}.toml has no key {key!r}: add it.")
        return self._table[key].format(**values) if values else self._table[key]

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The plural form of ``key`` for ``n``, which also fills ``{n}`` (1,024 with a comma)."""
        return self(f"{key}.{'one' if n == 1 else 'other'}", n=f"{n:,}", **values)

    def term(self, name: str) -> tuple[str, str]:
        """A term of the glossary, and the sentence that says what it means."""
        return self(f"glossary.{name}.word"), self(f"glossary.{name}.says")

    def section(self, prefix: str) -> dict[str, str]:
        """Every string under ``prefix.``, without the prefix: what the picture is handed."""
        start = f"{prefix}."
        found = self._table.items()
        return {key.removeprefix(start): value for key, value in found if key.startswith(start)}

    def keys(self) -> frozenset[str]:
        """Every dotted key, plural forms included."""
        return frozenset(self._table)


def languages() -> tuple[str, ...]:
    """The languages that have a locale file, the default first."""
    found = sorted(path.stem for path in LOCALES.glob("*.toml"))
    return (DEFAULT_LANG, *(lang for lang in found if lang != DEFAULT_LANG))


def load_words(lang: str) -> Words:
    """Read one locale file.

    Raises:
        LocaleError: there is no file for ``lang``.
    """
    if lang not in languages():
        known = " or ".join(languages())
        raise LocaleError(f"There is no language {lang!r}: choose {known}.")
    text = (LOCALES / f"{lang}.toml").read_text(encoding="utf-8")
    return Words(lang, dict(_flatten(tomllib.loads(text))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
