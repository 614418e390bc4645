"""Zaya: attention whose queries and keys are convolved, and whose values come half from before."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.rules import HYBRID, all_of
from attention.kv.read.states import size
from attention.kv.shape import State


def states(fields: Fields) -> tuple[State, ...]:
    """Source: ``modeling_zaya.py`` of transformers 5.24, ``ZayaCCA``."""
    heads, kv_heads = size(fields, "num_attention_heads"), size(fields, "num_key_value_heads")
    head_dim = size(fields, "head_dim")
    first, second = size(fields, "cca_time0"), size(fields, "cca_time1")
    channels = (heads[1] + kv_heads[1]) * head_dim[1]
    columns = first[1] + second[1] - 2
    words = (
        f"({heads[0]} {heads[1]} + {kv_heads[0]} {kv_heads[1]}) · {head_dim[0]} {head_dim[1]} · "
        f"({first[0]} {first[1]} + {second[0]} {second[1]} − 2)"
    )
    delayed = kv_heads[1] * head_dim[1] // 2
    shift = f"{kv_heads[0]} {kv_heads[1]} · {head_dim[0]} {head_dim[1]} / 2"
    return (
        State(name="short convolution", shape=(channels, columns), formula=words),
        State(name="token shift", shape=(delayed,), formula=shift),
    )


def weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Convolutions over queries and keys, one of them within each head; scales of the stream; and a
    router of three layers (``ZayaCCA``, ``ZayaRouterMLP``)."""
    channels = (layer.n_heads + layer.n_kv_heads) * layer.k_head_dim
    first, second = fields.size("cca_time0") or 0, fields.size("cca_time1") or 0
    sizes = {
        **sizes,
        "self_attn.conv1d": (channels, first + second * layer.k_head_dim),
        "norms": (10 * d_model, 1),
    }
    width = fields.size("router_hidden_size")
    if width and "mlp.gate" in sizes:
        experts, _ = sizes["mlp.gate"]
        sizes["mlp.gate"] = (width, d_model)
        sizes["mlp.router_mlp"] = (2 * width + experts + 1, width)
    return sizes


FAMILIES = {"zaya": Family(layers=all_of(HYBRID), states=states, weights=weights, is_summed=True)}
