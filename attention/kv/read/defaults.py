"""What transformers takes for a field that a config leaves out: ``assets/config_defaults.json``.

Many a ``config.json`` leaves out ``num_key_value_heads`` or ``head_dim``: transformers writes only
what differs from the default of its class. A test compares the file with the classes.
"""

import json
from functools import cache
from typing import Any

from attention.assets import asset

TABLE = asset("config_defaults.json")
VERSION = "5.24.0"  # of transformers, that the table was read from


@cache
def _table() -> dict[str, Any]:
    return json.loads(TABLE.read_text(encoding="utf-8"))


def defaults_of(model_type: str) -> dict[str, Any] | None:
    """Field -> default of that model type; None for a type that is not known."""
    return _table()["defaults"].get(model_type)


def wrapper_defaults_of(model_type: str) -> dict[str, Any]:
    """What a wrapper takes for absent fields of its decoder, other than the decoder's class."""
    return _table()["wrapper_defaults"].get(model_type, {})


def text_type_of(model_type: str) -> str:
    """The model type of the decoder inside such a wrapper: ``"gemma3"`` -> ``"gemma3_text"``."""
    return _table()["text_types"].get(model_type, model_type)
