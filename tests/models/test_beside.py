"""Heads beside one another: which is the likest, in the same model and in another."""

import math

import numpy as np
import pytest

from attention.models.beside import common, head_beside
from attention.models.layouts import cards, load
from attention.models.reading import in_pieces, read
from attention.text.pieces import merge_weights
from tests.models.tiny import load_tiny

TEXT = "the dog saw the cat and the dog"
pytestmark = pytest.mark.skipif(
    (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
)


def looked(model, reading):
    return model.look(reading.ids, units=reading.merged(raw=False))


def test_a_layout_is_likest_to_itself_and_of_itself_to_another_head():
    model = load.load_layout(8, 2, device="cpu")
    look = model.look(model.encode(TEXT), layer=1, head=3)
    every = np.ones(len(model.encode(TEXT)), bool)
    like = head_beside(look, 1, 3, look, every, like="likest")
    assert (like.layer, like.head) == (1, 3)
    assert like.correlation == pytest.approx(1)
    assert head_beside(look, 1, 3, look, every, like="same") == like
    other = head_beside(look, 1, 3, look, every, like="likest", itself=True)
    assert (other.layer, other.head) != (1, 3) and other.correlation < 1
    there = head_beside(look, 1, 3, look, every, like="likest", its_layer=0, itself=True)
    assert there.layer == 0
    below = head_beside(look, 1, 3, look, every, like="same", itself=True)
    assert (below.layer, below.head) == (0, 3)
    assert head_beside(look, 0, 3, look, every, like="same", itself=True).layer == 1
    assert head_beside(look, 1, 3, look, every, like=5, its_layer=0).head == 5


def test_a_head_that_is_not_there_and_a_text_where_nothing_varies():
    large, small = (load.load_layout(*one, device="cpu") for one in ((8, 2), (1, 1)))
    ids = large.encode("the")
    one, other = large.look(ids, layer=0, head=0), small.look(ids, layer=0, head=0)
    assert head_beside(one, 0, 5, other, np.ones(1, bool), like="same") is None
    assert head_beside(one, 0, 5, other, np.ones(1, bool), like="same", its_layer=9) is None
    assert math.isnan(head_beside(one, 0, 5, other, np.ones(1, bool), like="likest").correlation)
    assert head_beside(other, 0, 0, other, np.ones(1, bool), like=0, itself=True).head == 0


@pytest.mark.parametrize("in_words", [True, False])
def test_the_correlation_of_two_tokenizers_is_numpys_on_merged_weights(in_words):
    """Against plain merging of exact weights, and ``np.corrcoef`` of what both have."""
    one, other = load_tiny("llama"), load_tiny("bert", "wordpiece")
    readings = [
        in_pieces(read(model, "The Keys are lost."), "words" if in_words else "merged")
        for model in (one, other)
    ]
    both = common(one, readings[0], other, readings[1], raw=False)
    assert both.by == ("words" if in_words else "pieces")
    assert both.shared.tolist() == [False, *[True] * (len(both.shared) - 2), False]
    looks = [looked(model, each) for model, each in ((one, both.one), (other, both.other))]
    found = head_beside(looks[0], 1, 2, looks[1], both.shared, like=3, its_layer=2)
    exact = [
        model.trace(each.ids, layer=layer).weights[0, head].numpy()
        for model, each, layer, head in ((one, both.one, 1, 2), (other, both.other, 2, 3))
    ]
    weights = [
        merge_weights(of, each.merged(False))[both.shared][:, both.shared]
        for of, each in zip(exact, (both.one, both.other), strict=True)
    ]
    expected = np.corrcoef(weights[0].ravel(), weights[1].ravel())[0, 1]
    assert found.correlation == pytest.approx(expected, abs=1e-5)


def test_tokens_that_are_the_same_stay_as_they_are_shown():
    model = load_tiny("llama")
    reading = read(model, "कि 🙂 the cat")
    raw = common(model, reading, model, reading, raw=True)
    assert (raw.by, raw.one.shown(raw=False)) == ("tokens", reading.tokens)
    merged = common(model, reading, model, reading, raw=False)
    assert merged.one.shown(raw=False) == reading.shown(raw=False)
    words = in_pieces(reading, "words")
    assert common(model, words, model, words, raw=False).by == "words"
