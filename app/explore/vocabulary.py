"""The words of the texts that the family was trained on, and those of a text that are none. Pure.

It goes on sensibly with these alone.
"""

from collections.abc import Iterable, Mapping
from html import escape

import regex

from app.i18n import Words
from attention.training.lexicon import ENGLISH_WORDS, HINDI_WORDS

WORD = regex.compile(r"[\p{L}\p{M}]+")
MOST_NAMED = 6
KNOWN = {
    lang: tuple(sorted({part for entry in words for part in WORD.findall(entry)}, key=str.lower))
    for lang, words in (("en", ENGLISH_WORDS), ("hi", HINDI_WORDS))
}


def unknown_words(text: str) -> tuple[str, ...]:
    """Words of a text that the family never met as such, each once, in the order of the text."""
    known = {word.lower() for words in KNOWN.values() for word in words}
    return tuple(dict.fromkeys(word for word in WORD.findall(text) if word.lower() not in known))


def known_html(text: str, words: Words, names: Mapping[str, str]) -> str:
    """What it may be asked to go on with: a list to open, and what of this text is not in it.

    Args:
        names: of the languages, each in its own.
    """
    counts = {lang: words.number(len(known)) for lang, known in KNOWN.items()}
    lists = "".join(
        f'<p lang="{lang}"><b>{escape(names[lang])}</b> {_listed(known)}</p>'
        for lang, known in KNOWN.items()
    )
    strange = unknown_words(text)
    said = ""
    if strange:
        named = _listed(f"“{word}”" for word in strange[:MOST_NAMED])
        named += "" if len(strange) <= MOST_NAMED else ", …"
        said = f"<p>{words('generate.strange', named=named)}</p>"
    return (
        f'<div class="hc-known" lang="{words.lang}">{said}<details>'
        f"<summary>{escape(words('generate.known', **counts))}</summary>{lists}</details></div>"
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"<bdi>{escape(word)}</bdi>" for word in words)
