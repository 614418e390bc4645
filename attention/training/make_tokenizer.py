"""A tokenizer of words: whole, or a stem and its ending, or pieces where a word is not known.

The table is written, not learnt: see :mod:`attention.training.vocabulary`. Each entry has a cost,
and a word is cut where the sum is least (a unigram model, Kudo 2018, arXiv 1804.10959, whose costs
are set by hand). Over bytes (as in GPT-2), so that any text comes back exactly.

A space is put before the text and taken off again, so that a word is the same token wherever it
stands behind a space. Marks and digits are tokens by themselves. A word's apostrophe belongs to it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from attention.training.vocabulary import english, hindi

SIZE = 9_500
WORDS = r" ?[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]| +(?= )|\s"
WHOLE_CHARACTERS = "“”‘’–—…" + "".join(
    chr(code) for code in range(0x900, 0x980) if unicodedata.category(chr(code)) != "Cn"
)
LETTERS = "".join(chr(code) for code in range(0x905, 0x93A))  # of Devanagari, that begin a word
LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKS = "0123456789\"'()[]{}<>-–—+=*/&%$#@.,:;?!।“”‘’…"
# A known stem and its ending cost less than any pieces. Of equals the shorter ending is meant:
# ``hope|d``, not ``hop|ed``.
WORD, SHORT_ENDING, ENDING, CHUNK, CHARACTER, BYTE = 1.0, 0.9, 1.0, 2.5, 4.0, 9.0
_BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def make_tokenizer() -> Tokenizer:
    """The tokenizer of the trained family; the same on every run."""
    costs = _costs()
    pieces = [(_in_bytes(text), -cost) for text, cost in costs.items()]
    known = {piece for piece, _ in pieces}
    alphabet = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - known)
    pieces += [(sign, -BYTE) for sign in alphabet]

    tokenizer = Tokenizer(models.Unigram(pieces))
    tokenizer.normalizer = normalizers.Prepend(" ")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([_split(), _BYTES])
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def _costs() -> dict[str, float]:
    """What each piece of text costs, the space before a word included; the first one counts."""
    costs: dict[str, float] = {}

    def add(texts: Iterable[str], cost: float) -> None:
        for text in texts:
            costs.setdefault(text, cost)

    add(chain(LATIN, WHOLE_CHARACTERS, MARKS), CHARACTER)
    add((f" {letter}" for letter in LATIN + LETTERS), CHARACTER)
    add((f" {mark}" for mark in MARKS), WORD)
    for language in (english, hindi):
        cut = language.cut(language.words())
        words = [
            f" {word}" for word in chain((parts[0] for parts in cut.values()), language.starts())
        ]
        costs.update(dict.fromkeys(words, WORD))  # a letter may be a word
        costs.update(dict.fromkeys(language.JOINED, WORD))
        costs.update((end, SHORT_ENDING if len(end) == 1 else ENDING) for end in language.ENDINGS)
    n_chunks = SIZE - len(costs) - _n_missing_bytes(costs)
    chunks = (chunk for chunk in _chunks() if chunk not in costs)
    return costs | {chunk: CHUNK for chunk, _ in zip(chunks, range(n_chunks), strict=False)}


def _n_missing_bytes(texts: Iterable[str]) -> int:
    return 256 - sum(len(_in_bytes(text)) == 1 for text in texts)


def _split() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(WORDS), behavior="isolated")


def _in_bytes(text: str) -> str:
    """The text in the 256 printable signs that stand for bytes."""
    return "".join(piece for piece, _ in _BYTES.pre_tokenize_str(text))


def _chunks() -> Iterator[str]:
    """Pieces that many words have, the most frequent first: byte-pair encoding (Sennrich et al.
    2016, arXiv 1508.07909) of the words themselves, over characters."""
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.Prepend(" ")
    learner.pre_tokenizer = _split()
    trainer = trainers.BpeTrainer(vocab_size=4096, show_progress=False)
    # Hindi words differ in their endings most of all, and those are tokens already.
    stems = dict.fromkeys(parts[0] for parts in hindi.cut(hindi.words()).values())
    learner.train_from_iterator([*english.words(), *stems], trainer)
    by_id = sorted(learner.get_vocab().items(), key=lambda entry: entry[1])
    yield from (piece for piece, _ in by_id if len(piece) > 1)
