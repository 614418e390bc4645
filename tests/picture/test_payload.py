"""The binary form: exact layout, quantisation, pooling, and hostile tokens."""

import json
import struct
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.config import AttentionConfig
from attention.picture.payload import decode, encode
from attention.picture.scene import MEASURES
from attention.picture.tiles import scene_weights
from attention.picture.words import PICTURE_WORDS
from tests.picture.synthetic import cache_figures, even_map, made_up_weights, plain, scene, words

HOSTILE = (
    "<img src=x onerror=alert(1)>", "</script>", '"', "\\", "\u2028", "\x00", "👩‍👩‍👧", "שלום",
    "क्षि", "$x^2$", "{token}", "", " ",
)  # fmt: skip


@given(
    n_heads=st.sampled_from([1, 2, 6, 9]),
    tokens=st.lists(st.text(max_size=6), min_size=1, max_size=9),
    causal=st.booleans(),
    data=st.data(),
)
def test_round_trip_is_within_quantisation(n_heads, tokens, causal, data) -> None:
    kv = data.draw(st.sampled_from([d for d in range(1, n_heads + 1) if n_heads % d == 0]))
    weights = made_up_weights(n_heads, tuple(tokens), causal) * data.draw(st.sampled_from([1, 0.2]))
    head = data.draw(st.integers(0, n_heads - 1))
    one = _scene_of(n_heads, kv, tuple(tokens), weights.astype(np.float32), head, causal)
    header, tiles, chosen = decode(encode(one))
    top = weights.max()
    assert np.abs(tiles - weights).max() <= top / 255 / 2 * 1.001
    assert np.abs(chosen - weights[head]).max() <= top / 65535 / 2 * 1.01 + 1e-7
    assert header["tokens"] == tokens
    assert header["shape"] == {
        "d_model": n_heads * 4, "n_heads": n_heads, "n_kv_heads": kv, "head_dim": 4,
    }  # fmt: skip


def test_bytes_are_laid_out_as_documented() -> None:
    one = scene(2, 1, ("a", "b"), head=1)
    payload = encode(one)
    (length,) = struct.unpack("<I", payload[:4])
    header = json.loads(payload[4 : 4 + length].decode())
    tiles, chosen = payload[4 + length : 4 + length + 8], payload[4 + length + 8 :]
    assert len(chosen) == 2 * 2 * 2
    scale = header["scale"]
    assert [round(w / scale * 255) for w in one.weights.ravel().tolist()] == list(tiles)
    assert struct.unpack("<4H", chosen) == tuple(
        round(w / scale * 65535) for w in one.weights[1].ravel().tolist()
    )
    assert max(tiles) == 255


def test_hostile_tokens_survive() -> None:
    header, _, _ = decode(encode(scene(1, 1, HOSTILE)))
    assert tuple(header["tokens"]) == HOSTILE


def test_half_a_character_does_not_break_the_page() -> None:
    header, _, _ = decode(encode(scene(1, 1, ("a", "\ud83d"))))
    assert header["tokens"] == ["a", "?"]


def test_long_text_is_pooled_by_the_largest() -> None:
    tokens = tuple(f"t{i % 50}" for i in range(300))
    one = scene(2, 1, tokens)
    header, tiles, chosen = decode(encode(one))
    assert (header["pool"], header["tile"], chosen.shape) == (3, 100, (300, 300))
    naive = [
        [[one.weights[h, 3 * r : 3 * r + 3, 3 * c : 3 * c + 3].max() for c in range(100)]
         for r in range(100)] for h in range(2)
    ]  # fmt: skip
    assert np.abs(tiles - np.array(naive)).max() <= header["scale"] / 255 / 2 * 1.001


def test_pooling_covers_what_does_not_divide() -> None:
    weights = np.zeros((1, 130, 130), np.float32)
    weights[0, 129, 129] = 1
    header, tiles, _ = decode(encode(scene(1, 1, ("t",) * 130, weights=weights)))
    assert (header["pool"], header["tile"]) == (2, 65)
    assert np.argwhere(tiles[0]).tolist() == [[64, 64]]


