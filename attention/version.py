"""The version, written once: in ``pyproject.toml``."""

import platform
import tomllib
from importlib import metadata
from pathlib import Path

# Of the code that runs, whatever else is installed: a repository's own file comes first.
_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
VERSION: str = (
    tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    if _PROJECT.is_file()
    else metadata.version("headcount")
)

# Of what has a part in a model's numbers.
PACKAGES = ("numpy", "torch", "tokenizers", "transformers")


def versions() -> dict[str, str]:
    """Of everything that has a part in a model's numbers, this library first."""
    found = {"headcount": VERSION, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in PACKAGES}
