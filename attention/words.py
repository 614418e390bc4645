"""Every visible string, looked up by key in ``assets/locales/<lang>.toml``.

A value may hold ``{name}`` places, filled by keyword. A table with ``other`` is a plural:
:meth:`Words.count` chooses by ``n``. What is a language's own stands in its file alone: its name
(``name``), its plural rules (``plural``, as CLDR writes them), how it groups digits (``number``),
and the sentences of the library (``library``, ``quantity``), which are English by themselves.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from attention.assets import asset
from attention.digits import Digits
from attention.errors import HeadcountError
from attention.plural import category, rule
from attention.sentence import Quantity, Sentence

LOCALES = asset("locales")
DEFAULT_LANG = "en"
#: As it is typed in the library's sentences, and on a command line; not a mark around a name.
APOSTROPHE = re.compile(r"(?<=[a-z])'(?=[a-z ])")


class LocaleError(HeadcountError):
    """A language or a key that the locale files do not have."""


class Words:
    """The strings of one language: ``words("controls.heads")``, ``words.count("tokens", 3)``."""

    def __init__(self, lang: str, table: Mapping[str, str]) -> None:
        self.lang = lang
        self._table = dict(table)
        self._sections: dict[str, dict[str, str]] = {}
        self._rules = {name: rule(text) for name, text in self.section("plural").items()}
        how = self.section("number")
        sizes = tuple(int(size) for size in how.get("sizes", "3").split())
        self.digits = Digits(how.get("group", ","), how.get("decimal", "."), sizes)
        self._filler = _Filler(self)

    def __call__(self, key: str, /, **values: object) -> str:
        """The string under ``key`` with its places filled.

        Raises:
            LocaleError: the language has no such key.
        """
        if key not in self._table:
            raise LocaleError(
                "assets/locales/{lang}.toml has no key {key!r}: add it.", lang=self.lang, key=key
            )
        return self._table[key].format(**values) if values else self._table[key]

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The plural form of ``key`` for ``n``, which also fills ``{n}`` (1,024 with a comma)."""
        return self(f"{key}.{category(n, self._rules)}", n=self.number(n), **values)

    def number(self, n: float, spec: str = ",") -> str:
        """A number as this language writes it, see :meth:`attention.digits.Digits.written`."""
        return self.digits.written(n, spec)

    def told(self, sentence: str) -> str:
        """A sentence of the library in this language, and its numbers as this language writes them.

        What the locale file does not have stays English; so does any other string.
        """
        if isinstance(sentence, Quantity):
            n = sentence.values["n"]
            form = f"quantity.{sentence.noun}.{category(int(n), self._rules)}"
            if form in self._table:
                return self(form, n=self.number(n))
        if not isinstance(sentence, Sentence):
            return sentence
        english = APOSTROPHE.sub("’", sentence.template)
        template = self._table.get(f"library.{sentence.template}", english)
        if not sentence.values:
            return template
        return self._filler.vformat(template, (), sentence.values)

    def term(self, name: str) -> tuple[str, str]:
        """A term of the glossary, and the sentence that says what it means."""
        return self(f"glossary.{name}.word"), self(f"glossary.{name}.says")

    def section(self, prefix: str) -> dict[str, str]:
        """Every string under ``prefix.``, without the prefix: what the picture is handed."""
        if prefix not in self._sections:  # a page asks for the same ones at every run
            start, found = f"{prefix}.", self._table.items()
            kept = {key.removeprefix(start): text for key, text in found if key.startswith(start)}
            self._sections[prefix] = kept
        return dict(self._sections[prefix])

    def over(self, prefix: str) -> "Words":
        """The same language, with what stands under ``prefix.`` instead of what has that key."""
        return Words(self.lang, self._table | self.section(prefix))

    def keys(self) -> frozenset[str]:
        """Every dotted key, plural forms included."""
        return frozenset(self._table)


class _Filler(string.Formatter):
    """Fills a template with what a language makes of each value."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return format(self._words.told(value), format_spec)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._words.number(value, format_spec or ",")
        return format(value, format_spec)


def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """The languages that have a locale file, the default first."""
    found = sorted(path.stem for path in folder.glob("*.toml"))
    return (DEFAULT_LANG, *(lang for lang in found if lang != DEFAULT_LANG))


def language_names(folder: Path = LOCALES) -> dict[str, str]:
    """Each language by its own name, as its file says."""
    return {lang: load_words(lang, folder)("name") for lang in languages(folder)}


@lru_cache(maxsize=16)
def load_words(lang: str, folder: Path = LOCALES) -> Words:
    """Read one locale file, once.

    Raises:
        LocaleError: there is no file for ``lang``.
    """
    there = languages(folder)
    if lang not in there:
        known = " or ".join(there)
        raise LocaleError("There is no language {lang!r}: choose {known}.", lang=lang, known=known)
    text = (folder / f"{lang}.toml").read_text(encoding="utf-8")
    return Words(lang, dict(_flatten(tomllib.loads(text))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
