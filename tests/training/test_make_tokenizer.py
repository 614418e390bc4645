import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from attention.training import lexicon
from attention.training.make_tokenizer import WHOLE_CHARACTERS, train_tokenizer

TOKENS = Tokenizer.from_file(str(TOKENIZER))


def test_training_again_gives_the_committed_tokenizer():
    assert json.loads(train_tokenizer().to_str()) == json.loads(TOKENS.to_str())


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_comes_back_exactly(text):
    assert TOKENS.decode(TOKENS.encode(text).ids) == text


@pytest.mark.parametrize(
    "text", ["", " ", "  two", "tail  ", "a\r\nb", "🙂👨‍👩‍👧", "שלום", "पढ़ना", "\x00"]
)
def test_odd_texts_come_back_exactly(text):
    assert TOKENS.decode(TOKENS.encode(text).ids) == text


@pytest.mark.parametrize("words", [lexicon.ENGLISH_WORDS, lexicon.HINDI_WORDS])
def test_words_of_the_grammar_are_one_or_two_tokens(words):
    assert [word for word in words if len(TOKENS.encode(word).ids) > 2] == []


def test_every_form_of_a_verb_is_one_token():
    forms = [lexicon.BE_PRESENT, lexicon.BE_PAST, lexicon.HAVE, *lexicon.VERBS, *lexicon.HI_WENT]
    forms += [lexicon.HI_EAT, lexicon.HI_DRINK, *lexicon.HI_HANDLE]
    for options in forms:
        ids = [TOKENS.encode(form).ids for form in options]
        assert [len(i) for i in ids] == [1] * len(options)
        assert len({i[0] for i in ids}) == len(options)


@pytest.mark.parametrize("character", WHOLE_CHARACTERS)
def test_a_devanagari_character_is_never_cut(character):
    assert TOKENS.decode(TOKENS.encode("x" + character).ids[-1:]) == character


def test_a_word_is_the_same_token_wherever_it_stands():
    assert TOKENS.encode("keys").ids == TOKENS.encode("the keys").ids[1:]
