"""What a model says may come next."""

from collections.abc import Callable, Sequence

from torch import Tensor

from attention import functional
from attention.models.look import Prediction

TOP = 20  # candidates that are named


def likeliest(
    logits: Tensor, k: int, token_texts: Callable[[Sequence[int]], list[str]]
) -> tuple[Prediction, ...]:
    """The k most probable tokens, the most probable first.

    Args:
        logits: of the last token, ``[vocab_size]``.
        token_texts: of the model, see :class:`attention.models.base.Model`.
    """
    # Sorted and not topk, so that of equals the first id comes first, as argmax takes it.
    values, ids = functional.softmax(logits).sort(descending=True, stable=True)
    return tuple(
        Prediction(id=i, text=token_texts([i])[0], probability=p)
        for i, p in zip(ids[:k].tolist(), values[:k].tolist(), strict=True)
    )
