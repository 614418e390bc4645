"""Headcount: attention heads and key-value heads, computed, measured and drawn.

Load a model, and look at what its heads do with a text:

    load_layout     one of the small decoders trained here, by its heads and KV heads
    load_model      a language model: by name, from a folder or the Hub, or one in memory
    show            a text in such a model, as the picture that a notebook shows

Count a key-value cache; this needs nothing but Python:

    count_cache     the bytes of a model's cache, as the maths or an engine has it

Every error is a :class:`HeadcountError`. Names are loaded when they are first used: ``import
attention`` loads neither torch nor numpy nor transformers.
"""

import importlib
from typing import TYPE_CHECKING

from attention.extras import named_if_missing

if TYPE_CHECKING:
    from attention.errors import HeadcountError
    from attention.kv.count import count_cache
    from attention.models.layouts.load import load_layout
    from attention.models.load import load_model
    from attention.notebook import trace as show

    __version__: str

__all__ = [
    "HeadcountError",
    "__version__",
    "count_cache",
    "load_layout",
    "load_model",
    "show",
]

_HOMES = {
    "HeadcountError": ("attention.errors", "HeadcountError"),
    "__version__": ("attention.version", "VERSION"),
    "count_cache": ("attention.kv.count", "count_cache"),
    "load_layout": ("attention.models.layouts.load", "load_layout"),
    "load_model": ("attention.models.load", "load_model"),
    "show": ("attention.notebook", "trace"),
}


def __getattr__(name: str) -> object:
    """A name of the front door, loaded now (PEP 562).

    Raises:
        AttributeError: there is no such name.
        ExtraError: it needs a package that is not installed.
    """
    if name not in _HOMES:
        raise AttributeError(f"module 'attention' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    with named_if_missing():
        return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
