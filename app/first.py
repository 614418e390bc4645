"""The picture of the first visit, computed beforehand: it stands before torch is loaded.

``python -m app.first`` writes it anew. The file begins with a fingerprint of the assets that it was
made from; where that differs by now, the file is passed over and the page computes the picture.
"""

import hashlib

from app import address, compute
from app.i18n import ROOT
from app.real import DEFAULT_REAL
from app.scene import build_scene
from app.shown import show
from attention.picture.payload import encode

FIRST = ROOT / "assets" / "first_picture.bin"
MADE_FROM = (
    "assets/layouts/8x2.safetensors",
    "assets/layouts/8x2.json",
    "assets/tokenizer.json",
    "assets/examples.toml",
    "assets/architectures.json",
    "assets/locales/en.toml",
)


def fingerprint() -> bytes:
    """32 bytes that change with any asset the first picture is made from; empty if one lacks."""
    files = [ROOT / name for name in MADE_FROM]
    if not all(file.exists() for file in files):
        return b""
    digests = (hashlib.sha256(file.read_bytes()).digest() for file in files)
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
    family = compute.family()
    settings = address.defaults(family)
    shown = show(settings, DEFAULT_REAL, compute.words(settings.lang))
    return encode(build_scene(shown, family.n_layers))


def main() -> None:
    """Write the file."""
    FIRST.write_bytes(fingerprint() + make_first())


if __name__ == "__main__":
    main()
