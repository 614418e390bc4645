"""The simple text: its stories, its words, its rows."""

import re

import numpy as np
import pytest

from attention.training.corpus import ids_of
from attention.training.forming import stories
from attention.training.forming.recipe import FormingRecipe
from attention.training.sentences import Chooser


@pytest.fixture
def text(tmp_path):
    stories.make_tokenizer().save(str(tmp_path / "tokenizer.json"))
    return stories.Stories(tmp_path / "tokenizer.json", 3)


def test_a_gap_is_filled_with_one_word_and_others_with_others():
    choose = Chooser("stories")
    told = [stories.story(choose) for _ in range(400)]
    assert not any("{" in story for story in told)
    passed = [re.match(r"(\w+) gave the (\w+) to (\w+)\. (\w+) gave the (\w+) to (\w+)\.", story)
              for story in told]  # fmt: skip
    found = [match.groups() for match in passed if match]
    assert len(found) > 5
    for giver, thing, second, again, same, third in found:
        assert (second, thing) == (again, same)
        assert len({giver, second, third}) == 3


def test_the_tokenizer_reads_what_is_written(text):
    read = stories.make_tokenizer()
    choose = Chooser("tokens")
    for sentence in (*stories.SENTENCES, *(stories.story(choose) for _ in range(200))):
        assert read.encode(sentence).ids == text.ids(sentence)
    assert read.get_vocab_size() == len(stories.vocabulary())


def test_rows_are_a_function_of_seed_and_step(text, tmp_path):
    first, again = (text.rows(7, 3, 5) for _ in range(2))
    assert first.shape == (8, 129) and np.array_equal(first, again)
    assert not np.array_equal(first, text.rows(8, 3, 5))
    other = stories.Stories(tmp_path / "tokenizer.json", 4)
    assert not np.array_equal(first, other.rows(7, 3, 5))


def test_a_repeated_row_is_one_segment_whose_first_time_does_not_count(text):
    for row in text.rows(0, 30, 0):
        n = int((row < 0).sum())
        assert stories.SHORTEST <= n <= stories.LONGEST
        assert (row[:n] < 0).all()
        ids = ids_of(row)
        assert np.array_equal(ids[n:], ids[:-n])


def test_the_rate_warms_up_and_falls_along_half_a_cosine():
    recipe = FormingRecipe()
    assert recipe.rate(0) == pytest.approx(recipe.learning_rate / recipe.warm_up)
    half = recipe.steps // 2
    assert recipe.rate(half) == pytest.approx(recipe.learning_rate / 2)
    assert recipe.rate(recipe.steps) == pytest.approx(0)
    assert max(map(recipe.rate, range(recipe.steps))) <= recipe.learning_rate
    assert recipe.n_repeats(0) == recipe.n_repeats(recipe.steps - 1) == 3
