import numpy as np
import pytest
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.training import corpus
from attention.training.corpus import Corpus, random_words
from attention.training.sentences import Chooser

TOKENS = Tokenizer.from_file(str(TOKENIZER))


@pytest.fixture
def text() -> Corpus:
    return Corpus(lambda word: TOKENS.encode(word).ids, TOKENS.get_vocab_size(), seed=3)


@pytest.mark.parametrize("forming", [True, False])
def test_a_batch_is_a_function_of_seed_and_step(text, forming):
    first, again = (text.batch(7, 2, 3, forming=forming) for _ in range(2))
    other = text.batch(8, 2, 3, forming=forming)
    assert np.array_equal(first.repeats, again.repeats)
    assert np.array_equal(first.stories, again.stories)
    assert not np.array_equal(first.stories, other.stories)


def test_shapes(text):
    batch = text.batch(0, 4, 8)
    assert batch.repeats.shape == batch.repeated.shape == (4, 129)
    assert batch.stories.shape == (8, 65)
    assert text.batch(0, 0, 1).repeats.shape == (0, 129)


def test_one_segment_is_said_until_the_row_is_full(text):
    batch = text.batch(0, 40, 0, forming=True)
    for row, repeated in zip(batch.repeats, batch.repeated, strict=True):
        length = int((~repeated).sum())
        assert 4 <= length < 129
        assert np.array_equal(row[length:], row[:-length])


def test_every_token_said_to_be_repeated_stood_there_before(text):
    batch = text.batch(0, 40, 0)
    for row, repeated in zip(batch.repeats, batch.repeated, strict=True):
        for position in np.flatnonzero(repeated):
            assert row[position] in row[:position]
        assert 0.3 < repeated.mean() < 0.9


def test_about_a_fifth_of_the_text_is_hindi(text):
    tokens = [TOKENS.decode([i]).strip() for i in range(TOKENS.get_vocab_size())]
    hindi = np.array([any("ऀ" <= sign <= "ॿ" for sign in token) for token in tokens])
    batches = [text.batch(step, 4, 8, forming=True) for step in range(60)]
    everything = np.concatenate([ids.ravel() for b in batches for ids in (b.repeats, b.stories)])
    assert 0.15 < hindi[everything].mean() < 0.28


def test_a_segment_is_in_one_language():
    for seed in range(60):
        words = set(random_words(Chooser(seed), 10))
        assert words <= set(corpus.HINDI_SEGMENT) or words <= set(corpus.ENGLISH_SEGMENT)
