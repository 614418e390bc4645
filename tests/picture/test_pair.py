"""Two heads side by side: how alike they are, against numpy, and the payload."""

import json
import struct

import numpy as np
import pytest

from attention.models.beside import likeness
from attention.picture.pair import Side, encode_pair
from attention.picture.payload import decode
from tests.picture.synthetic import scene

RANDOM = np.random.default_rng(0)


def weights(n_heads: int, n: int) -> np.ndarray:
    raw = RANDOM.random((n_heads, n, n)).astype(np.float32)
    seen = np.tril(raw)
    return seen / seen.sum(-1, keepdims=True)


def test_likeness_is_the_correlation_of_the_weights_that_can_differ() -> None:
    layers = [weights(4, 6), weights(2, 6)]
    one = layers[0][2]
    rows, keys = np.tril_indices(6)
    rows, keys = rows[1:], keys[1:]  # the first token sees itself alone
    for layer, found in zip(layers, likeness(one, layers, causal=True), strict=True):
        for head, value in enumerate(found):
            expected = np.corrcoef(one[rows, keys], layer[head][rows, keys])[0, 1]
            assert value == pytest.approx(expected, abs=1e-6)
    assert likeness(one, layers, causal=True)[0][2] == pytest.approx(1)


def test_without_a_mask_every_weight_counts() -> None:
    full = RANDOM.random((3, 4, 4)).astype(np.float32)
    [found] = likeness(full[0], [full], causal=False)
    assert found[1] == pytest.approx(np.corrcoef(full[0].ravel(), full[1].ravel())[0, 1], abs=1e-6)


@pytest.mark.parametrize("n", [1, 2])
def test_where_nothing_varies_there_is_no_figure(n: int) -> None:
    even = np.tril(np.ones((2, n, n), np.float32))
    even /= even.sum(-1, keepdims=True)
    assert all(np.isnan(likeness(even[0], [even], causal=True)[0]))


def test_the_payload_holds_both_scenes_and_what_is_told() -> None:
    left, right = scene(8, 8), scene(8, 1)
    sides = [
        Side(one, title, "told", (("the", 0.5, "50 %"),))
        for one, title in ((left, "8/8"), (right, "8/1"))
    ]
    payload = encode_pair(*sides, "next")
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    assert (header["caption"], [s["title"] for s in header["sides"]]) == ("next", ["8/8", "8/1"])
    assert header["sides"][0]["next"] == [["the", 0.5, "50 %"]]
    first = payload[4 + length : 4 + length + header["lengths"][0]]
    second = payload[4 + length + header["lengths"][0] :]
    assert len(second) == header["lengths"][1]
    assert [decode(p)[0]["shape"]["n_kv_heads"] for p in (first, second)] == [8, 1]
