"""Tokens of two tokenizers, aligned by characters: by hand, and against the characters' places."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.survey import head_weights, survey_heads
from attention.text.aligned import Aligned, Tokens, align
from attention.text.pieces import merge, merge_weights

SMILE = "🙂"


def tokens(*texts):
    """A special token stands in angles."""
    pieces = [b"" if text.startswith("<") else text.encode() for text in texts]
    return Tokens(pieces, [text.strip() for text in texts], merge(pieces).starts)


def counts(aligned: Aligned):
    return aligned.one.counts, aligned.other.counts


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (["The", " keys"], ["The", " keys"], ((1, 1), (1, 1))),
        (["The", " keys"], ["The", " k", "eys"], ((1, 1), (1, 2))),
        (["un", "able"], ["una", "ble"], ((2,), (2,))),
        # lower case, no accents, no spaces
        (["Ça", " va", "."], ["ca", "va", "."], ((1, 1, 1), (1, 1, 1))),
        ([" नि", "यम"], ["नि", "य", "म"], ((1, 1), (1, 2))),
        # special tokens: both have one, one has one, one of an unknown character
        (["<s>", "a", "b"], ["<c>", "ab", "<p>"], ((1, 2, 0), (1, 1, 1))),
        (["ab", "cd"], ["<c>", "ab", "cd", "<p>"], ((0, 1, 1, 0), (1, 1, 1, 1))),
        (["a", f" {SMILE}", " warm"], ["a", "<unk>", "warm"], ((1, 1, 1), (1, 1, 1))),
        # white space goes with the word behind it, at the end with the one before
        (["one", "\n", "two", "\n"], ["one", "two"], ((1, 3), (1, 1))),
        (["one", "\n", "<p>"], ["one", "<p>"], ((2, 1), (1, 1))),
        # the other reads something else altogether
        (["abc", "def"], ["xyz"], ((2,), (1,))),
    ],
)  # fmt: skip
def test_units_that_both_have_whole(one, other, expected):
    found = align(tokens(*one), tokens(*other))
    assert counts(found) == expected
    assert counts(align(tokens(*other), tokens(*one))) == expected[::-1]


def test_a_unit_is_named_by_its_own_tokens_or_by_those_of_the_other():
    found = align(tokens("The", " keys"), tokens("<c>", "the", "key", "##s"[2:]))
    assert found.one.texts == ("<c>", "The", "keys")
    assert found.other.texts == ("<c>", "the", "keys")
    assert found.shared.tolist() == [False, True, True]


def test_weights_of_units_are_sums_over_keys_and_means_over_queries():
    """By hand: three tokens beside two, of which the other has a special one more."""
    one, other = tokens("k", "eys", " old"), tokens("<c>", "keys", "old")
    found = align(one, other)
    weights = np.array([[1.0, 0, 0], [0.25, 0.75, 0], [0.5, 0.3, 0.2]])
    merged = [[0, 0, 0], [0, (1 + 0 + 0.25 + 0.75) / 2, 0], [0, 0.5 + 0.3, 0.2]]
    np.testing.assert_allclose(merge_weights(weights, found.one), merged)
    theirs = np.array([[1.0, 0, 0], [0.9, 0.1, 0], [0.6, 0.3, 0.1]])
    np.testing.assert_array_equal(merge_weights(theirs, found.other), theirs)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n", [3, 700])  # in one block, and in several
def test_units_without_tokens_take_part_in_a_survey(n, causal):
    pieces = [f"w{i} ".encode() for i in range(n)]
    texts = [f"w{i}" for i in range(n)]
    one = Tokens(pieces, texts, np.arange(n + 1))
    other = Tokens([b"", *pieces, b""], ["<c>", *texts, "<p>"], np.arange(n + 3))
    units = align(one, other).one
    assert units.counts == (0, *[1] * n, 0)
    q, k = torch.randn(2, 4, n, 8, generator=torch.Generator().manual_seed(n))
    plain = head_weights(q, k, 1, causal=causal)
    found = head_weights(q, k, 1, causal=causal, units=units)
    np.testing.assert_allclose(found[1:-1, 1:-1], plain, atol=1e-6)
    assert not found[[0, -1]].any() and not found[:, [0, -1]].any()
    survey = survey_heads(q, k, causal=causal, ids=range(n), units=units, tile=1024)
    np.testing.assert_allclose(survey.tiles[1], found, atol=1e-6)


@given(st.text(alphabet="aBé न्\n", min_size=1), st.data())
def test_every_token_is_in_one_unit_and_units_hold_the_same_letters(text, data):
    def cut(name):
        at = sorted(data.draw(st.sets(st.integers(1, max(1, len(text) - 1))), label=name))
        parts = [text[i:j] for i, j in zip([0, *at], [*at, len(text)], strict=True) if text[i:j]]
        return tokens(*parts)

    sides = cut("one"), cut("other")
    found = align(*sides)
    for side, units in zip(sides, (found.one, found.other), strict=True):
        assert units.starts[0] == 0 and units.starts[-1] == len(side.pieces)
        assert (np.diff(units.starts) > 0).all()
    letters = [
        [
            b"".join(side.pieces[i:j]).decode().split()
            for i, j in zip(units.starts, units.starts[1:], strict=False)
        ]
        for side, units in zip(sides, (found.one, found.other), strict=True)
    ]
    joined = [["".join(words) for words in units] for units in letters]
    assert joined[0] == joined[1]
