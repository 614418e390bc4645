"""The sentences offered on the page, read from ``assets/examples.toml``."""

import tomllib
from dataclasses import dataclass

from app.i18n import DEFAULT_LANG
from attention.assets import asset

EXAMPLES = asset("examples.toml")


@dataclass(frozen=True)
class Example:
    """One sentence and what it shows."""

    name: str  # key of its label, under examples.<name> in the locale files
    text: str
    layer: int  # the layer in which to look
    shows: str  # the score that picks the head to look at: "induction", "agreement_en", ...
    dependencies: tuple[tuple[int, int], ...] = ()  # words: (before the verb, its subject)
    word: int | None = None  # the word whose token is chosen; None is the last
    lang: str = DEFAULT_LANG  # the language that it is in


def load_examples() -> tuple[Example, ...]:
    """Every example, the default first."""
    rows = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["example"]
    return tuple(
        Example(
            name=row["name"],
            text=row["text"],
            layer=row["layer"],
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


def token_of_word(token_texts: list[str], text: str, word: int) -> int:
    """The index of the last token of the word at index ``word`` (words stand between spaces).

    Token texts are readable pieces that need not join to the text exactly, so their letters are
    counted, not their spaces.
    """
    letters = sum(len(part) for part in text.split()[: word + 1])
    seen = 0
    for index, token in enumerate(token_texts):
        seen += len("".join(token.split()))
        if seen >= letters:
            return index
    return len(token_texts) - 1
