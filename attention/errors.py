"""What every error of this library is."""

from typing import Any

from attention.sentence import Sentence


class HeadcountError(ValueError):
    """Something that was asked cannot be done. The message is one sentence for a person.

    >>> from attention import HeadcountError, count_cache
    >>> try:
    ...     count_cache("Llama-3.1-8B", context=0)
    ... except HeadcountError as error:
    ...     print(error)
    context 0 is not a whole number from 1 to 1099511627776.

    Args:
        template: the sentence in English, its places filled by ``values``.

    Attributes:
        sentence: the same, which :meth:`attention.words.Words.told` says in another language.
    """

    def __init__(self, template: str, /, **values: Any) -> None:
        self.sentence = Sentence(template, **values)
        super().__init__(self.sentence)


def sentence_of(error: Exception) -> str:
    """The error's sentence; of an error that is not ours, its text."""
    return error.sentence if isinstance(error, HeadcountError) else str(error)
