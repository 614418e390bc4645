"""The picture of the first visit, computed beforehand: it stands before torch is loaded.

``python -m app.explore.first`` writes it anew. The file begins with a fingerprint of the assets
that it was made from; where that differs by now, it is passed over and the page computes it.
"""

import hashlib
import json

from app.explore import layouts
from app.explore.real import DEFAULT_REAL
from app.explore.scene import build_scene
from app.explore.settings import defaults
from app.explore.shown import decide, show
from app.i18n import DEFAULT_LANG, load_words
from attention.assets import asset
from attention.picture.payload import encode

FIRST = asset("first_picture.bin")
MADE_FROM = (
    "layouts/8x2.safetensors",
    "layouts/8x2.json",
    "layouts/embedding.safetensors",
    "tokenizer.json",
    "examples.toml",
    "models.json",
)
WORDS = ("picture", "role", "here", "glossary", "check", "real")  # sections of the locale file


def fingerprint() -> bytes:
    """32 bytes that change with any asset the first picture is made from; empty if one lacks."""
    files = [asset(name) for name in MADE_FROM]
    if not all(file.exists() for file in files):
        return b""
    words = load_words(DEFAULT_LANG)
    told = json.dumps([sorted(words.section(name).items()) for name in WORDS]).encode()
    digests = (hashlib.sha256(part).digest() for part in (told, *(f.read_bytes() for f in files)))
    return hashlib.sha256(b"".join(digests)).digest()


def read_first() -> bytes | None:
    """The payload for the settings of an address without parameters, if it is up to date."""
    if not FIRST.exists():
        return None
    content, made_from = FIRST.read_bytes(), fingerprint()
    if not made_from or content[:32] != made_from:
        return None
    return content[32:]


def make_first() -> bytes:
    """Compute what :func:`read_first` gives."""
    family = layouts.family()
    settings = defaults(family)
    facts, words = family.facts(*settings.layout), load_words(settings.lang)
    decided = decide(settings, facts, _at_once)
    return encode(build_scene(show(decided, DEFAULT_REAL, words, _at_once)))


def _at_once(ahead: int) -> None:
    """The trained layouts do not queue."""


def main() -> None:
    """Write the file."""
    FIRST.write_bytes(fingerprint() + make_first())


if __name__ == "__main__":
    main()
