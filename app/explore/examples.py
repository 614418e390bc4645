"""The sentences offered on the page, read from ``assets/examples.toml``."""

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache

from app.i18n import DEFAULT_LANG
from attention.assets import asset

EXAMPLES = asset("examples.toml")


@dataclass(frozen=True)
class Example:
    """One sentence and what it shows."""

    name: str  # key of its label, under examples.<name> in the locale files
    text: str
    shows: str  # the role of the head to look at: "induction", "subject", "referent" …
    dependencies: tuple[tuple[int, int], ...] = ()  # words: (the one that looks, the one looked at)
    word: int | None = None  # the word whose token is chosen, where it shows it as well as any
    lang: str = DEFAULT_LANG  # the language that it is in

    def holds_in(self, words: list[str], later: int) -> bool:
        """Whether a text says the same as far as this dependency goes: of a subject up to the verb,
        which comes next."""
        reach = later + (2 if self.shows == "subject" else 1)
        return words[:reach] == self.text.split()[:reach]


@lru_cache(maxsize=1)
def load_examples() -> tuple[Example, ...]:
    """Every example, the default first."""
    rows = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["example"]
    return tuple(
        Example(
            name=row["name"],
            text=row["text"],
            shows=row["shows"],
            dependencies=tuple((later, earlier) for later, earlier in row.get("dependencies", ())),
            word=row.get("word"),
            lang=row.get("lang", DEFAULT_LANG),
        )
        for row in rows
    )


def ordered(examples: tuple[Example, ...], lang: str) -> tuple[Example, ...]:
    """Those in the language of the page first."""
    return tuple(sorted(examples, key=lambda example: example.lang != lang))


def find_example(examples: tuple[Example, ...], text: str) -> Example | None:
    """The example that has exactly this text, if any."""
    return next((example for example in examples if example.text == text.strip()), None)


def find_links(examples: tuple[Example, ...], text: str) -> Example | None:
    """The example that a text begins as, with those of its dependencies that hold there: who
    changes the end of an example still has its subjects. None where none holds."""
    words = text.split()
    for example in examples:
        held = tuple(
            (later, earlier)
            for later, earlier in example.dependencies
            if example.holds_in(words, later)
        )
        if held:
            return replace(example, dependencies=held)
    return None


def link_of(text: str) -> str:
    """The role that the known dependencies of a text show."""
    links = find_links(load_examples(), text)
    return "subject" if links is None else links.shows
