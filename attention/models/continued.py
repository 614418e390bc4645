"""A text with what the model itself goes on with, read as one."""

from dataclasses import replace
from typing import cast

from attention.models.base import Model
from attention.models.generate import Generation, GenerationError
from attention.models.look import Reading
from attention.models.predictor import Predictor
from attention.models.reading import read_ids


def continued(model: Model, reading: Reading, count: int) -> Reading:
    """The text and the likeliest tokens behind it, each chosen after those before it.

    Args:
        count: tokens at most; fewer where the model ends the text, or no more fit.

    Raises:
        GenerationError: the model predicts no next token, the text leaves no room for one, or count
            is less than 1.
    """
    if count < 1:
        raise GenerationError("{count} tokens cannot be generated: ask for 1 or more.", count=count)
    # One place stays for the last token: it is shown with the rest, so it has to be read, too.
    room = model.max_tokens - 1
    if reading.cut and model.predicts:
        raise GenerationError(
            "The text has {n_ids} tokens; at most {limit} fit: cut it.",
            n_ids=reading.total,
            limit=min(len(reading.ids), room),
        )
    growing = Generation(cast(Predictor, model), reading.ids, max_new_tokens=count, max_tokens=room)
    while growing.ended is None:
        growing.step()
    whole = read_ids(model, growing.ids)
    return replace(whole, n_generated=len(whole.ids) - len(reading.ids))
