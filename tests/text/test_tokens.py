from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.text.tokens import isolated, joined_before, label, piece_bytes, readable_parts

TOKENS = Tokenizer.from_file(str(TOKENIZER))


def shown(text: str) -> list[str]:
    return readable_parts([piece_bytes(p) for p in TOKENS.encode(text).tokens])


def test_a_word_is_shown_without_its_space():
    assert shown("The keys, near") == ["The", "key", "s", ",", "near"]


def test_white_space_is_shown_by_a_sign():
    assert shown("a\n\tb") == ["a", "⏎", "⇥", "b"]


def test_a_control_character_is_shown_by_its_code():
    assert shown("a\x1b") == ["a", "⟨1B⟩"]


def test_pieces_of_a_character_say_which_they_are():
    assert shown("🙂")[-4:] == ["🙂₁", "🙂₂", "🙂₃", "🙂₄"]


def test_a_token_that_begins_with_a_space_counts_as_the_first_piece():
    assert readable_parts([" 🙂".encode()[:2], "🙂".encode()[1:3], "🙂".encode()[3:]]) == [
        "🙂₁", "🙂₂", "🙂₃",
    ]  # fmt: skip


def test_a_text_cut_inside_a_character_is_still_readable():
    pieces = TOKENS.encode("ab 🙂").tokens[:-2]
    assert len(readable_parts([piece_bytes(p) for p in pieces])) == len(pieces)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_one_readable_string_a_token_for_any_text(text):
    tokens = TOKENS.encode(text).tokens
    labels = readable_parts([piece_bytes(p) for p in tokens])
    assert len(labels) == len(tokens)
    assert all(labels)
    assert "\ufffd" in text or not any("\ufffd" in label for label in labels)


@pytest.mark.parametrize("word", ["विश्वविद्यालय", "नमस्ते", "अंतरराष्ट्रीय", "ज्ञान"])
def test_devanagari_is_cut_at_characters_only(word):
    labels = shown(word)
    assert "".join(labels) == word
    assert not any(label[-1] in "₀₁₂₃₄₅₆₇₈₉" for label in labels)


def test_the_tokenizer_file_is_there():
    assert Path(TOKENIZER).is_file()


@pytest.mark.parametrize(
    ("text", "label_"),
    [
        ("\u00a0", "⟨NBSP⟩"), ("\u3000", "⟨U+3000⟩"), ("\u200b", "⟨ZWSP⟩"), ("\ufeff", "⟨BOM⟩"),
        ("\u00ad", "⟨SHY⟩"), ("\u200f", "⟨RLM⟩"), ("\u2060", "⟨U+2060⟩"), ("\u2029", "⟨U+2029⟩"),
        ("co\u00adop", "co⟨SHY⟩op"), ("\u0301", "◌\u0301"), ("e\u0301", "e\u0301"),
        ("👩\u200d👧", "👩\u200d👧"), ("क्\u200dष", "क्\u200dष"), ("\u200d", "⟨ZWJ⟩"), (" un", "un"),
    ],
)  # fmt: skip
def test_what_is_invisible_has_a_name(text, label_):
    assert label(text) == label_


def test_right_to_left_text_is_isolated_in_a_sentence_and_other_text_is_not():
    assert isolated("سلام") == "\u2068سلام\u2069"
    assert isolated("שלום 12") == "\u2068שלום 12\u2069"
    assert [isolated(text) for text in ("un", "हिन्दी", "12")] == ["un", "हिन्दी", "12"]


@pytest.mark.parametrize(
    ("parts", "goes_on"),
    [
        ((" un", "able", " able", "."), (False, True, False, False)),  # GPT-2, WordPiece
        (("un", "able ", "em "), (False, True, False)),  # CLIP: a word's end is written behind it
        (("key", "s", ",", "2", "3"), (False, True, False, False, True)),
        (("", "un", "", "able"), (False, False, False, False)),  # special tokens keep words apart
        (("नम", "स्ते", " दुनिया"), (False, True, False)),
        ((" don", "'t", " can", "'", "t"), (False, True, False, True, True)),
        (("3", ".", "14", "."), (False, True, True, False)),
        (("  ", "  ", "\r", "\n"), (False, False, False, False)),
        (("漢", "字", "ひ", "ら", "ไทย", "ดี"), (False,) * 6),  # written without spaces
        (("한", "국"), (False, True)),
        (("चाब", "ियाँ"), (False, True)),  # a sign that stands by itself in the vocabulary
    ],
)
def test_pieces_that_go_on_with_a_word(parts: tuple[str, ...], goes_on: tuple[bool, ...]) -> None:
    assert tuple(joined_before([part.encode() for part in parts])) == goes_on


def test_pieces_of_a_character_go_on_with_no_word() -> None:
    smile = "🙂".encode()
    assert joined_before([b"a", smile[:2], smile[2:], b"b"]) == [False, False, False, False]
