"""Words of a text, which stand between spaces, among its tokens."""

from collections.abc import Sequence


def token_of_word(tokens: Sequence[str], text: str, word: int) -> int:
    """The index of the last token of the word at index ``word``.

    Token texts are readable pieces that need not join to the text exactly, so their letters are
    counted, not their spaces.
    """
    letters = sum(len(part) for part in text.split()[: word + 1])
    seen = 0
    for index, token in enumerate(tokens):
        seen += len("".join(token.split()))
        if seen >= letters:
            return index
    return len(tokens) - 1
