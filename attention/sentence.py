"""Sentences of this library: plain English strings that know what they were filled with.

A :class:`Sentence` is a ``str``, so whoever prints it prints English. It also keeps its template
and the values in it; :meth:`attention.words.Words.told` says the same in another language. The
English template is the key, as in gettext: it stands in the code, where it is read, and once more
in the locale file of each other language, under ``library``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

# The names of model configs, and what has no plural.
_NO_PLURAL = ("head_dim", "latent", "indexer_dim", "page")


class Sentence(str):
    """A template with its values filled in.

    >>> said = Sentence("{n} tokens fit, of {asked} asked for.", n=8, asked=9)
    >>> print(said, said.values)
    8 tokens fit, of 9 asked for. {'n': 8, 'asked': 9}

    Args:
        template: English, with the places of :meth:`str.format`. Without values it stays as it is.
        values: numbers, names, sentences within the sentence, or errors, which stand for theirs.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        if isinstance(template, cls) and not values:
            return template
        values = {name: getattr(value, "sentence", value) for name, value in values.items()}
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template, self.values = str(template), values
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self.template, self.values)


class Quantity(Sentence):
    """A number of things: ``1 token``, ``2 tokens``, ``3 entries``, ``128 head_dim``.

    Args:
        n: how many.
        noun: in singular; the key under ``quantity`` in the locale files.
    """

    noun: str

    def __new__(cls, n: int | float, noun: str) -> Self:
        form = noun
        if n != 1 and not noun.startswith(_NO_PLURAL):
            form = f"{noun[:-1]}ies" if noun.endswith("try") else f"{noun}s"
        self = super().__new__(cls, "{n} " + form, n=n)
        self.noun = noun
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Quantity, (self.values["n"], self.noun)


def joined(separator: str, parts: Iterable[str]) -> Sentence:
    """The parts with the separator between, each still a sentence of its own."""
    values = {f"p{i}": part for i, part in enumerate(parts)}
    return Sentence(separator.join(f"{{{name}}}" for name in values), **values)


def _remake(cls: type[Sentence], template: str, values: dict[str, Any]) -> Sentence:
    return cls(template, **values)
