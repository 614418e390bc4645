import numpy as np
import pytest

from attention.training.corpus import ROW_LEN, ids_of
from attention.training.letters import (
    ALPHABET,
    LONGEST,
    SHORTEST,
    Letters,
    disorder,
    ids_of_text,
    text_of,
)
from attention.training.sentences import Chooser


@pytest.fixture
def text() -> Letters:
    return Letters(3)


def test_rows_are_a_function_of_seed_and_step(text):
    first, again = (text.rows(7, 2, 3) for _ in range(2))
    assert np.array_equal(first, again)
    assert (first.shape, first.dtype) == ((5, ROW_LEN + 1), np.int16)
    assert not np.array_equal(first, text.rows(8, 2, 3))
    assert not np.array_equal(first, Letters(4).rows(7, 2, 3))
    assert text.rows(0, 0, 1).shape == (1, ROW_LEN + 1)


def test_stories_are_english_and_count_whole(text):
    rows = text.rows(0, 0, 400)  # every letter of the grammar is known
    assert (rows >= 0).all()
    said = " ".join(text_of(row) for row in rows)
    assert said.count(" the ") > 200
    assert set(said) <= set(ALPHABET)


def test_a_segment_is_said_until_the_row_is_full_and_its_first_time_does_not_count(text):
    lengths = set()
    for row in text.rows(0, 300, 0):
        length = int((row < 0).sum())
        assert SHORTEST <= length <= LONGEST
        ids = ids_of(row)
        assert (row[:length] < 0).all()
        assert len(set(ids[:length])) == length
        assert np.array_equal(ids[length:], ids[:-length])
        lengths.add(length)
    assert {SHORTEST, LONGEST} <= lengths


def test_letters_are_ids_and_back():
    assert text_of(ids_of_text("The cat sat.")) == "The cat sat."
    with pytest.raises(KeyError, match="é"):
        ids_of_text("café")
    ids = disorder(Chooser("x"), len(ALPHABET))
    assert sorted(ids) == list(range(Letters.vocab_size))
