"""Merging of tokens that split a character, against the `regex` package's grapheme clusters."""

from itertools import pairwise

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.scores import of_weights
from attention.text.pieces import MAX_WORD, Units, merge, merge_weights, merge_words
from attention.text.tokens import BYTE_OF_SIGN, piece_bytes, readable_parts

SMILE, FAMILY, WALES = "🙂", "👩🏽‍🚀", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"


def units(*tokens, texts=None):
    """(text, tokens) of each unit; a token is given as bytes or as text."""
    pieces = [t if isinstance(t, bytes) else t.encode() for t in tokens]
    merged = merge(pieces, texts)
    return list(zip(merged.texts, merged.counts, strict=True))


def singly(text):
    return [bytes([byte]) for byte in text.encode()]


@pytest.mark.parametrize(
    ("tokens", "merged"),
    [
        # whole characters stay as they are, also where a word is cut between two of them
        (["The", " keys", " are"], [("The", 1), ("keys", 1), ("are", 1)]),
        (["नम", "स्ते", " दुनिया"], [("नम", 1), ("स्ते", 1), ("दुनिया", 1)]),
        (["漢", "字"], [("漢", 1), ("字", 1)]),
        (["한", "국"], [("한", 1), ("국", 1)]),
        ([SMILE, SMILE], [(SMILE, 1), (SMILE, 1)]),
        (["\r", "\n", " "], [("␍", 1), ("⏎", 1), ("␣", 1)]),
        # bytes
        ([*singly(SMILE), " ok"], [(SMILE, 4), ("ok", 1)]),
        (singly("न"), [("न", 3)]),
        (singly("漢字"), [("漢", 3), ("字", 3)]),
        # vowel signs, viramas, conjuncts
        (["क", "ि"], [("कि", 2)]),
        (["क", "्", "ष", "ि"], [("क्षि", 4)]),
        (singly("क्षि"), [("क्षि", 12)]),
        (["क्", "षि"], [("क्षि", 2)]),
        (["क्षि", " क", "ि"], [("क्षि", 1), ("कि", 2)]),
        (["क्\u200c", "ष"], [("क्\u200c", 1), ("ष", 1)]),  # kept apart by whoever wrote it
        (["ਕ੍", "ਰ"], [("ਕ੍ਰ", 2)]),
        (["ಕ್", "ಷ"], [("ಕ್ಷ", 2)]),
        (["க்", "க"], [("க்", 1), ("க", 1)]),  # Tamil writes them apart
        (["ක්", "\u200dර"], [("ක්\u200dර", 2)]),
        (["e", "\u0301"], [("e\u0301", 2)]),
        (["ก", "ำ"], [("กำ", 2)]),
        (["\u1112", "\u1161", "\u11ab"], [("\u1112\u1161\u11ab", 3)]),  # han, in three letters
        # emoji
        (singly(FAMILY), [(FAMILY, 15)]),
        (["👩", "🏽", "\u200d", "🚀", "!"], [(FAMILY, 4), ("!", 1)]),
        (["❤", "\ufe0f\u200d", "🔥"], [("❤️\u200d🔥", 3)]),
        (singly("🇮🇳🇫🇷"), [("🇮🇳", 8), ("🇫🇷", 8)]),
        (["🇮🇳", "🇫", "🇷"], [("🇮🇳", 1), ("🇫🇷", 2)]),
        ([*WALES, "a"], [(WALES, 7), ("a", 1)]),
        (["1", "\ufe0f", "\u20e3"], [("1️⃣", 3)]),
        # the end of one character and the beginning of the next in one token
        (["漢字".encode()[:2], "漢字".encode()[2:4], "漢字".encode()[4:]], [("漢字", 3)]),
        (["नमस", "्ते", "क"], [("नमस्ते", 2), ("क", 1)]),
        # what is no text
        ([b"\x80", b"\x80", b"\xff"], [("⟨80⟩", 1), ("⟨80⟩", 1), ("⟨FF⟩", 1)]),
        (["a", *singly(SMILE)[:3]], [("a", 1), ("⟨F0⟩⟨9F⟩⟨99⟩", 3)]),
        ([*singly(SMILE)[:3], "a"], [("⟨F0⟩⟨9F⟩⟨99⟩", 3), ("a", 1)]),
        ([b"\xed", b"\xa0", b"\x80"], [("⟨ED⟩⟨A0⟩⟨80⟩", 3)]),  # half of a UTF-16 pair
        ([b"\xc0", b"\x80"], [("⟨C0⟩", 1), ("⟨80⟩", 1)]),  # no such first byte
        ([b"\x1b", "\u0301"], [("⟨1B⟩", 1), ("◌\u0301", 1)]),
        # special tokens
        (["", "न", ""], [("", 1), ("न", 1), ("", 1)]),
        (
            [*singly("न")[:1], "", *singly("न")[1:]],
            [("⟨E0⟩", 1), ("", 1), ("⟨A4⟩", 1), ("⟨A8⟩", 1)],
        ),
        ([], []),
    ],
)
def test_the_smallest_readable_units(tokens, merged):
    assert units(*tokens) == merged


