"""Inkling: attention and convolutions in every layer, five of six with a window."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.names import NAMES
from attention.kv.read.rules import HYBRID, HYBRID_SLIDING, every
from attention.kv.read.states import convolution, size
from attention.kv.shape import State


def states(fields: Fields) -> tuple[State, ...]:
    """Convolutions over K and V, and over what attention and the feed-forward give, in float32.

    Source: ``modeling_inkling.py`` of transformers 5.24, ``InklingShortConvolution``.
    """
    heads, head_dim = size(fields, "num_key_value_heads"), size(fields, "head_dim")
    width = size(fields, "hidden_size")
    kernel = size(fields, "conv_kernel_size", "sconv_kernel_size")
    keys = (heads[1] * head_dim[1], f"{heads[0]} {heads[1]} · {head_dim[0]} {head_dim[1]}")
    found: list[State] = []
    for channels, words in (keys, keys, (width[1], width[0]), (width[1], width[0])):
        found += convolution(channels, kernel, words, "float32")
    return tuple(found)


def loop(fields: Fields, _n_layers: int) -> tuple[int, int, int]:
    """``loop_config`` of a checkpoint, or the fields that transformers makes of it."""
    start = fields.number("loop", "loop_config.core_start", "loop_layer_index_start", least=0)
    end = fields.number("loop", "loop_config.core_end", "loop_layer_index_end", least=0)
    passes = fields.number("loop", "loop_config.num_passes", "loop_num_passes")
    return start or 0, end or 0, passes or 1


def weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Convolutions, and a bias by distance for each head (``InklingAttention``)."""
    kernel = fields.size("conv_kernel_size", "sconv_kernel_size") or 0
    keys = layer.n_kv_heads * layer.k_head_dim
    rank = fields.size("d_rel") or 0
    reach = layer.window or fields.size("rel_extent") or 0
    sizes = {
        **sizes,
        "self_attn.r_proj": (layer.n_heads * rank, d_model),
        "self_attn.position_bias": (rank, reach),
        "self_attn.conv1d": (2 * keys, kernel),
        "conv1d": (2 * d_model, kernel),
    }
    if "mlp.gate" in sizes:  # shared experts have a place in the router
        experts, columns = sizes["mlp.gate"]
        shared = fields.size(*NAMES["n_shared_experts"]) or 0
        sizes["mlp.gate"] = (experts + shared, columns)
    return sizes


LAYERS = every(6, of=HYBRID, rest=HYBRID_SLIDING)

FAMILIES = {
    "inkling_text": Family(layers=LAYERS, states=states, weights=weights, is_summed=True),
    "inkling2_text": Family(layers=LAYERS, states=states),
    "inkling2_loop_text": Family(layers=LAYERS, states=states, loop=loop),
}
