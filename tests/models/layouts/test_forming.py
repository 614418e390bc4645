import re

import numpy as np
import pytest

from attention.models.layouts.forming import (
    FORMING,
    Forming,
    FormingError,
    load_forming,
    save_forming,
)


def run(n_heads: int, n_kv_heads: int) -> Forming:
    tiles = np.arange(2 * 1 * n_heads * 9, dtype=np.uint8).reshape(2, 1, n_heads, 3, 3)
    return Forming(
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        steps=np.array([0, 10]),
        tokens=np.array([0, 5120]),
        losses=np.array([9.0, 3.5]),
        scores={"previous": np.full((2, 1, n_heads), 0.25), "agreement_en": np.zeros((2, 1, 8))},
        sentences=("Die Katze", "बिल्ली"),
        tiles=(tiles, tiles[..., :2, :2]),
    )


def test_what_was_kept_comes_back_most_kv_heads_first(tmp_path):
    save_forming([run(8, 1), run(8, 8)], tmp_path / "forming.npz")
    found = load_forming(tmp_path / "forming.npz")
    assert [(each.n_heads, each.n_kv_heads) for each in found] == [(8, 8), (8, 1)]
    for each in found:
        expected = run(each.n_heads, each.n_kv_heads)
        assert each.sentences == expected.sentences
        assert each.steps.tolist() == [0, 10]
        assert each.tokens.tolist() == [0, 5120]
        assert each.losses.tolist() == [9.0, 3.5]
        assert set(each.scores) == set(expected.scores)
        np.testing.assert_array_equal(each.scores["previous"], expected.scores["previous"])
        for ours, theirs in zip(each.tiles, expected.tiles, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_without_a_file_it_says_how_to_make_one(tmp_path):
    path = tmp_path / "forming.npz"
    said = f"No training is kept in {path}: run python -m attention train forming."
    with pytest.raises(FormingError, match=re.escape(said) + "$"):
        load_forming(path)


def test_the_committed_trainings_show_heads_that_form():
    assert FORMING.stat().st_size < 6_000_000
    found = load_forming()
    assert [(each.n_heads, each.n_kv_heads) for each in found] == [(8, 8), (8, 2), (8, 1)]
    for each in found:
        assert len(each.steps) >= 20
        assert each.losses[-1] < each.losses[0] / 2
        assert each.scores["previous"][0].max() < 0.2
