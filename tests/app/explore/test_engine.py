"""The layouts on their shelf, and the checks on real numbers."""

import numpy as np
import pytest
import torch

from app.explore import engine
from app.explore.examples import load_examples
from attention.config import AttentionConfig
from attention.models.layouts import load
from attention.trace import trace_attention

LAYOUTS = load.available_layouts()


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
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("text", ["the keys near the old cabinet are lost 🙂 ", "cats "])
def test_a_long_text_is_computed_as_a_short_one(causal: bool, text: str) -> None:
    shelf = engine.Shelf()
    model = shelf.get(*LAYOUTS[-1])
    reading = shelf.read(text * 9)
    units = reading.units
    assert (units is not None) == ("🙂" in text)
    passed = engine.run(model, reading.ids, causal=causal)
    short = engine.short_layer(model, passed, 1, reading.ids, (), units)
    long = engine.long_layer(model, 1, 3, reading.ids, causal, units)
    assert np.allclose(long.tiles, short.tiles, atol=1e-5)
    assert (long.pool, long.cache) == (short.pool, short.cache)
    for head in (0, 3):
        assert np.allclose(long.weights(head), short.weights(head), atol=1e-5)
    names, values = zip(*long.heads, strict=True)
    assert names == tuple(name for name, _ in short.heads)
    assert np.allclose(values, [value for _, value in short.heads], atol=1e-4)
    assert long.split_error < 1e-4
    token = 5
    for name in ("x", "q", "k", "v", "scores", "weights", "context", "merged", "output"):
        one, other = getattr(long.trace(token), name), getattr(short.trace(token), name)
        assert torch.allclose(one, other, atol=1e-4), name


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_the_cache_of_a_look_is_what_a_cache_holds() -> None:
    shelf = engine.Shelf()
    model = shelf.get(*LAYOUTS[0])
    ids = shelf.read(load_examples()[0].text).ids
    _, cache_bytes = engine.run(model, ids, causal=True)
    assert cache_bytes == model.measure_cache(ids)
