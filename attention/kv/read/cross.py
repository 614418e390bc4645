"""What a decoder keeps of an encoder's tokens, or of an image's."""

from attention.kv.read.fields import Fields
from attention.kv.read.heads import Heads
from attention.kv.shape import Cross


def read_cross(fields: Fields, heads: Heads) -> Cross:
    """Cross-attention with the heads of the layer, as in every model that is known here.

    The number of tokens is the model's where its encoder always gives as many: Whisper's
    ``max_source_positions``, and the patches of the tiles of Llama 3.2 Vision.
    """
    tokens = None
    if fields.encoder_tokens:
        tokens, fields.origins["encoder_tokens"] = fields.encoder_tokens
    elif fields.model_type == "whisper":
        tokens = fields.number("encoder_tokens", "max_source_positions")
    n_kv_heads = fields.number("cross_n_kv_heads", "cross_num_key_value_heads")
    head_dim = fields.number("cross_head_dim", "cross_head_dim")
    return Cross(
        n_kv_heads=n_kv_heads or heads.n_kv_heads,
        k_head_dim=head_dim or heads.k_head_dim,
        v_head_dim=head_dim or heads.v_head_dim,
        tokens=tokens,
    )


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
