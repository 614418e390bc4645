"""A model with an adapter beside the one without it, on the command line."""

import importlib
from collections.abc import Sequence
from typing import Any, cast

from attention.cli.parser import OneLineParser
from attention.models.base import Model
from attention.models.blocks import numbers_of


def without_adapter(model: Model, parser: OneLineParser) -> Model:
    """``--no-adapter``: the base by itself."""
    if model.base is None:
        parser.error(f"argument --no-adapter: {model.label} has no adapter: leave it out.")
    return model.base


def facts_of(model: Model, ids: Sequence[int]) -> dict[str, Any]:
    """What was put onto which base, and how far it moved the weights of each layer's heads.

    Args:
        model: has an adapter.
        ids: the text.
    """
    difference = importlib.import_module("attention.models.huggingface.difference")
    numbers = numbers_of(model.n_layers, model.blocks)
    adapter, change = cast(Any, model.adapter), difference.weight_change(model, model.base, ids)
    layer, head = change.most()
    return {
        "base": adapter.base,
        "r": adapter.r,
        "alpha": adapter.alpha,
        "heads": [
            [{"mean": mean, "largest": largest} for mean, largest in zip(*layer, strict=True)]
            for layer in zip(change.mean, change.largest, strict=True)
        ],
        "layers": numbers,
        "most": {"layer": numbers[layer], "head": head},
    }


def told_of(facts: dict[str, Any]) -> str:
    """The same as a line of the table."""
    number, head = facts["most"]["layer"], facts["most"]["head"]
    moved = facts["heads"][facts["layers"].index(number)][head]
    return (
        f"adapter     r {facts['r']} on {facts['base']}; moves head {number}.{head} most: "
        f"weights by {moved['mean']:.2g} on average, by {moved['largest']:.2g} at most"
    )
