"""The layouts on their shelf, and the checks on real numbers."""

import pytest
import torch

from app import engine
from app.examples import load_examples
from attention import models
from attention.config import AttentionConfig
from attention.trace import trace_attention

LAYOUTS = models.available_layouts()


def random_trace(config: AttentionConfig) -> tuple:
    width, kv_width = config.d_model, config.n_kv_heads * config.head_dim
    w_q, w_k, w_v, w_o = (torch.randn(n, width) for n in (width, kv_width, kv_width, width))
    b_q = torch.randn(width)
    x = torch.randn(1, 5, width)
    return trace_attention(x, w_q, w_k, w_v, w_o, config, b_q=b_q), w_q, b_q


@pytest.mark.parametrize("n_heads", [1, 2, 4, 8])
def test_projecting_head_by_head_is_projecting_whole_and_cutting(n_heads: int) -> None:
    config = AttentionConfig(d_model=32, n_heads=n_heads, n_kv_heads=1)
    trace, w_q, b_q = random_trace(config)
    assert engine.split_error(trace, w_q, b_q) < 1e-5


def test_the_check_can_fail() -> None:
    trace, w_q, b_q = random_trace(AttentionConfig(d_model=32, n_heads=4, n_kv_heads=1))
    assert engine.split_error(trace, w_q.roll(8, 0), b_q) > 0.1


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_a_text_is_cut_and_what_is_drawn_is_its_beginning() -> None:
    text = "the keys near the old cabinet " * 200
    reading = engine.Shelf().read(text)
    assert len(reading.ids) == len(reading.tokens) == engine.PAGE_TOKENS
    assert reading.cut and reading.total > engine.PAGE_TOKENS
    assert text.startswith(reading.text)


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_the_cache_of_a_look_is_what_a_cache_holds() -> None:
    shelf = engine.Shelf()
    model = shelf.get(*LAYOUTS[0])
    ids = shelf.read(load_examples()[0].text).ids
    _, cache_bytes = engine.run(model, ids, causal=True)
    assert cache_bytes == model.measure_cache(ids)
