"""Whether our attention gives what an architecture's own gives; else the model is refused."""

from collections.abc import Sequence

from torch import Tensor
from transformers.utils import ModelOutput

from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.errors import BypassError, CheckpointError

# Mean difference of a head's weights: rounding stays far below, another formula does not. Of 25
# architectures in half precision 23 differ by nothing and the others by 1.6e-3 at the most.
TOLERANCE, HALF_TOLERANCE = 1e-4, 5e-3


def require_every_layer(
    calls: Sequence[AttentionCall],
    n_layers: int,
    numbers: Sequence[int],
    n_tokens: int,
    name: str,
) -> None:
    """Raises CheckpointError: not every layer has its attention to the text's tokens seen.

    Args:
        numbers: of the layers that were seen, each once; none where that is not known.
    """
    seen = len(calls)
    if not seen:
        raise BypassError(
            "{name} does its attention by itself, not through transformers' attention interface, "
            "so its weights cannot be read.",
            name=name,
        )
    if seen != n_layers and len(numbers) != seen:
        raise BypassError(
            "{name} sends {seen} of its {n_layers} layers through transformers' attention "
            "interface: only models that send every layer once can be shown.",
            name=name,
            seen=seen,
            n_layers=n_layers,
        )
    if odd := [call for call in calls if call.k.shape[2] != n_tokens]:
        raise CheckpointError(
            "{name} attends to {shape} keys where the text has {probe_len} tokens: they are not "
            "the keys of its tokens.",
            name=name,
            shape=odd[0].k.shape[2],
            probe_len=n_tokens,
        )


def require_equal(
    calls: Sequence[AttentionCall],
    weights: Sequence[Tensor],
    eager: ModelOutput,
    ours: ModelOutput,
    name: str,
) -> None:
    """Raises CheckpointError: weights or results are not those of the model's own attention.

    Args:
        weights: ours, one a call.
        eager, ours: what the model gave with its attention, and with ours.
    """
    theirs = getattr(eager, "attentions", None)
    if not theirs or len(theirs) != len(weights) or any(t is None for t in theirs):
        raise CheckpointError(
            "{name} does not give out its attention, so ours cannot be checked.", name=name
        )
    for layer, (a, b) in enumerate(zip(weights, theirs, strict=True)):
        a, b = a.float(), b.to(a.device).float()
        if calls[layer].sinks is not None:
            # Some give out what they scale by the sink's share afterwards (Granite SWA).
            a, b = a / a.sum(-1, keepdim=True), b / b.sum(-1, keepdim=True)
        half = calls[layer].q.dtype.itemsize < 4
        difference = (a - b).abs().mean((0, 2, 3)).max()  # of the head that differs most
        if difference.isnan():
            raise CheckpointError(
                "{name} gives numbers that are none (nan) in layer {layer}: its weights hold such, "
                "or are too large for {number_format}.",
                name=name,
                layer=layer,
                number_format=str(calls[layer].q.dtype).removeprefix("torch."),
            )
        if not difference <= (HALF_TOLERANCE if half else TOLERANCE):
            raise CheckpointError(
                "{name} weighs tokens in a way that is not known here: in layer {layer} its own "
                "attention and ours differ by {difference:.2g} on average in one head.",
                name=name,
                layer=layer,
                difference=difference,
            )
    a, b = ours[0].float(), eager[0].float()
    if weights[0].dtype.itemsize >= 4:
        error = (a - b.to(a.device)).norm() / b.norm().clamp_min(1e-6)
        if not error <= 1e-3:
            raise CheckpointError(
                "{name} gives other results with our attention than with its own (they differ by "
                "{error:.2g} of their size).",
                name=name,
                error=error,
            )
