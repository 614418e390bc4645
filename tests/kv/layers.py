"""Layers and models for the tests of engines, in a word or two."""

from attention.kv.layer import Layer, LayerKind, State
from attention.kv.shape import ModelShape


def model(*layers, model_type=""):
    return ModelShape(name="a", model_type=model_type, layers=layers, n_heads=0)


def full(**changed):
    """4 query heads, 2 KV heads of 64 numbers."""
    sizes = {"n_heads": 4, "n_kv_heads": 2, "k_head_dim": 64, "v_head_dim": 64} | changed
    return Layer(**{"kind": LayerKind.GLOBAL, **sizes})


def window(tokens, **changed):
    return full(kind=LayerKind.WINDOW, window=tokens, **changed)


def latent(**changed):
    """DeepSeek V3's."""
    sizes = {"n_heads": 128, "n_kv_heads": 128, "k_head_dim": 192, "v_head_dim": 128}
    return full(kind=LayerKind.LATENT, latent_rank=512, rope_dim=64, **sizes, **changed)


def delta_net():
    """Qwen3.5-27B's: 10240 channels of 3 columns, 48 heads of 128 · 128."""
    return Layer(
        kind=LayerKind.STATE,
        states=(
            State(name="convolution", shape=(10240, 3)),
            State(name="recurrent", shape=(48, 128, 128), number_format="float32"),
        ),
    )