def test_a_single_token_keeps_what_it_is_shown_as():
    tokens, texts = ["", " keys", *singly("न")], ["<s>", "keys", "न₁", "न₂", "न₃"]
    assert units(*tokens, texts=texts) == [("<s>", 1), ("keys", 1), ("न", 3)]


def test_accents_without_end_are_cut():
    assert [count for _, count in units("e", *["\u0301"] * 100)] == [32, 32, 32, 5]


def test_where_each_token_went():
    merged = merge([b"The", *singly(SMILE), b" ok"])
    assert [merged.of_token(token) for token in range(6)] == [0, 1, 1, 1, 1, 2]
    assert (len(merged), merged.merged, merged.starts.tolist()) == (3, True, [0, 1, 5, 6])


def test_a_unit_is_the_same_where_its_tokens_are():
    merged = Units(np.array([0, 2, 3, 5, 7, 8]), ("a", "b", "a", "c", "b"))
    ids = merged.ids([5, 6, 7, 5, 6, 6, 5, 7])
    assert ids[0] == ids[2] != ids[3]
    assert ids[1] == ids[4]
    assert len(set(ids)) == 3
    # The second "a" looks at what followed the first one.
    weights = np.zeros((1, 5, 5), dtype=np.float32)
    weights[0, range(5), [0, 0, 1, 0, 0]] = 1
    [head] = of_weights(weights, ids, False)
    assert head["induction"] == pytest.approx(1 / 2)  # the second "b" does not


def test_pieces_of_the_trained_tokenizer():
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    text = f"the keys {SMILE} नमस्ते ळ 漢"
    signs = tokenizer.encode(text).tokens
    pieces = [bytes(BYTE_OF_SIGN[sign] for sign in token) for token in signs]
    merged = merge(pieces, readable_parts([piece_bytes(sign) for sign in signs]))
    assert len(merged) < len(signs)
    assert merged.texts[-1] == "漢"
    assert b"".join(pieces).decode() == f" {text}"
    assert SMILE in merged.texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cities baked", ["citi", "es", "bake", "d"]),
        ("Anna's keys aren't", ["Anna", "'s", "key", "s", "aren't"]),
        # An ending that begins with a vowel sign belongs to the character before it.
        ("लड़कियाँ किताबें", ["लड़कियाँ", "किताबें"]),
        ("खाते भाषाएँ", ["खा", "ते", "भाषा", "एँ"]),
    ],
)
def test_stems_and_endings_of_the_trained_tokenizer(text, shown):
    pieces = [piece_bytes(sign) for sign in Tokenizer.from_file(str(TOKENIZER)).encode(text).tokens]
    assert merge(pieces).texts == tuple(shown)


# What regex tells otherwise, see attention/text/pieces.py; and it may know a younger Unicode.
SCRIPTS = (
    "aé ",
    "कखषरसतम्िेाी़ँ\u200d\u200c",
    "কষর্িে",
    "కషర్ి",
    "กำาิ้เ",
    "한국ᄀ나ᅢᆨ",
    "漢字ーがゞ",
    "🙂👩👨🚀🏽🏿❤🔥\u200d\ufe0f♂",
    "🇮🇳🇫🇷",
    "אִשׁ",
    "اًل",
)


@st.composite
def cut_texts(draw):
    """Text of one or two scripts, cut into bytes anywhere."""
    signs = "".join(draw(st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=2)))
    text = draw(st.text(st.sampled_from(signs), min_size=1, max_size=12))
    whole = text.encode()
    cuts = draw(st.sets(st.integers(1, max(1, len(whole) - 1))))
    bounds = sorted({0, len(whole), *cuts})
    return text, [whole[i:j] for i, j in pairwise(bounds)]


