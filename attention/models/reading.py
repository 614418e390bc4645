"""A text as a model's tokenizer sees it."""

from attention.models.base import Model
from attention.models.look import Reading
from attention.text import pieces
from attention.text.tokens import joined_before


def read(model: Model, text: str, most: int | None = None) -> Reading:
    """Tokenize, cut to what the model takes, and find the tokens that split a character.

    Args:
        most: tokens that are kept, where that is less than the model takes.
    """
    ids = model.encode(text)
    kept = _cut(model, ids, model.max_tokens if most is None else min(most, model.max_tokens))
    parts, tokens = model.token_bytes(kept), tuple(model.token_texts(kept))
    units = pieces.merge(parts, tokens)
    whole = len(kept) == len(ids)
    return Reading(
        text=text if whole else b"".join(parts).decode(errors="ignore").strip(),
        ids=tuple(kept),
        tokens=tokens,
        total=len(ids),
        units=units if units.merged else None,
        joined=tuple(joined_before(parts)),
        ending=next((n for n, part in enumerate(reversed(parts)) if part), 0),
    )


def _cut(model: Model, ids: list[int], limit: int) -> list[int]:
    """The first tokens; an encoder's text keeps the special token that ends it."""
    if len(ids) <= limit:
        return ids
    ends = not model.causal and model.token_bytes(ids[-1:]) == [b""]
    return ids[: limit - 1] + ids[-1:] if ends else ids[:limit]
