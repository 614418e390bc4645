import pytest
from tokenizers import Tokenizer

from attention.models.layouts.model import TOKENIZER
from tests.training import small

TOKENS = Tokenizer.from_file(str(TOKENIZER))


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["The", "keys", ",", "lost", "."], "The keys, lost."),
        (["Tom", "said", ",", '"', "Stop", "!", '"'], 'Tom said, "Stop!"'),
        (["Anna's", "key", "isn't", "here", "?"], "Anna's key isn't here?"),
        (["बच्चा", "घर", "गया", "है", "।"], "बच्चा घर गया है।"),
    ],
)
def test_words_are_cut_as_the_tokenizer_cuts_their_text(words, written):
    found = small.encoder().words(words)
    assert len(found) == len(words)
    assert [i for ids in found for i in ids] == TOKENS.encode(written).ids


def test_a_word_is_remembered():
    calls = []

    def encode(text):
        calls.append(text)
        return [ord(sign) for sign in text]

    encoder = small.Encoder(encode)
    assert encoder.words(["ab", ".", "ab"]) == [(97, 98), (46,), (97, 98)]
    assert calls == [".", "ab", ".."]