def test_all_zero_weights_stay_zero() -> None:
    _, tiles, chosen = decode(encode(scene(1, 1, ("a",), weights=np.zeros((1, 1, 1), np.float32))))
    assert tiles.max() == chosen.max() == 0


def test_the_last_token_is_chosen_unless_said() -> None:
    assert decode(encode(scene(1, 1, ("a", "b", "c"))))[0]["token"] == 2
    assert decode(encode(scene(1, 1, ("a", "b", "c"), token=0)))[0]["token"] == 0


def test_same_tiles_have_the_same_name() -> None:
    names = [decode(encode(scene(head=head)))[0]["tiles_id"] for head in (0, 5)]
    assert names[0] == names[1] != decode(encode(scene(causal=False)))[0]["tiles_id"]


def test_shape_only_is_said_when_the_width_is_not_the_trained_one() -> None:
    assert decode(encode(scene()))[0]["shape_only"] is False
    header, _, _ = decode(encode(scene(32, 8, width=4096)))
    assert header["shape_only"] is True
    assert header["split"]["head_dim"] == 128


def test_the_map_keeps_four_digits_and_what_has_no_value() -> None:
    one = replace(even_map(), previous=[[None] * 8, [0.123456] * 8])
    header, _, _ = decode(encode(scene(model_map=one)))
    assert header["map"]["previous"] == [[None] * 8, [0.1235] * 8]
    assert list(header["map"]) == [*MEASURES, "roles"]
    assert decode(encode(scene()))[0]["map"] is None


def test_a_cache_that_is_no_product_says_its_formula() -> None:
    cache = replace(cache_figures(scene().config, 19), now_bytes=9999, formula="one by one")
    header, _, _ = decode(encode(scene(cache=cache)))
    assert (header["cache"]["now_bytes"], header["cache"]["formula"]) == (9999, "one by one")
    assert decode(encode(scene(cache=None)))[0]["cache"] is None


def test_without_a_chosen_head_there_are_only_tiles() -> None:
    header, tiles, chosen = decode(encode(plain(scene(), chosen=None)))
    assert (header["side"], tiles.shape, chosen.shape) == (0, (8, 19, 19), (0, 0))


def test_a_chosen_head_may_be_pooled() -> None:
    one = scene(2, 1, tuple(f"t{i % 50}" for i in range(300)))
    pooled, _ = scene_weights(one.weights[:1], 150)
    header, _, chosen = decode(encode(plain(one, chosen=pooled[0], chosen_pool=2)))
    assert (header["side"], header["chosen_pool"]) == (150, 2)
    assert np.abs(chosen - pooled[0]).max() <= header["scale"] / 65535


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_both_languages_have_the_words(lang: str) -> None:
    assert set(words(lang)) >= set(PICTURE_WORDS)


@pytest.mark.benchmark
def test_encoding_takes_less_than_3_ms() -> None:
    one = scene(32, 8, tuple(f"t{i % 40}" for i in range(128)))
    times = []
    for _ in range(20):
        start = time.perf_counter()
        encode(one)
        times.append(time.perf_counter() - start)
    best = min(times) * 1000
    print(f"encode, 32 heads x 128 tokens: {best:.2f} ms")
    assert best < 3


def _scene_of(n_heads, n_kv_heads, tokens, weights, head, causal):
    config = AttentionConfig(
        d_model=4 * n_heads, n_heads=n_heads, n_kv_heads=n_kv_heads, causal=causal
    )
    return replace(
        scene(1, 1, ("a",)),
        config=config, split=config, tokens=tokens, weights=weights, head=head,
        head_short=("x",) * n_heads, head_long=("y",) * n_heads,
        cache=cache_figures(config, len(tokens)),
    )  # fmt: skip
