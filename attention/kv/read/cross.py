"""What a decoder keeps of an encoder's tokens, or of an image's."""

from attention.kv.read.decoder import DecoderFields
from attention.kv.read.heads import Heads
from attention.kv.shape import Cross


def read_cross(fields: DecoderFields, heads: Heads) -> Cross:
    """Cross-attention with the heads of the layer, as in every model that is known here.

    The number of tokens is the model's where its encoder always gives as many: Whisper's
    ``max_source_positions``, and the patches of the tiles of Llama 3.2 Vision.
    """
    tokens = None
    if fields.encoder_tokens:
        tokens, fields.origins["encoder_tokens"] = fields.encoder_tokens
    elif fields.family.encoder_tokens:
        tokens = fields.family.encoder_tokens(fields)
    n_kv_heads = fields.number("cross_n_kv_heads", "cross_num_key_value_heads")
    head_dim = fields.number("cross_head_dim", "cross_head_dim")
    return Cross(
        n_kv_heads=n_kv_heads or heads.n_kv_heads,
        k_head_dim=head_dim or heads.k_head_dim,
        v_head_dim=head_dim or heads.v_head_dim,
        tokens=tokens,
    )
