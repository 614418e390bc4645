"""A layout of the family with fewer KV heads, whose other weights are the original's own."""

from dataclasses import replace

import torch

from attention.interventions.sharing import Sharing, heads_as_rows
from attention.models.layouts.decoder import Decoder


def shared(decoder: Decoder, sharing: Sharing) -> Decoder:
    """See :func:`attention.models.huggingface.sharing.shared`.

    Raises:
        SharingError: the KV heads do not divide so.
    """
    config = decoder.config
    attention = config.attention
    sharing.require([attention] * config.n_layers)
    state = decoder.state_dict()
    for index, layer in enumerate(decoder.layers):
        rows = (layer.w_k.weight, layer.w_k.bias, layer.w_v.weight)
        plan = sharing.plan(index, heads_as_rows(attention.n_kv_heads, *rows))
        order = torch.tensor(plan.query_order(attention.group_size), device=layer.w_q.weight.device)
        for key in ("w_k.weight", "w_k.bias", "w_v.weight"):
            key = f"layers.{index}.{key}"
            state[key] = plan.regrouped(state[key])
        for key in ("w_q.weight", "w_q.bias", "w_o.weight") if not plan.in_order else ():
            key, axis = f"layers.{index}.{key}", int(key == "w_o.weight")
            heads = state[key].unflatten(axis, (attention.n_heads, -1))
            state[key] = heads.index_select(axis, order).flatten(axis, axis + 1)
    with torch.device("meta"):
        fewer = replace(attention, n_kv_heads=sharing.kv_heads)
        built = Decoder(replace(config, attention=fewer))
    built.load_state_dict(state, assign=True)
    return built.eval().requires_grad_(False)
