"""Where the files are that the library reads: weights, tokenizer, locales, tables."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "assets"


def asset(name: str) -> Path:
    """The path of ``assets/<name>``."""
    return ROOT / name
