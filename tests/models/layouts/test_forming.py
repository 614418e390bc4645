import re

import numpy as np
import pytest

from attention.models.layouts.forming import (
    FORMING,
    TEXTS,
    Forming,
    FormingError,
    Text,
    load_forming,
    save_forming,
)


def run(n_heads: int, n_kv_heads: int, text: Text = "words") -> Forming:
    tiles = np.arange(2 * 1 * n_heads * 9, dtype=np.uint8).reshape(2, 1, n_heads, 3, 3)
    return Forming(
        text=text,
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


def test_what_is_kept_of_another_text_stays(tmp_path):
    path = tmp_path / "forming.npz"
    save_forming([run(8, 8), run(8, 1)], path)
    save_forming([run(4, 4, "letters"), run(4, 1, "letters")], path)
    save_forming([run(8, 2)], path)
    found = [(each.text, each.n_heads, each.n_kv_heads) for each in load_forming(path)]
    assert found == [("letters", 4, 4), ("letters", 4, 1), ("words", 8, 2)]


def test_without_a_file_it_says_how_to_make_one(tmp_path):
    path = tmp_path / "forming.npz"
    said = f"No training is kept in {path}: run python -m attention train letters forming."
    with pytest.raises(FormingError, match=re.escape(said) + "$"):
        load_forming(path)


@pytest.mark.parametrize("text", TEXTS)
def test_the_committed_trainings_show_heads_that_form(text):
    assert FORMING.stat().st_size < 6_000_000
    found = [each for each in load_forming() if each.text == text]
    assert [(each.n_heads, each.n_kv_heads) for each in found] == [(8, 8), (8, 2), (8, 1)]
    for each in found:
        assert len(each.steps) >= 20
        assert each.losses[-1] < each.losses[0] / 2
        assert each.scores["previous"][0].max() < 0.2


def test_in_letters_heads_form_by_themselves_and_abruptly():
    """In the trial before, of words and with 8 KV heads, they came to 0.80 and 0.93."""
    for each in load_forming():
        if each.text == "letters":
            assert each.scores["previous"][-1].max() > 0.65
            induction = each.scores["induction"]
            assert induction[0].max() < 0.1
            assert induction[-1].max() > 0.9
            assert np.diff(induction.astype(np.float32), axis=0).max() > 0.3
