"""Byte-level BPE (Sennrich et al. 2016, arXiv 1508.07909; bytes as in GPT-2) on our own text.

A space is put before the text and taken off again, so that a word is the same token wherever it
stands. Words, combining signs included, are never cut before BPE: the usual pattern cuts
Devanagari at its vowel signs.

Trained over bytes, BPE joins the last byte of one character to the first of the next, for all of
Devanagari begins with the same two. So the merges are learnt over characters and then written in
bytes, behind those that make the characters: every piece of Devanagari is whole characters.
"""

import json
import unicodedata
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from attention.training import corpus, english, hindi, lexicon
from attention.training.sentences import Chooser

WORDS = r" ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]| +(?= )|\s"
WHOLE_CHARACTERS = "“”‘’–—…" + "".join(
    chr(code) for code in range(0x900, 0x980) if unicodedata.category(chr(code)) != "Cn"
)
_BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def train_tokenizer() -> Tokenizer:
    """The tokenizer of the trained family; the same on every run."""
    merges = _character_merges()
    merges += [(_in_bytes(left), _in_bytes(right)) for left, right in _word_merges()]
    pieces = sorted(pre_tokenizers.ByteLevel.alphabet()) + [left + right for left, right in merges]
    ids = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}

    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=merges))
    tokenizer.normalizer = normalizers.Prepend(" ")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([_split(), _BYTES])
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def _split() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(WORDS), behavior="isolated")


def _in_bytes(text: str) -> str:
    """The text in the 256 printable signs that stand for bytes."""
    return "".join(piece for piece, _ in _BYTES.pre_tokenize_str(text))


def _character_merges() -> list[tuple[str, str]]:
    """From bytes to whole characters, which are three bytes each here."""
    merges: dict[tuple[str, str], None] = {}
    for character in WHOLE_CHARACTERS:
        first, second, third = tuple(_in_bytes(character))
        merges[first, second] = None
        merges[first + second, third] = None
    return list(merges)


def _word_merges() -> list[tuple[str, str]]:
    """What BPE learns from our text when its alphabet is characters."""
    characters = Tokenizer(models.BPE())
    characters.normalizer = normalizers.Prepend(" ")
    characters.pre_tokenizer = _split()
    trainer = trainers.BpeTrainer(vocab_size=4096, min_frequency=12, show_progress=False)
    characters.train_from_iterator(_lines(), trainer)
    return [tuple(pair) for pair in json.loads(characters.to_str())["model"]["merges"]]


def _lines() -> Iterator[str]:
    choose = Chooser(seed=0)
    for language, sentences in ((english, 8000), (hindi, 4000)):
        for template, weight in language.TEMPLATES.items():
            for _ in range(int(sentences * weight)):
                yield template(choose).text
    grammar = frozenset(lexicon.ENGLISH_WORDS + lexicon.HINDI_WORDS)
    for word in corpus.ENGLISH_SEGMENT + corpus.HINDI_SEGMENT:
        yield " ".join([word] * (60 if word in grammar else 12))
