"""Tokens of the three kinds of tokenizer as bytes and as readable text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    ByT5Tokenizer,
    CanineTokenizer,
    PreTrainedTokenizer,
    PreTrainedTokenizerFast,
)

from attention.models.huggingface.texts import TokenTexts
from tests.models import tiny

KINDS = ("bytes", "sentencepiece", "wordpiece")
TOKENIZERS = {kind: tiny.make_tokenizer(kind) for kind in KINDS}
TEXTS = {kind: TokenTexts(tokenizer) for kind, tokenizer in TOKENIZERS.items()}


def encode(kind, text):
    return TOKENIZERS[kind](text)["input_ids"]


def shown(kind, text):
    return TEXTS[kind].readable(encode(kind, text))


def test_byte_level_words_are_shown_without_their_space():
    assert shown("bytes", "the cat sat on the mat")[:3] == ["the", "cat", "sat"]


def test_sentencepiece_words_are_shown_without_their_sign():
    assert shown("sentencepiece", "the cat sat")[:4] == ["<s>", "the", "cat", "sat"]


def test_wordpiece_goes_on_without_its_signs_and_keeps_special_tokens():
    texts = shown("wordpiece", "The catsat")
    assert (texts[0], texts[1], texts[-1]) == ("[CLS]", "the", "[SEP]")
    assert "".join(texts[2:-1]) == "catsat" and not any(text.startswith("##") for text in texts)


@pytest.mark.parametrize("kind", ["bytes", "sentencepiece"])
def test_pieces_of_a_character_are_counted(kind):
    hindi = [text for text in shown(kind, "हि 🙂") if text not in ("<s>", "␣")]
    assert hindi == ["ह₁", "ह₂", "ह₃", "ि₁", "ि₂", "ि₃", "🙂₁", "🙂₂", "🙂₃", "🙂₄"]


def test_a_byte_that_is_no_character_is_shown_by_its_value():
    ids = encode("bytes", "ह")
    assert TEXTS["bytes"].readable([ids[1], ids[0]]) == ["⟨A4⟩", "⟨E0⟩"]
    assert TEXTS["bytes"].readable(ids[:2]) == ["⟨E0⟩", "⟨A4⟩"]  # cut off, as generation may be


def test_an_id_without_a_piece_is_shown_by_its_number():
    assert TEXTS["bytes"].readable([tiny.VOCAB - 1]) == [f"⟨{tiny.VOCAB - 1}⟩"]


def test_bytes_tell_a_spelt_byte_token_from_a_byte():
    ids = encode("sentencepiece", "<0xE2>")
    assert b"".join(TEXTS["sentencepiece"].bytes(ids)).strip() == b"<0xE2>"


def test_special_tokens_have_no_bytes_even_where_the_text_spells_them():
    ids = encode("bytes", "the</s>cat")
    assert TEXTS["bytes"].readable(ids) == ["the", "</s>", "c", "at"]
    assert TEXTS["bytes"].bytes(ids) == [b"the", b"", b"c", b"at"]


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_the_bytes_of_byte_level_tokens_are_the_text(text):
    ids = encode("bytes", text)
    special = any(token in text for token in ("<pad>", "<unk>", "<s>", "</s>"))
    assert special or b"".join(TEXTS["bytes"].bytes(ids)) == text.encode()


@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="▁"), max_size=30))
def test_the_bytes_of_sentencepiece_tokens_are_the_text(text):
    ids = encode("sentencepiece", text)
    special = any(token in text for token in ("<pad>", "<unk>", "<s>", "</s>"))
    found = b"".join(TEXTS["sentencepiece"].bytes(ids)).decode()
    assert special or not text or found in (text, " " + text)


@given(ids=st.lists(st.integers(0, tiny.VOCAB + 50), max_size=30), kind=st.sampled_from(KINDS))
def test_any_ids_give_one_text_each_and_no_byte_soup(ids, kind):
    texts = TEXTS[kind].readable(ids)
    assert len(texts) == len(TEXTS[kind].bytes(ids)) == len(ids)
    assert all(texts) and not any("\ufffd" in t or "Ġ" in t or "▁" in t[:1] for t in texts)


def test_clips_words_are_shown_without_their_end():
    backend = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        end_of_word_suffix="</w>",
        initial_alphabet=alphabet,
        special_tokens=["<end>"],
        show_progress=False,
    )
    backend.train_from_iterator(["the old keys", "a key is lost"], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<end>")
    texts, ids = TokenTexts(tokenizer), tokenizer("the keys")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["the</w>", "keys</w>"]
    assert (texts.readable(ids), texts.bytes(ids)) == (["the", "keys"], [b"the ", b"keys "])


def test_runs_of_spaces_that_a_vocabulary_has_as_they_are():
    backend = Tokenizer.from_str(tiny.make_tokenizer("sentencepiece").backend_tokenizer.to_str())
    backend.add_tokens([AddedToken("▁▁▁▁", normalized=False)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend)
    ids = tokenizer.convert_tokens_to_ids(["▁▁▁▁", "▁the"])
    texts = TokenTexts(tokenizer)
    assert texts.bytes(ids) == [b"    ", b" the"]
    assert texts.readable(ids) == ["␣␣␣␣", "the"]


def test_byt5_writes_each_byte_as_a_character():
    tokenizer = ByT5Tokenizer()
    texts, ids = TokenTexts(tokenizer), tokenizer("é हि\u00a0a")["input_ids"]
    assert b"".join(texts.bytes(ids)).decode() == "é हि\u00a0a"
    assert texts.readable(ids)[:4] == ["é₁", "é₂", "␣", "ह₁"]
    assert texts.readable(ids)[-4:] == ["⟨NBSP⟩₁", "⟨NBSP⟩₂", "a", "</s>"]


def test_canine_writes_characters_and_its_special_tokens_cannot_be_seen():
    tokenizer = CanineTokenizer()
    texts, ids = TokenTexts(tokenizer), tokenizer("é▁ \u200b🙂")["input_ids"]
    assert b"".join(texts.bytes(ids)).decode() == "é▁ \u200b🙂"
    assert texts.readable(ids) == ["[CLS]", "é", "▁", "␣", "⟨ZWSP⟩", "🙂", "[SEP]"]


@pytest.mark.parametrize(
    ("sign", "pieces", "parts"),
    [
        ("##", ["un", "##able", "cat"], [b"un", b"able", b" cat"]),
        ("</w>", ["un", "able</w>", "cat</w>"], [b"un", b"able ", b"cat "]),
        ("@@", ["un@@", "able", "cat"], [b"un", b"able ", b"cat "]),
    ],
)
def test_tokenizers_in_python_are_tried_on_a_word(sign, pieces, parts):
    texts = TokenTexts(InPython(sign, pieces))
    assert texts.bytes([0, 1, 2]) == parts
    assert texts.readable([0, 1, 2]) == ["un", "able", "cat"]


class InPython(PreTrainedTokenizer):
    """As old ones are: joined by what they take off their pieces."""

    def __init__(self, sign, pieces):
        self.sign, self.pieces = sign, pieces
        super().__init__(unk_token=None)

    vocab_size = property(lambda self: len(self.pieces))

    def get_vocab(self):
        return {piece: i for i, piece in enumerate(self.pieces)}

    def _tokenize(self, text, **more):
        return text.split()

    def _convert_token_to_id(self, token):
        return self.pieces.index(token)

    def _convert_id_to_token(self, index):
        return self.pieces[index]

    def convert_tokens_to_string(self, tokens):
        if self.sign == "</w>":
            return "".join(tokens).replace("</w>", " ")
        return " ".join(tokens).replace({"##": " ##", "@@": "@@ "}[self.sign], "")
