"""Llama and decoders built like it."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.matrices import gated
from attention.kv.read.rules import every, llama4

LIKE_LLAMA = (
    "bitnet", "diffllama", "ernie4_5", "helium", "hyperclovax", "internlm3", "iquestcoder",
    "llama", "seed_oss", "stablelm", "youtu",
)  # fmt: skip


def image_tokens(vision: object) -> tuple[int, str] | None:
    """Tokens of one image of Llama 3.2 Vision: patches and a class token, for each tile."""
    if not isinstance(vision, dict):
        return None
    found = Fields(vision, "vision_config.", "mllama_vision")
    size = found.number("image_size", "image_size")
    patch = found.number("patch_size", "patch_size")
    tiles = found.number("max_num_tiles", "max_num_tiles") or 4
    if not size or not patch or patch > size:
        return None
    tokens = tiles * ((size // patch) ** 2 + 1)
    return tokens, f"max_num_tiles {tiles} · ((image_size {size} / patch_size {patch})² + 1)"


def llama4_weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Dense layers have a width of their own, and a shared expert stands beside the routed ones."""
    name, field = "mlp", "intermediate_size_mlp"
    if "mlp.gate" in sizes:
        name, field = "mlp.shared_expert", "intermediate_size"
    return {**sizes, **gated(name, d_model, fields.size(field) or 0)}


FAMILIES = {
    **{name: Family(is_summed=True) for name in LIKE_LLAMA},
    "cwm": Family(layers=every(4, at=0), is_summed=True),
    "llama4_text": Family(layers=llama4, weights=llama4_weights, is_summed=True),
    "mllama_text_model": Family(image_tokens=image_tokens),
}
