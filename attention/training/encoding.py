"""Words to tokens, exactly as the tokenizer cuts the text that they make."""

from collections.abc import Callable, Sequence

from attention.training.sentences import written

Ids = tuple[int, ...]


class Encoder:
    """The tokens of each word of a sentence, remembered, for training reads millions of them.

    A word's tokens depend on nothing but whether a space stands before it; a test compares with the
    tokenizer on whole texts.

    Args:
        encode: text to ids, as if a space stood before it.
    """

    def __init__(self, encode: Callable[[str], list[int]]) -> None:
        self._encode = encode
        self._mark = tuple(encode("."))
        self._known: dict[str, Ids] = {}

    def words(self, words: Sequence[str]) -> list[Ids]:
        """Each word's tokens, in order."""
        known = self._known
        found = []
        for piece in written(words):
            ids = known.get(piece)
            if ids is None:
                ids = known[piece] = self._cut(piece)
            found.append(ids)
        return found

    def _cut(self, piece: str) -> Ids:
        if piece.startswith(" "):
            return tuple(self._encode(piece[1:]))
        return tuple(self._encode("." + piece))[len(self._mark) :]
