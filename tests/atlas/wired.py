"""A two-layer decoder whose weights are set by hand: layer 0 looks back, 1.0 does induction."""

import torch

from attention.config import AttentionConfig
from attention.models.layouts.decoder import Decoder, DecoderConfig
from attention.models.layouts.initial import look_one_back
from attention.models.layouts.model import LayoutModel

WIDTH, HEAD_DIM, VOCAB = 256, 128, 9500
CARD = {"validation_loss": 0.0, "roles": [[{"role": "mixed", "score": 0.0}] * 2] * 2}


@torch.no_grad()
def induction_model() -> LayoutModel:
    """Two heads a layer, no MLP. The first half of the stream says which token is here, the second
    which one was before: layer 0's first head writes it there. 1.0 asks with the first half for an
    equal second half, which stands behind the earlier occurrence; 1.1 asks nothing.
    """
    config = DecoderConfig(
        vocab_size=VOCAB,
        attention=AttentionConfig(d_model=WIDTH, n_heads=2, n_kv_heads=2),
        mlp_dim=8,
        rope_bases=(100.0, None),
    )
    decoder = Decoder(config)
    for name, parameter in decoder.named_parameters():
        if "norm" not in name:
            parameter.zero_()
    here, before = torch.eye(WIDTH)[:HEAD_DIM], torch.eye(WIDTH)[HEAD_DIM:]
    random = torch.randn(VOCAB, HEAD_DIM, generator=torch.Generator().manual_seed(1))
    decoder.embedding.weight.copy_(random @ here)
    first, second = decoder.layers
    look_one_back(first, strength=40.0)
    first.w_v.weight[:HEAD_DIM] = here
    first.w_o.weight[:, :HEAD_DIM] = before.T
    second.w_q.weight[:HEAD_DIM] = 2 * here
    second.w_k.weight[:HEAD_DIM] = before
    second.w_v.weight[:HEAD_DIM] = here
    second.w_o.weight[:, :HEAD_DIM] = here.T
    return LayoutModel(decoder.eval().requires_grad_(False), CARD, "cpu")
