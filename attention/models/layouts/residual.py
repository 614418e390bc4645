"""The parts of a layout's residual stream."""

from typing import cast

import torch
from torch import Tensor

from attention.interventions.change import Changes
from attention.models.layouts.decoder import Decoder
from attention.models.residual import Residual, through_w_o, wide


def residual(
    decoder: Decoder, ids: Tensor, token: int, *, causal: bool, changes: Changes
) -> Residual:
    """What stood in the stream at a token of one text, ``[1, seq_len]``, part by part."""
    embedding = decoder.embedding(ids)
    x, heads, mlps = embedding, [], []
    for layer, change in zip(decoder.layers, changes, strict=True):
        after, trace = layer.trace(x, causal=causal, cache=None, index=0, change=change)
        w_o = (layer.w_o.weight, None)
        heads.append(through_w_o(trace.merged[0, token], layer.attention.n_heads, w_o)[0])
        mlps.append(wide(layer.mlp(x + trace.output)[0, token]))
        x = after
    norm, last, unembedding = decoder.norm, wide(x[0, token]), wide(decoder.embedding.weight)
    scale = wide(norm.weight) / (last.square().mean() + cast(float, norm.eps)).sqrt()
    return Residual(
        heads=tuple(heads),
        biases=torch.zeros_like(torch.stack(mlps)),
        mlps=torch.stack(mlps),
        embedding=wide(embedding[0, token]),
        frozen_norm=lambda part: part * scale,
        unembedding=unembedding,
        offset=torch.zeros(len(unembedding), dtype=torch.float64),
    )
