"""Tokens of any tokenizer as bytes, and as something that can be read."""

import builtins
import json
import re
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from attention.text.tokens import BYTE_OF_SIGN, label, readable_parts

BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class TokenTexts:
    """What each token of a tokenizer stands for.

    Vocabularies write their pieces in some ways: byte-level BPE a sign for each byte (GPT-2),
    SentencePiece ▁ for a space and <0xE2> for a byte, WordPiece ## before what goes on within a
    word (BERT), old BPE </w> behind what ends one (XLM) or @@ behind what does not (CTRL); CLIP's
    writes bytes as GPT-2 and </w> too. ByT5 writes each byte as the character of that number, and
    CANINE characters as they are. Runs of ▁ that were added to a vocabulary as they are (Gemma) are
    spaces as well.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._writing = _writing(tokenizer)
        self._word_end = "</w>" if self._writing == "word end" else _word_end(tokenizer)
        added = getattr(tokenizer, "added_tokens_decoder", {})
        self._special = set(tokenizer.all_special_ids)
        self._special |= {i for i, token in added.items() if token.special}
        self._roles = _roles(tokenizer)
        self._literal = {i: str(token) for i, token in added.items()}

    def bytes(self, ids: Sequence[int]) -> list[bytes]:
        """The text of each token in UTF-8; of a special token nothing."""
        parts, begins = [], True
        for i, piece in zip(ids, self._pieces(ids), strict=True):
            if i in self._special:
                parts.append(b"")
            elif i in self._literal and piece.strip("▁"):
                parts.append(piece.encode())
            else:
                parts.append(self._bytes_of(piece, begins))
            begins = i in self._special
        return parts

    def readable(self, ids: Sequence[int]) -> list[str]:
        """One string a token, made as :func:`attention.text.tokens.readable_parts` makes them.

        Special tokens are shown as the vocabulary writes them, or, where that cannot be seen
        (CANINE), by what they are for; a byte that belongs to no character
        by its value, ⟨E0⟩.
        """
        shown: list[str] = []
        run: list[bytes] = []
        for i, piece, part in zip(ids, self._pieces(ids), self.bytes(ids), strict=True):
            if i in self._special:
                shown += readable_parts(run)
                run = []
                shown.append(piece if piece.isprintable() else self._roles.get(i, label(piece)))
            else:
                run.append(part)
        shown += readable_parts(run)
        return [text or f"⟨{i}⟩" for i, text in zip(ids, shown, strict=True)]

    def _pieces(self, ids: Sequence[int]) -> list[str]:
        # A model's vocabulary is often padded beyond its tokenizer's: those ids have no piece.
        pieces = self._tokenizer.convert_ids_to_tokens(list(ids))
        return [piece or "" for piece in pieces]

    def _bytes_of(self, piece: str, begins: bool) -> builtins.bytes:
        if self._word_end and piece.endswith(self._word_end):
            piece = piece.removesuffix(self._word_end) + ("Ġ" if self._writing == "bytes" else " ")
        if self._writing == "bytes":
            known = all(sign in BYTE_OF_SIGN for sign in piece)
            return bytes(BYTE_OF_SIGN[sign] for sign in piece) if known else piece.encode()
        if self._writing == "wordpiece":
            if piece.startswith("##") and len(piece) > 2:
                return piece[2:].encode()
            return (piece if begins else " " + piece).encode()
        if self._writing == "joined":
            return (piece.removesuffix("@@") if piece.endswith("@@") else piece + " ").encode()
        if self._writing == "byte numbers":
            return bytes(map(ord, piece)) if max(map(ord, piece), default=0) < 256 else b""
        if self._writing in ("word end", "characters"):
            return piece.encode()
        if byte := BYTE_PIECE.fullmatch(piece):
            return bytes.fromhex(byte[1])
        return piece.replace("▁", " ").encode()


def _writing(tokenizer: PreTrainedTokenizerBase) -> str:
    """How the vocabulary writes its pieces, by what turns them back into text."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return _writing_by_trial(tokenizer)
    if backend.decoder is None:
        return "sentencepiece"
    state = json.loads(backend.decoder.__getstate__())
    kinds = {part["type"] for part in state.get("decoders", [state])}
    if "ByteLevel" in kinds:
        return "bytes"
    if "WordPiece" in kinds:
        return "wordpiece"
    return "word end" if "BPEDecoder" in kinds else "sentencepiece"


def _writing_by_trial(tokenizer: PreTrainedTokenizerBase) -> str:
    """The same of a tokenizer in Python, which does not say it: by what it makes of pieces."""

    def joins(*pieces: str) -> str:
        try:
            return str(tokenizer.convert_tokens_to_string(list(pieces))).strip()
        except Exception:  # code of any tokenizer, whose vocabulary may not have the pieces
            return ""

    def splits(text: str) -> list[str]:
        try:
            return list(tokenizer.tokenize(text))
        except Exception:
            return []

    if splits("é") == ["Ã", "©"]:  # its bytes C3 and A9
        return "byte numbers"
    if " " in splits("a b"):
        return "characters"
    if joins("a", "##b") == "ab":
        return "wordpiece"
    if joins("a</w>", "b</w>") == "a b":
        return "word end"
    return "joined" if joins("a@@", "b") == "ab" else "sentencepiece"


def _roles(tokenizer: PreTrainedTokenizerBase) -> dict[int, str]:
    """What special tokens are for, by their ids: [CLS]."""
    named = {name: getattr(tokenizer, f"{name}_id", None) for name in tokenizer.special_tokens_map}
    return {
        i: f"[{name.removesuffix('_token').upper()}]"
        for name, i in named.items()
        if isinstance(i, int)
    }


def _word_end(tokenizer: PreTrainedTokenizerBase) -> str:
    """What the vocabulary writes behind a word's last piece; "" where it writes nothing."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return getattr(getattr(backend, "model", None), "end_of_word_suffix", None) or ""
