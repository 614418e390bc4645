"""What an adapter changes on a text, as a sentence of the saved page."""

import importlib
from collections.abc import Sequence
from typing import Any, cast

from attention.models.base import Model
from attention.models.blocks import number_of
from attention.words import Words


def adapter_note(model: Model, ids: Sequence[int], words: Words) -> str:
    """The adapter, its base, and the head that it moves most; two passes over the text.

    Args:
        model: has an adapter.
        ids: the text.
    """
    difference = importlib.import_module("attention.models.huggingface.difference")
    change = difference.weight_change(model, model.base, ids)
    layer, head = change.most()
    return words(
        "saved.adapter",
        r=cast(Any, model.adapter).r,
        base=cast(Model, model.base).title,
        layer=number_of(layer, model.blocks),
        head=head,
        tokens=words.number(change.n_tokens),
        mean=words.number(100 * change.mean[layer][head], ".2f"),
        largest=words.number(100 * change.largest[layer][head], ".2f"),
    )
