"""A text as a model's tokenizer sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any, cast

from attention.models.base import Model
from attention.models.limits import TextError
from attention.models.look import Reading
from attention.text import pieces
from attention.text.tokens import joined_before

#: What tokens can be shown as: the smallest pieces that can be read, or whole words.
PIECES = ("merged", "words")


def read(model: Model, text: str, most: int | None = None, *, second: str | None = None) -> Reading:
    """Tokenize, cut to what the model takes, and find the tokens that split a character.

    Args:
        most: tokens that are kept, where that is less than the model takes.
        second: a text to be compared with it, see :meth:`attention.models.base.Model.encode`.

    Raises:
        TextError: text is no string, or the model takes no second one.
    """
    if not isinstance(text, str):
        raise TextError(
            "The text is a {kind}: give a string (text_b= takes a second one, ids= takes token "
            "ids, messages= a chat).",
            kind=type(text).__name__,
        )
    whole = text if second is None else f"{text} {second}"
    return _reading(model, model.encode(text, second), whole, most)


def read_ids(model: Model, ids: Sequence[int], most: int | None = None) -> Reading:
    """The same of token ids, as they are.

    Raises:
        TextError: they are no whole numbers, or the model does not know one of them.
    """
    found = [int(i) if isinstance(i, Integral) else -1 for i in ids]
    if wrong := [i for i, n in zip(ids, found, strict=True) if not 0 <= n < model.vocab_size]:
        raise TextError(
            "{id!r} is no token id of {title}: they are 0 to {last}.",
            id=wrong[0],
            title=model.title,
            last=model.vocab_size - 1,
        )
    return _reading(model, found, model.decode(found), most)


def given(
    model: Model,
    text: str | None,
    most: int | None = None,
    *,
    second: str | None = None,
    ids: Sequence[int] | None = None,
    messages: Sequence[Mapping[str, Any]] | None = None,
) -> Reading:
    """Whatever a person gives: a text, perhaps with a second one, token ids, or a chat.

    Raises:
        TextError: not one of them is given, or the model does not take it.
    """
    if sum(what is not None for what in (text, ids, messages)) != 1:
        raise TextError(
            "Give one of these: a text, ids=, messages= or, for models of pictures, image=."
        )
    if second is not None and text is None:
        raise TextError("A second text goes with a text: leave out ids= and messages=.")
    if ids is not None:
        return read_ids(model, ids, most)
    if messages is not None:
        return read(model, model.chat(messages), most)
    return read(model, cast(str, text), most, second=second)


def in_pieces(reading: Reading, shown: str) -> Reading:
    """The same with whole words shown, or with the smallest pieces that can be read.

    Args:
        shown: of :data:`PIECES`.

    Raises:
        TextError: there are no such pieces.
    """
    if shown not in PIECES:
        raise TextError("There are no pieces {pieces!r}: choose merged or words.", pieces=shown)
    return replace(reading, in_words=shown == "words")


def _reading(model: Model, ids: list[int], text: str, most: int | None) -> Reading:
    kept = _cut(model, ids, model.max_tokens if most is None else min(most, model.max_tokens))
    parts, tokens = model.token_bytes(kept), tuple(model.token_texts(kept))
    units, words = pieces.merge(parts, tokens), pieces.merge_words(parts, tokens)
    whole = len(kept) == len(ids)
    return Reading(
        text=text if whole else b"".join(parts).decode(errors="ignore").strip(),
        ids=tuple(kept),
        tokens=tokens,
        total=len(ids),
        units=units if units.merged else None,
        words=words if words.merged else None,
        joined=tuple(joined_before(parts)),
        ending=next((n for n, part in enumerate(reversed(parts)) if part), 0),
    )


def _cut(model: Model, ids: list[int], limit: int) -> list[int]:
    """The first tokens; an encoder's text keeps the special token that ends it."""
    if len(ids) <= limit:
        return ids
    ends = not model.causal and model.token_bytes(ids[-1:]) == [b""]
    return ids[: limit - 1] + ids[-1:] if ends else ids[:limit]