@given(cut_texts())
def test_no_unit_ends_within_a_grapheme_and_none_is_larger_than_it_must(drawn):
    text, pieces = drawn
    inner = set(np.cumsum([len(g.encode()) for g in regex.findall(r"\X", text)]).tolist())
    merged = merge(pieces)
    ends = np.cumsum([len(piece) for piece in pieces])
    expected = [end in inner for end in ends.tolist()]
    assert [stop in merged.starts[1:] for stop in range(1, len(pieces) + 1)] == expected
    assert sum(merged.counts) == len(pieces)


NAMED = ("Cc", "Cf", "Cs", "M", "Z")  # what a label may write out


@given(st.text(st.characters(exclude_categories=NAMED), min_size=1, max_size=20))
def test_any_text_in_single_bytes_comes_back_whole(text):
    merged = merge(singly(text))
    assert "".join(merged.texts) == text


@given(st.lists(st.binary(max_size=4), max_size=12))
def test_any_bytes_give_units_that_hold_every_token_once(pieces):
    merged = merge(pieces)
    assert sum(merged.counts) == len(pieces)
    assert all(count > 0 for count in merged.counts)
    for token, piece in enumerate(pieces):
        unit = merged.of_token(token)
        assert merged.starts[unit] <= token < merged.starts[unit + 1]
        assert bool(merged.texts[unit]) == bool(piece)
        assert piece or merged.counts[unit] == 1


@st.composite
def weights_and_units(draw):
    counts = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    starts = np.cumsum([0, *counts])
    random = np.random.default_rng(draw(st.integers(0, 99)))
    weights = random.random((2, starts[-1], starts[-1]))
    weights = np.tril(weights) if draw(st.booleans()) else weights
    weights /= weights.sum(-1, keepdims=True)
    return weights, Units(starts, ("x",) * len(counts))


@given(weights_and_units())
def test_weights_are_summed_over_keys_and_averaged_over_queries(drawn):
    weights, merged = drawn
    ours = merge_weights(weights, merged)
    assert ours.shape == (2, len(merged), len(merged))
    np.testing.assert_allclose(ours.sum(-1), 1)
    bounds = merged.starts
    for row in range(len(merged)):
        for key in range(len(merged)):
            square = weights[:, bounds[row] : bounds[row + 1], bounds[key] : bounds[key + 1]]
            np.testing.assert_allclose(ours[:, row, key], square.sum(2).mean(1), atol=1e-12)


@given(weights_and_units())
def test_a_causal_pass_stays_causal(drawn):
    weights, merged = drawn
    assert not np.triu(merge_weights(np.tril(weights[0]), merged), k=1).any()


def test_nothing_merged_is_nothing_done():
    weights = np.eye(3, dtype=np.float32)
    assert merge_weights(weights, merge([b"a", b"b", b"c"])) is weights


def words(*tokens, texts=None):
    """The text of each word and its tokens, as :func:`units`."""
    pieces = [t if isinstance(t, bytes) else t.encode() for t in tokens]
    merged = merge_words(pieces, texts)
    return list(zip(merged.texts, merged.counts, strict=True))


@pytest.mark.parametrize(
    ("tokens", "merged"),
    [
        ([" un", "believ", "able", "!", " We"], [("unbelievable", 3), ("!", 1), ("We", 1)]),
        (["don", "'t", " go"], [("don't", 2), ("go", 1)]),
        (["नम", *singly("स्ते"), " दुनिया"], [("नमस्ते", 13), ("दुनिया", 1)]),
        (["漢", *singly("字"), "ไทย", "ดี"], [("漢", 1), ("字", 3), ("ไทย", 1), ("ดี", 1)]),
        ([*singly(SMILE), "ok", "ay"], [(SMILE, 4), ("okay", 2)]),
        (["a" * 2] * (MAX_WORD + 1), [("a" * 2 * MAX_WORD, MAX_WORD), ("aa", 1)]),
    ],
)
def test_tokens_of_one_word_are_one_unit(tokens, merged) -> None:
    assert words(*tokens) == merged


def test_special_tokens_stay_by_themselves() -> None:
    texts = ["[CLS]", "un", "##able", "[SEP]", "able", "[SEP]"]
    shown = words("", "un", "able", "", "able", "", texts=texts)
    assert shown == [("[CLS]", 1), ("unable", 2), ("[SEP]", 1), ("able", 1), ("[SEP]", 1)]


def test_a_words_weights_are_summed_over_keys_and_averaged_over_queries() -> None:
    merged = merge_words([b" un", b"able", b" to"])
    weights = np.array([[1, 0, 0], [0.25, 0.75, 0], [0.5, 0.2, 0.3]], np.float32)
    assert np.allclose(merge_weights(weights, merged), [[1, 0], [0.7, 0.3]])
