import numpy as np
import pytest
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.training.corpus import ROW_LEN, Corpus, ids_of, random_words
from attention.training.languages import LANGUAGES
from attention.training.sentences import Chooser
from tests.training import small

TOKENS = Tokenizer.from_file(str(TOKENIZER))


@pytest.fixture
def text() -> Corpus:
    return small.corpus(3)


@pytest.mark.parametrize("forming", [True, False])
def test_rows_are_a_function_of_seed_and_step(text, forming):
    first, again = (text.rows(7, 2, 3, forming=forming) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, text.rows(8, 2, 3, forming=forming))
    assert not np.array_equal(first, small.corpus(4).rows(7, 2, 3, forming=forming))


def test_rows_are_of_one_length(text):
    rows = text.rows(0, 4, 8)
    assert (rows.shape, rows.dtype) == ((12, ROW_LEN + 1), np.int16)
    assert text.rows(0, 0, 1).shape == (1, ROW_LEN + 1)


def test_stories_count_whole(text):
    assert (text.rows(0, 0, 8) >= 0).all()


def test_one_segment_is_said_until_the_row_is_full(text):
    for row in text.rows(0, 40, 0, forming=True):
        length = int((row < 0).sum())
        assert 4 <= length <= ROW_LEN // 2
        assert (row[:length] < 0).all()
        ids = ids_of(row)
        assert np.array_equal(ids[length:], ids[:-length])


def test_every_token_that_counts_stood_there_before(text):
    for row in text.rows(0, 40, 0):
        ids = ids_of(row)
        for position in np.flatnonzero(row >= 0):
            assert ids[position] in ids[:position]
        assert 0.2 < (row >= 0).mean() < 0.9


def test_tokens_are_those_of_the_written_text(text):
    """A row is the beginning of what the tokenizer makes of the sentences themselves."""
    for seed in range(200):
        for language in LANGUAGES.values():
            choose = Chooser(seed)
            sentence = choose.one(tuple(language.templates))(choose)
            ids = [i for word in text.encoder.words(sentence.words) for i in word]
            assert ids == TOKENS.encode(sentence.text).ids, sentence.text


def test_about_a_fifth_of_the_text_is_hindi(text):
    tokens = [TOKENS.decode([i]).strip() for i in range(TOKENS.get_vocab_size())]
    hindi = np.array([any("ऀ" <= sign <= "ॿ" for sign in token) for token in tokens])
    rows = [ids_of(text.rows(step, 4, 4, forming=True)) for step in range(60)]
    assert 0.1 < hindi[np.concatenate(rows)].mean() < 0.35


def test_a_segment_is_in_one_language():
    for seed in range(60):
        words = set(random_words(Chooser(seed), 10))
        assert any(words <= set(language.segment_words) for language in LANGUAGES.values())
