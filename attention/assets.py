"""Where the files are that the library reads (weights, tokenizer, locales, tables), and the page's.

A wheel carries both folders inside the package (``force-include`` in ``pyproject.toml``); in the
repository they lie beside it.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
_IS_INSTALLED = (HERE / "_assets").is_dir()
ROOT = HERE / "_assets" if _IS_INSTALLED else HERE.parent / "assets"
#: The folder that ``import app`` is found in: no ``app`` of anybody else's is hidden by ours.
PAGE_ROOT = HERE / "_page" if _IS_INSTALLED else HERE.parent


def asset(name: str) -> Path:
    """The path of ``assets/<name>``."""
    return ROOT / name
