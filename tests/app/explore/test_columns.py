"""One head's columns of W_Q, redone in numpy."""

import numpy as np
import pytest
import torch

from app.explore.columns import columns_html, own_columns
from app.i18n import load_words
from attention.config import AttentionConfig
from attention.trace import query_row, trace_attention


@pytest.mark.parametrize("biased", [True, False])
def test_own_columns_give_the_cut_of_the_whole_product(biased: bool) -> None:
    config = AttentionConfig(d_model=24, n_heads=4, n_kv_heads=2)
    w_q, w_o, w_k, w_v = (torch.randn(n, 24) for n in (24, 24, 12, 12))
    b_q = torch.randn(24) if biased else None
    x = torch.randn(1, 7, 24)
    row = query_row(trace_attention(x, w_q, w_k, w_v, w_o, config, b_q=b_q), 3)
    own = own_columns(row, 2, w_q, b_q)
    assert (own.first, own.last, own.has_bias) == (12, 17, biased)
    columns = w_q.numpy().T[:, 12:18]
    alone = x[0, 3].numpy() @ columns + (b_q.numpy()[12:18] if biased else 0)
    assert np.allclose(own.alone, alone, atol=1e-5)
    assert np.allclose(own.cut, alone, atol=1e-5) and own.error < 1e-5
    assert np.allclose(own.corner, columns[:2, :5])
    html = columns_html(own, config, 2, load_words("en"))
    assert html.count("<i") == 4 and html.count('class="own"') == 1
    assert "W_Q, columns 12–17 (of 24 rows the first)" in html
    assert ("plus their bias" in html) is biased
