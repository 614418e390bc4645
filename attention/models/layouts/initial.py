"""The weights that a layout of the family begins its training with."""

import math

import torch

from attention.models.layouts.decoder import Decoder, DecoderLayer


@torch.no_grad()
def initialise(decoder: Decoder, generator: torch.Generator, *, look_back: bool = True) -> None:
    """Random weights; every bias 0, but layer 0 may begin with heads that look one token back.

    Matrices and embedding are normal with a standard deviation of 0.02 (Radford et al. 2019). In
    trials with 8 heads at 1/√fan_in, 0.072, induction heads formed after 2,500 steps or not at all;
    so small, each step of AdamW turns a matrix further, and they formed before 1,600.
    """
    for name, parameter in decoder.named_parameters():
        if name.endswith("bias"):
            parameter.zero_()
        elif parameter.dim() == 2:
            parameter.normal_(std=0.02, generator=generator)
    if look_back:
        look_one_back(decoder.layers[0])


@torch.no_grad()
def look_one_back(layer: DecoderLayer, strength: float = 6.0) -> None:
    """Set the q and k biases so that every head begins by attending one token back.

    The k-bias is c on the first half of each head and 0 on the second, one vector for every
    position; the q-bias is the same vector turned back by one position. After RoPE their product
    is largest where the key stands one before the query, by ``strength`` over its neighbours:
    c² = strength · √head_dim / Σ(1 − cos θ), with θ the angle of each pair a position.
    """
    head_dim, base = layer.attention.head_dim, layer.rope_base
    if base is None:
        raise ValueError("a layer without position encoding cannot tell one token back")
    half = head_dim // 2
    theta = base ** -(torch.arange(half, dtype=torch.float32) / half)
    c = math.sqrt(strength * math.sqrt(head_dim) / (1 - theta.cos()).sum().item())
    key = torch.cat((torch.full((half,), c), torch.zeros(half)))
    query = torch.cat((c * theta.cos(), -c * theta.sin()))
    layer.w_k.bias.copy_(key.repeat(layer.attention.n_kv_heads))
    layer.w_q.bias.copy_(query.repeat(layer.attention.n_heads))
