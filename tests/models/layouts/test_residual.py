import numpy as np
import pytest
import torch

from attention.interventions.off import Off
from attention.models.layouts.load import load_layout
from attention.models.limits import TextError
from tests.models.layouts.test_decoder import TEXT, oracle


@pytest.mark.parametrize("layout", [(8, 8), (8, 2), (32, 1)])
@pytest.mark.parametrize("causal", [True, False])
def test_all_parts_together_are_the_logits_of_plain_numpy(layout, causal):
    model = load_layout(*layout, device="cpu")
    ids = model.encode(TEXT)
    logits = oracle(layout, ids, causal)[1]
    for token in (0, 5, len(ids) - 1):
        residual = model.residual(ids, token=token, causal=causal)
        np.testing.assert_allclose(residual.total(), logits[token], atol=1e-3)
        parts = [*residual.heads, residual.biases, residual.mlps, residual.embedding[None]]
        shares = torch.cat([residual.logits(part) for part in parts]).sum(0)
        np.testing.assert_allclose(shares + residual.offset, logits[token], atol=1e-3)


def test_a_heads_share_is_its_context_through_its_slice_of_w_o():
    model = load_layout(8, 2, device="cpu")
    ids = model.encode(TEXT)
    trace = model.trace(ids, layer=1)
    lane = slice(3 * 24, 4 * 24)
    part = model.w_o(1)[0][:, lane] @ trace.context[0, 3, 5]
    torch.testing.assert_close(
        model.residual(ids, token=5).heads[1][3].float(), part, rtol=1e-4, atol=1e-5
    )


def test_a_head_that_is_off_has_no_share():
    model = load_layout(8, 2, device="cpu").without(Off.parse("1.3"))
    ids = model.encode(TEXT)
    residual = model.residual(ids, token=5)
    assert not residual.heads[1][3].any() and residual.heads[1][2].any()
    expected = oracle((8, 2), ids, off={(1, 3): 0.0})[1][5]
    np.testing.assert_allclose(residual.total(), expected, atol=1e-3)


def test_no_such_token_is_refused():
    model = load_layout(8, 2, device="cpu")
    with pytest.raises(TextError, match=r"^token 4 does not exist: choose 0 to 3\.$"):
        model.residual([1, 2, 3, 4], token=4)
