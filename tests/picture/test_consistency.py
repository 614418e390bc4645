"""Scenes whose parts do not fit together are refused, each in one sentence."""

from dataclasses import replace

import numpy as np
import pytest

from attention.picture.consistency import SceneError
from attention.picture.payload import encode
from attention.picture.scene import MEASURES
from tests.picture.synthetic import cache_figures, even_map, plain, scene, words


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head": 8}, "head 8 is outside 0 to 7"),
        ({"head": -1}, "head -1 is outside 0 to 7"),
        ({"counts": (1, 2)}, "counts has 2 entries for 19 tokens"),
        ({"token": 19}, "token 19 is outside 0 to 18"),
        ({"head_short": ("a",)}, "head_short has 1 entries for 8 heads"),
        ({"head_long": ()}, "head_long has 0 entries for 8 heads"),
        (
            {"tiles": np.zeros((8, 3, 3), np.float32)},
            "tiles have shape (8, 3, 3); 19 tokens pooled by 1 need (8, 19, 19)",
        ),
        (
            {"pool": 2},
            "tiles have shape (8, 19, 19); 19 tokens pooled by 2 need (8, 10, 10)",
        ),
        (
            {"chosen": np.zeros((19, 18), np.float32)},
            "chosen have shape (19, 18); 19 tokens pooled by 1 need (19, 19)",
        ),
        ({"tokens": ()}, "a scene needs at least one token"),
    ],
)
def test_refuses_what_does_not_fit(changes: dict, message: str) -> None:
    with pytest.raises(SceneError) as error:
        encode(plain(scene(), **changes))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("changes", "layer", "message"),
    [
        ({}, 2, "layer 2 is outside 0 to 1"),
        (
            {"first": [[0.5] * 8]},
            1,
            "the map's first has heads [8] a layer, its entropy [8, 8]",
        ),
        (
            {name: [[0.5] * 8, [0.5] * 4] for name in MEASURES},
            1,
            "the map has 4 heads in layer 1; the scene has 8",
        ),
    ],
)
def test_refuses_a_map_that_does_not_fit(changes: dict, layer: int, message: str) -> None:
    with pytest.raises(SceneError) as error:
        encode(scene(layer=layer, model_map=replace(even_map(), **changes)))
    assert str(error.value) == message


def test_refuses_missing_words() -> None:
    some = {key: text for key, text in words().items() if key not in ("head", "cache_mqa")}
    with pytest.raises(SceneError, match=r"^words lack head, cache_mqa$"):
        encode(scene(words=some))


def test_refuses_a_cache_that_is_not_the_formula() -> None:
    cache = replace(cache_figures(scene().config, 19), now_bytes=14593)
    with pytest.raises(SceneError) as error:
        encode(scene(cache=cache))
    assert str(error.value) == "the cache holds 14593 bytes; the formula gives 14592"
