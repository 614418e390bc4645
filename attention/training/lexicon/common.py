"""The most frequent word forms of each language; the lists say where their order is from."""

from importlib.resources import files


def common(language: str) -> tuple[str, ...]:
    """Word forms, the most frequent first.

    Args:
        language: ``"english"`` or ``"hindi"``.
    """
    text = (files(__package__) / f"common_{language}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))
