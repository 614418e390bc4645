"""What can go wrong with a language model, each as one sentence."""

from attention.errors import HeadcountError


class CheckpointError(HeadcountError):
    """A checkpoint that cannot be had, or must not be, or cannot be shown as it is."""


class TextError(HeadcountError):
    """Tokens, a layer or a head that the model cannot take. The message says what it can."""


class Cancelled(Exception):  # noqa: N818 (nothing went wrong)
    """A pass was stopped between two layers, because nobody waits for it any more."""
