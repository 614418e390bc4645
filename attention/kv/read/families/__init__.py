"""What single model types mean beyond the names of their fields: one file a family.

Each file has ``FAMILIES``, from a model type to its :class:`~attention.kv.read.family.Family`, and
may have ``ALIASES``, from a type of remote code to the one whose fields and defaults it shares. A
new file is found by itself. The rules were read in transformers 5.24, ``models/*/``; tests compare
layers, caches and parameters of every type with what transformers builds.
"""

import importlib
import pkgutil
from functools import cache

from attention.kv.read.family import PLAIN, Family


@cache
def families() -> tuple[dict[str, Family], dict[str, str]]:
    """Every type's ways, and every alias."""
    known: dict[str, Family] = {}
    aliases: dict[str, str] = {}
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        known |= module.FAMILIES
        aliases |= getattr(module, "ALIASES", {})
    return known, aliases


def family_of(model_type: str) -> Family:
    """The ways of that model type; those of a plain decoder where it has none of its own."""
    return families()[0].get(model_type, PLAIN)


def known_as(model_type: str) -> str:
    """The model type under which transformers knows the same fields; mostly itself."""
    return families()[1].get(model_type, model_type)
