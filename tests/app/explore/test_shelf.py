"""The layouts on their shelf, and the checks on real numbers."""

import numpy as np
import pytest
import torch

from app.explore.examples import load_examples
from app.explore.offer import name_of
from app.explore.shelf import Shelf
from attention.config import AttentionConfig
from attention.models.layouts import cards
from attention.models.layouts.network import MAX_TOKENS
from attention.models.look import Reading
from attention.text.pieces import merge_weights
from attention.trace import query_row, split_error, trace_attention

LAYOUTS = cards.available_layouts()


def never(ahead: int) -> None:
    """Nobody leaves in these tests."""


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
    assert split_error(trace, n_heads, w_q, b_q) < 1e-5


def test_the_check_can_fail() -> None:
    trace, w_q, b_q = random_trace(AttentionConfig(d_model=32, n_heads=4, n_kv_heads=1))
    assert split_error(trace, 4, w_q.roll(8, 0), b_q) > 0.1


def read(shelf: Shelf, text: str) -> Reading:
    return shelf.read(name_of(*LAYOUTS[0]), text, never)


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_a_text_is_cut_and_what_is_drawn_is_its_beginning() -> None:
    text = "the keys near the old cabinet " * 200
    reading = read(Shelf(), text)
    assert len(reading.ids) == len(reading.tokens) == MAX_TOKENS
    assert reading.cut and reading.total > MAX_TOKENS
    assert text.startswith(reading.text)


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("text", ["the keys near the old cabinet are lost 🙂 ", "cats "])
def test_a_look_is_what_the_trace_shows(causal: bool, text: str) -> None:
    shelf, name = Shelf(), name_of(*LAYOUTS[-1])
    reading = read(shelf, text * 9)
    units = reading.units
    assert (units is not None) == ("🙂" in text)
    look = shelf.look(name, reading, 1, 3, False, never, causal=causal)
    trace = shelf.model(name, never).trace(reading.ids, layer=1, causal=causal)
    weights = trace.weights[0].numpy()
    if units is not None:
        weights = merge_weights(weights, units)
    assert np.allclose(look.layers[1].tiles, weights, atol=1e-5)
    for head in (0, 3):
        assert np.allclose(look.weights(1, head), weights[head], atol=1e-5)
    assert shelf.split_error(name, look, 1, "", never) < 1e-4
    one, token = shelf.row(name, reading, 1, 5, never, causal=causal), 5
    for field in ("x", "q", "k", "v", "scores", "weights", "context", "merged", "output"):
        ours, theirs = getattr(one, field), getattr(query_row(trace, token), field)
        assert torch.allclose(ours, theirs, atol=1e-4), field


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_the_cache_of_a_look_is_what_a_cache_holds() -> None:
    shelf, name = Shelf(), name_of(*LAYOUTS[0])
    reading = read(shelf, load_examples()[0].text)
    look = shelf.look(name, reading, 0, 0, False, never)
    assert look.cache.measured == shelf.model(name, never).measure_cache(reading.ids)


@pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")
def test_another_head_or_layer_is_no_other_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, name = Shelf(), name_of(*LAYOUTS[-1])
    reading, passes = read(shelf, "the keys are lost"), []
    model = shelf.model(name, never)
    whole = model.look
    monkeypatch.setattr(model, "look", lambda *a, **k: passes.append(1) or whole(*a, **k))
    for layer, head in ((0, 0), (1, 5), (0, 3)):
        shelf.look(name, reading, layer, head, False, never)
    assert passes == [1]
