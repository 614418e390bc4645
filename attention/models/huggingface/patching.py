"""How a model cuts a picture into tokens, found out by changing a corner of it and looking.

As in :mod:`.anatomy` nothing is guessed from the architecture's name. The first convolution says
how many patches there are; which token is whose shows in the first layer's queries, which nothing
but a token's own patch has touched yet.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from attention.models.huggingface.agreement import require_equal, require_every_layer
from attention.models.huggingface.anatomy import Anatomy, parts_of
from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.capture import IMPLEMENTATION, record
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.probe import let_through

# Tokens beside the patches by the name of their vectors, in the order in which they stand.
BESIDE = {
    "cls_token": "CLS", "class_token": "CLS", "class_embedding": "CLS",
    "distillation_token": "DIST", "register_tokens": "REG", "detection_tokens": "DET",
}  # fmt: skip


@dataclass(frozen=True)
class Cut:
    """Rows and columns of patches, and the names of the tokens before and behind them."""

    rows: int
    columns: int
    before: tuple[str, ...]
    after: tuple[str, ...]


class _SeenError(Exception):
    """The first layer's queries are there: the rest of the pass is not needed."""


@torch.inference_mode()
def dissect(model: PreTrainedModel, pixels: Tensor, name: str) -> Anatomy:
    """The parts of every attention layer; leaves ``model`` with our attention.

    Args:
        model: in eval mode.
        pixels: a picture as its image processor gives it, ``[1, channels, height, width]``.
        name: of the architecture, for the messages.

    Raises:
        CheckpointError: as :func:`.anatomy.dissect` and :func:`cut_of`.
    """
    watch, eager, ours = let_through(model, {"pixel_values": pixels}, None, IMPLEMENTATION)
    given = eager.get("attentions") or ()
    n_tokens = max((call.q.shape[2] for call in watch.calls), default=0)
    require_every_layer(watch.calls, len(given), (), n_tokens, name)
    cut_of(model, pixels, name)
    require_equal(watch.calls, watch.weights, _first(eager), _first(ours), name)
    n_layers = len(watch.calls)
    widths = [int(named_in(model.config, "hidden_size"))] * n_layers
    parts = parts_of(model, watch, [0] * n_layers, widths)
    return Anatomy(parts, numbers=tuple(range(n_layers)))


@torch.inference_mode()
def cut_of(model: PreTrainedModel, pixels: Tensor, name: str) -> Cut:
    """How the picture is cut.

    Args:
        model: with our attention.

    Raises:
        CheckpointError: its patches are not tokens, row by row.
    """
    found: list[tuple[int, int]] = []

    def convolved(module: nn.Module, args: tuple, out: Tensor) -> None:
        found.append((out.shape[2], out.shape[3]))

    convolutions = [each for each in model.modules() if isinstance(each, nn.Conv2d)]
    hooks = [each.register_forward_hook(convolved) for each in convolutions]
    try:
        plain = _first_queries(model, pixels)
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        _refuse(name)
    rows, columns = found[0]
    corners = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)]
    places = [_touched(model, pixels, plain, (rows, columns), corner) for corner in corners]
    first = places[0]
    if places != [first + row * columns + column for row, column in corners]:
        _refuse(name)
    n_after = plain.shape[1] - first - rows * columns
    before, after = _names(model, first, n_after)
    return Cut(rows, columns, before, after)


def _refuse(name: str) -> None:
    raise CheckpointError(
        "{name} does not make a token of each patch of its picture, row by row, so its weights "
        "cannot be laid over it.",
        name=name,
    )


def _first(out: ModelOutput) -> ModelOutput:
    """Its first result that is a tensor, where others stand before it, and its attentions."""
    tensor = next(each for each in out.values() if isinstance(each, Tensor))
    return ModelOutput(result=tensor, attentions=out.get("attentions"))


def _first_queries(model: PreTrainedModel, pixels: Tensor) -> Tensor:
    """``[n_heads, n_tokens, head_dim]``."""
    seen: list[Tensor] = []

    def receive(call: AttentionCall) -> None:
        seen.append(call.q[0])
        raise _SeenError

    try:
        with record(receive):
            model(pixel_values=pixels)
    except _SeenError:
        pass
    return seen[0]


def _touched(
    model: PreTrainedModel,
    pixels: Tensor,
    plain: Tensor,
    grid: tuple[int, int],
    patch: tuple[int, int],
) -> int:
    """The one token that a patch touches; -1 where it is none or several."""
    high, wide = (side // n for side, n in zip(pixels.shape[2:], grid, strict=True))
    changed = pixels.clone()
    row, column = patch
    changed[..., row * high : (row + 1) * high, column * wide : (column + 1) * wide] += 0.5
    moved = (_first_queries(model, changed) != plain).any(-1).any(0)
    tokens = moved.nonzero().flatten().tolist()
    return tokens[0] if len(tokens) == 1 else -1


def _names(
    model: PreTrainedModel, n_before: int, n_after: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands beside the patches; by its number where the model's vectors do not say it."""
    vectors = {path.rsplit(".", 1)[-1]: vector for path, vector in model.named_parameters()}
    names: list[str] = []
    for own, kind in BESIDE.items():
        if own in vectors:
            n = vectors[own].numel() // vectors[own].shape[-1]
            names += [f"[{kind}]"] if n == 1 else [f"[{kind} {i + 1}]" for i in range(n)]
    if len(names) != n_before + n_after:
        names = [f"[{i}]" for i in range(n_before + n_after)]
    return tuple(names[:n_before]), tuple(names[n_before:])
