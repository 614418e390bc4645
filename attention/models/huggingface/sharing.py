"""A language model with fewer KV heads, whose other weights are the original's own."""

import copy
from collections.abc import Sequence
from typing import TypeGuard

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from attention.interventions.sharing import Plan, Sharing, heads_as_rows
from attention.models.huggingface.anatomy import LayerParts
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.rebuilt import filled

SETTING = "num_key_value_heads"


def shared(
    model: PreTrainedModel, parts: Sequence[LayerParts], sharing: Sharing, name: str
) -> PreTrainedModel:
    """A model of the same class, built by its own code for fewer KV heads.

    Its K and V projections are new; everything else is the same memory as ``model``'s, but for the
    query and output projections where heads had to move. Biases go with their rows; norms of q and
    k and RoPE, which are alike for every head, stay.

    Args:
        parts: of :func:`.anatomy.dissect`.
        name: of the architecture, for the messages.

    Raises:
        SharingError: the KV heads do not divide so.
        CheckpointError: K and V of this architecture cannot be regrouped.
    """
    sharing.require([part.config for part in parts])
    new = _regrouped(model, parts, sharing, name)
    config = copy.deepcopy(model.config)
    setattr(config.get_text_config(), SETTING, sharing.kv_heads)
    with torch.device("meta"):
        built = type(model)(config)
    state = model.state_dict() | new
    if odd := [key for key, has in built.state_dict().items() if has.shape != state[key].shape]:
        raise CheckpointError(
            "{name} has {odd} in the shape of its KV heads: they cannot be regrouped.",
            name=name,
            odd=odd[0],
        )
    return filled(built, state, model)


def _regrouped(
    model: PreTrainedModel, parts: Sequence[LayerParts], sharing: Sharing, name: str
) -> dict[str, Tensor]:
    """The projections that are new, by their names in the state dict."""
    names = {id(module): path for path, module in model.named_modules()}
    new: dict[str, Tensor] = {}
    for layer, part in enumerate(parts):
        w_k, w_v = part.w_k, part.w_v
        own = _is_own(part, parts) and hasattr(model.config.get_text_config(), SETTING)
        if not (_is_plain(w_k) and _is_plain(w_v) and own):
            raise CheckpointError(
                "{name} has no K and V projections of the plain kind in each layer: its KV heads "
                "cannot be regrouped.",
                name=name,
            )
        config = part.config
        rows = (w_k.weight, w_k.bias, w_v.weight, w_v.bias)
        plan = sharing.plan(layer, heads_as_rows(config.n_kv_heads, *rows))
        for module in (w_k, w_v):
            path = names[id(module)]
            new[f"{path}.weight"] = plan.regrouped(module.weight.detach())
            if module.bias is not None:
                new[f"{path}.bias"] = plan.regrouped(module.bias.detach())
        if not plan.in_order:
            new |= _moved(part, plan, names, name)
    return new


def _moved(part: LayerParts, plan: Plan, names: dict[int, str], name: str) -> dict[str, Tensor]:
    """Query and output projections whose heads stand in another order: the sum is the same."""
    config, known = part.config, (part.w_q, part.w_k, part.w_v, part.w_o)
    within = {id(weight) for module in known if module for weight in module.parameters()}
    others = [each for each in part.attention.parameters() if id(each) not in within]
    of_heads = any(each.shape[:1].numel() % config.n_heads == 0 and len(each) != config.head_dim
                   for each in others)  # fmt: skip
    w_q, w_o = part.w_q, part.w_o
    if not _is_plain(w_q) or not _is_plain(w_o) or of_heads:
        raise CheckpointError(
            "{name} has more of each query head than W_Q and W_O, so that heads cannot move: "
            "choose contiguous groups.",
            name=name,
        )
    order = plan.query_order(config.group_size)
    path = names[id(w_q)]
    moved = {f"{path}.weight": _in_order(w_q.weight, order)}
    if w_q.bias is not None:
        moved[f"{path}.bias"] = _in_order(w_q.bias, order)
    return moved | {f"{names[id(w_o)]}.weight": _in_order(w_o.weight.T, order).T}


def _in_order(rows: Tensor, order: Sequence[int]) -> Tensor:
    """``[n_heads * head_dim, …]`` with the heads in another order."""
    return rows.detach().unflatten(0, (len(order), -1))[list(order)].flatten(0, 1).contiguous()


def _is_plain(module: nn.Module | None) -> TypeGuard[nn.Linear]:
    return (
        type(module) is nn.Linear
        and module.weight.is_floating_point()
        and module.weight.device.type != "meta"
    )


def _is_own(part: LayerParts, parts: Sequence[LayerParts]) -> bool:
    """No other layer has the same attention module (ALBERT's do)."""
    return sum(part.attention is other.attention for other in parts) == 1
