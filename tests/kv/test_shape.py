"""Shapes: what a layer may say, what-ifs, and the checks of numbers."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import divisors
from attention.kv.checks import LARGEST_LAYERS, LARGEST_NUMBER, require_number, shortened
from attention.kv.shape import Cross, Layer, LayerKind, ModelShape, ShapeError, State, uniform

ROOT = Path(__file__).parents[2]
KEYS = {"n_heads": 8, "n_kv_heads": 2, "k_head_dim": 16, "v_head_dim": 16}
LLAMA = uniform(n_layers=32, n_heads=32, n_kv_heads=8, head_dim=128)


def message(call, *args, **kwargs):
    with pytest.raises(ShapeError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_a_uniform_model_is_equal_layers_with_their_origins():
    assert LLAMA.kinds == {LayerKind.GLOBAL: 32}
    assert LLAMA.layers[0].group_size == 4
    assert LLAMA.origin(0, "n_kv_heads") == "given by hand"
    windowed = uniform(n_layers=2, n_heads=2, n_kv_heads=2, head_dim=8, v_head_dim=4, window=9)
    assert windowed.kinds == {LayerKind.WINDOW: 2}
    assert (windowed.layers[0].v_head_dim, windowed.largest_window) == (4, 9)
    assert LLAMA.largest_window is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {**KEYS, "kind": LayerKind.GLOBAL, "n_kv_heads": 3},
            "n_heads 8 does not divide by n_kv_heads 3: choose n_kv_heads 2 or 4.",
        ),
        (
            {**KEYS, "kind": LayerKind.GLOBAL, "window": 5},
            "a global layer has no window, but 5 was given.",
        ),
        (
            {**KEYS, "kind": LayerKind.WINDOW},
            "window 0 is not a whole number from 1 to 1099511627776.",
        ),
        (
            {**KEYS, "kind": LayerKind.LATENT},
            "latent_rank 0 is not a whole number from 1 to 1099511627776.",
        ),
        (
            {**KEYS, "kind": LayerKind.GLOBAL, "compress": 4},
            "a global layer has no compress, but 4 was given.",
        ),
        (
            {"kind": LayerKind.GLOBAL, "n_heads": 2},
            "n_kv_heads 0 is not a whole number from 1 to 1099511627776.",
        ),
        (
            {**KEYS, "kind": LayerKind.GLOBAL, "shares": 0},
            "a global layer cannot share the cache of 0.",
        ),
        ({"kind": LayerKind.SHARED}, "a shared layer cannot share the cache of None."),
    ],
)
def test_a_layer_refuses_what_does_not_belong_to_it(fields, expected):
    assert message(Layer, **fields) == expected


def test_a_shared_layer_needs_an_earlier_one_that_keeps_keys():
    own = Layer(kind=LayerKind.GLOBAL, **KEYS)
    for source in (1, 2, 9):
        shared = Layer(kind=LayerKind.SHARED, shares=source)
        text = message(ModelShape, name="m", model_type="", layers=(own, shared), n_heads=8)
        assert text == (
            f"layer 1 shares the cache of layer {source}, which keeps none: "
            "choose an earlier layer that does."
        )


def test_states_count_their_axes_and_cross_attention_its_heads():
    assert State(name="recurrent", shape=(2, 3, 4)).numbers == 24
    layer = Layer(kind=LayerKind.STATE, states=(State(name="a", shape=(5,)),) * 2)
    assert layer.state_numbers == 10
    assert not layer.grows
    assert message(State, name="recurrent", shape=(2, 0)) == (
        "the recurrent state's size 0 is not a whole number from 1 to 1099511627776."
    )
    assert message(Cross, n_kv_heads=1, k_head_dim=1, v_head_dim=1, tokens=-1) == (
        "cross-attention's tokens -1 is not a whole number from 1 to 1099511627776."
    )


def test_a_model_needs_layers_and_not_too_many():
    layer = Layer(kind=LayerKind.GLOBAL, **KEYS)
    empty = message(ModelShape, name="m", model_type="", layers=(), n_heads=8)
    assert empty == "n_layers 0 is not a whole number from 1 to 4096."
    many = (layer,) * (LARGEST_LAYERS + 1)
    assert message(ModelShape, name="m", model_type="", layers=many, n_heads=8) == (
        "n_layers 4097 is not a whole number from 1 to 4096."
    )


def test_what_if_with_other_heads():
    mha = LLAMA.with_(n_kv_heads=32)
    assert {layer.n_kv_heads for layer in mha.layers} == {32}
    assert {layer.k_head_dim for layer in mha.layers} == {128}
    assert mha.origin(3, "n_kv_heads") == "set to 32 by hand"
    assert LLAMA.layers[0].n_kv_heads == 8


def test_what_if_with_other_dims_layers_and_windows():
    wide = LLAMA.with_(head_dim=64, n_layers=40, max_context=100)
    assert (wide.n_layers, wide.max_context) == (40, 100)
    assert (wide.layers[39].k_head_dim, wide.layers[39].v_head_dim) == (64, 64)
    assert LLAMA.with_(window=10).layers == LLAMA.layers  # there is none to change
    window = uniform(n_layers=2, n_heads=2, n_kv_heads=2, head_dim=8, v_head_dim=4, window=9)
    changed = window.with_(window=7, head_dim=6)
    assert (changed.layers[0].window, changed.layers[0].v_head_dim) == (7, 4)


def test_what_if_begins_a_pattern_again_or_cuts_it():
    kinds = (LayerKind.GLOBAL, LayerKind.NONE, LayerKind.NONE)
    layers = tuple(Layer(kind=kind, **(KEYS if kind is LayerKind.GLOBAL else {})) for kind in kinds)
    shape = ModelShape(name="m", model_type="", layers=layers, n_heads=8)
    assert [layer.kind.value for layer in shape.with_(n_layers=5).layers] == [
        "global",
        "none",
        "none",
        "global",
        "none",
    ]
    assert shape.with_(n_layers=1).kinds == {LayerKind.GLOBAL: 1}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"n_kv_heads": 5},
            "n_heads 32 does not divide by n_kv_heads 5: choose n_kv_heads 4 or 8.",
        ),
        (
            {"layers": 5},
            "layers cannot be changed: choose one of d_model, head_dim, latent_rank, max_context, "
            "n_heads, n_kv_heads, n_layers, parameters, rope_dim, v_head_dim, vocab, window.",
        ),
        ({"n_layers": 2**63}, f"n_layers {2**63} is not a whole number from 1 to 4096."),
        ({"n_heads": True}, "n_heads True is not a whole number from 1 to 1099511627776."),
        ({"head_dim": 0}, "head_dim 0 is not a whole number from 1 to 1099511627776."),
        ({"n_heads": 1.0}, "n_heads 1.0 is not a whole number from 1 to 1099511627776."),
    ],
)
def test_what_if_refuses(changes, expected):
    assert message(LLAMA.with_, **changes) == expected


@given(n_heads=st.integers(1, 256), data=st.data())
def test_every_divisor_can_be_set_and_nothing_else_changes(n_heads, data):
    n_kv_heads = data.draw(st.sampled_from(divisors(n_heads)))
    shape = uniform(n_layers=3, n_heads=n_heads, n_kv_heads=1, head_dim=4)
    changed = shape.with_(n_kv_heads=n_kv_heads)
    assert all(layer.group_size * n_kv_heads == n_heads for layer in changed.layers)
    assert changed.with_(n_kv_heads=1).layers == shape.layers


@given(
    st.one_of(
        st.integers(max_value=0),
        st.integers(min_value=LARGEST_NUMBER + 1),
        st.floats(),
        st.booleans(),
        st.text(),
        st.none(),
        st.lists(st.integers()),
    )
)
def test_what_is_no_positive_whole_number_is_refused_in_one_short_sentence(value):
    text = message(require_number, "n_heads", value)
    assert text.startswith("n_heads ")
    assert text.endswith(" is not a whole number from 1 to 1099511627776.")
    assert len(text) < 250
    assert "\n" not in text


def test_a_number_of_thousands_of_digits_is_named_without_writing_it():
    assert message(require_number, "n_heads", 10**6000) == (
        "n_heads of more than 150 digits is not a whole number from 1 to 1099511627776."
    )
    assert shortened("x" * 100) == "'" + "x" * 56 + "..."


@pytest.mark.parametrize(
    "module",
    [
        "shape",
        "read.config_json",
        "read.catalog",
        "read.gguf.shape",
        "read.layers",
        "read.parameters",
    ],
)
def test_loads_neither_torch_nor_numpy_nor_transformers(module):
    code = (
        f"import sys, attention.kv.{module}; "
        "sys.exit(any(name in sys.modules for name in ('torch', 'numpy', 'transformers', 'gguf')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
