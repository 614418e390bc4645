import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.text.tokens import piece_bytes
from attention.training.grammar import english, hindi
from attention.training.lexicon.common import common
from attention.training.make_tokenizer import SIZE, WHOLE_CHARACTERS, make_tokenizer
from attention.training.vocabulary import english as english_words
from attention.training.vocabulary import hindi as hindi_words

TOKENS = Tokenizer.from_file(str(TOKENIZER))
SENTENCES = Path(__file__).with_name("everyday_sentences.txt").read_text(encoding="utf-8")


def cut(text):
    return [piece_bytes(piece).decode().strip() for piece in TOKENS.encode(text).tokens]


def tokens_a_word(lines):
    """Tokens over words; a mark is a word, "don't" is one."""
    words = [word for line in lines for word in re.findall(r"[^\s.,:;?!।]+|[.,:;?!।]", line)]
    return sum(len(TOKENS.encode(line).ids) for line in lines) / len(words)


def test_making_it_again_gives_the_committed_tokenizer():
    assert json.loads(make_tokenizer().to_str()) == json.loads(TOKENS.to_str())


def test_every_entry_stands_once():
    assert TOKENS.get_vocab_size() == len(TOKENS.get_vocab()) == SIZE


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_comes_back_exactly(text):
    assert TOKENS.decode(TOKENS.encode(text).ids) == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "  two", "tail  ", "a\r\nb", "🙂👨‍👩‍👧", "שלום", "पढ़ना", "\x00", "don’t", "'s"],
)
def test_odd_texts_come_back_exactly(text):
    assert TOKENS.decode(TOKENS.encode(text).ids) == text


def test_everyday_sentences_need_few_tokens():
    english_lines, hindi_lines = (part.splitlines() for part in SENTENCES.strip().split("\n\n"))
    assert tokens_a_word(english_lines) <= 1.1
    assert tokens_a_word(hindi_lines) <= 1.17


@pytest.mark.parametrize("words", [english.WORDS, hindi.WORDS], ids=["english", "hindi"])
def test_words_of_the_grammar_are_one_token_or_a_stem_and_its_ending(words):
    long = [word for word in words if "-" not in word and len(TOKENS.encode(word).ids) > 2]
    assert long == []


@pytest.mark.parametrize("language", ["english", "hindi"])
def test_frequent_words_are_one_token_or_a_stem_and_its_ending(language):
    assert [word for word in common(language) if len(TOKENS.encode(word).ids) > 2] == []


@pytest.mark.parametrize("names", [english.NAMES, hindi.NAMES], ids=["english", "hindi"])
def test_a_name_is_one_token(names):
    assert [name for name in names if len(TOKENS.encode(name).ids) > 1] == []


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("keys", ["key", "s"]),
        ("boxes", ["box", "es"]),
        ("cities", ["citi", "es"]),
        ("walked", ["walk", "ed"]),
        ("baked", ["bake", "d"]),
        ("walking", ["walk", "ing"]),
        ("making", ["making"]),
        ("stopped", ["stopped"]),
        ("children", ["children"]),
        ("news", ["news"]),
        ("Anna's", ["Anna", "'s"]),
        ("Anna’s", ["Anna", "’s"]),
        ("don't", ["don't"]),
        ("The", ["The"]),
        ("लड़का", ["लड़क", "ा"]),
        ("लड़कियाँ", ["लड़क", "ियाँ"]),
        ("किताबें", ["किताब", "ें"]),
        ("खाते", ["खा", "ते"]),
    ],
)
def test_an_ending_is_cut_off_where_its_stem_stays_as_it_is(word, parts):
    assert cut(word) == parts


def test_an_ending_is_cut_off_a_word_that_no_list_has():
    assert cut("telescopes")[-1] == "s"
    assert cut("blicking")[-1] == "ing"


@pytest.mark.parametrize(
    "forms",
    [
        "is are am", "was were", "has have", "does do", "this these", "that those",
        "he she it they", "है हैं हूँ",
        "था थे थी थीं", "गया गए गई", "का के की", "होता होते होती", "खाता खाते खाती",
    ],
)  # fmt: skip
def test_forms_that_agree_part_at_one_token(forms):
    ids = [TOKENS.encode(form).ids for form in forms.split()]
    assert len({len(i) for i in ids}) == 1
    assert len({i[-1] for i in ids}) == len(ids)
    assert len({tuple(i[:-1]) for i in ids}) == 1


@pytest.mark.parametrize("character", WHOLE_CHARACTERS)
def test_a_devanagari_character_is_never_cut(character):
    assert TOKENS.decode(TOKENS.encode("x" + character).ids[-1:]) == character


def test_a_word_is_the_same_token_wherever_it_stands():
    assert TOKENS.encode("keys").ids == TOKENS.encode("the keys").ids[1:]


def test_words_that_open_a_sentence_are_one_token():
    assert [word for word in english_words.starts() if len(TOKENS.encode(word).ids) > 1] == []


@pytest.mark.parametrize("word", english_words.JOINED + hindi_words.JOINED)
def test_words_behind_an_opening_quote_mark_are_one_token(word):
    assert cut(f'said "{word}')[1:] == ['"', word]
