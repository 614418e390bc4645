"""The words of the texts that the family was trained on, and those of a text that are none. Pure.

It goes on sensibly with these alone.
"""

from functools import cache
from html import escape

import regex

from app.i18n import Words

WORD = regex.compile(r"[\p{L}\p{M}]+")
MOST_NAMED = 6


@cache
def known() -> dict[str, frozenset[str]]:
    """By language every word of the grammar, in small letters. Its tables are read once, when the
    section is first opened."""
    from attention.training.grammar import english, hindi  # noqa: PLC0415

    grammars = {"en": english.WORDS, "hi": hindi.WORDS}
    return {
        lang: frozenset(part.lower() for entry in entries for part in WORD.findall(entry))
        for lang, entries in grammars.items()
    }


def unknown_words(text: str) -> tuple[str, ...]:
    """Words of a text that the family never met as such, each once, in the order of the text."""
    met = frozenset().union(*known().values())
    return tuple(dict.fromkeys(word for word in WORD.findall(text) if word.lower() not in met))


def known_html(text: str, words: Words) -> str:
    """How many words it may be asked to go on with, and what of this text is none of them."""
    counts = {lang: words.number(len(entries)) for lang, entries in known().items()}
    strange = unknown_words(text)
    said = ""
    if strange:
        named = ", ".join(f"<bdi>“{escape(word)}”</bdi>" for word in strange[:MOST_NAMED])
        named += "" if len(strange) <= MOST_NAMED else ", …"
        said = f"<p>{words('generate.strange', named=named)}</p>"
    return (
        f'<div class="hc-known" lang="{words.lang}">{said}'
        f"<p>{escape(words('generate.known', **counts))}</p></div>"
    )
