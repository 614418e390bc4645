"""How far attention weights of a half-precision model may be from those in float32.

A score is Σ q·k over head_dim, divided by √head_dim. q and k are each rounded twice, after the
projection and after RoPE, by up to u (2⁻⁸ in bfloat16, 2⁻¹¹ in float16) and as often up as down:
with a deviation of u/√3. Four such errors in each product, independent of one another, give the
score one of 2u/√3 · √Σ(q·k)² / √head_dim; seven of these, which no score of a short text reaches,
are 8u · √Σ(q·k)² / √head_dim: δ. In a layer that is not the first, x brings what the layers before
it rounded, and three times as much is allowed.

Scores of a row that are off by at most δ move the log-odds of a weight by at most 2δ: its own score
by δ, the others by δ to the other side. At last the weight itself is rounded, by u of it.
"""

import torch
from torch import Tensor

from attention.trace import AttentionTrace

UNIT = {torch.float16: 2**-11, torch.bfloat16: 2**-8}
FIRST, LATER = 8, 24
NOTHING = torch.finfo(torch.float16).tiny  # 6e-5: what is smaller may have become 0


def assert_within_rounding(narrow: Tensor, wide: AttentionTrace, layer: int) -> None:
    """``narrow`` ``[batch, n_heads, n, n]`` in half precision against a layer in float32."""
    unit = UNIT[narrow.dtype]
    keys = wide.k.repeat_interleave(wide.q.shape[1] // wide.k.shape[1], dim=1)
    products = (wide.q**2 @ keys.transpose(-1, -2) ** 2).sqrt() / wide.q.shape[-1] ** 0.5
    off = (
        (LATER if layer else FIRST) * unit * (products * (wide.weights > 0)).amax(-1, keepdim=True)
    )
    odds = torch.logit(wide.weights.double(), eps=torch.finfo(torch.float32).eps)
    low, high = torch.sigmoid(odds - 2 * off), torch.sigmoid(odds + 2 * off)
    found = narrow.double().cpu()
    assert (found >= low * (1 - unit) - NOTHING).all()
    assert (found <= high * (1 + unit) + NOTHING).all()
