"""What can go wrong with a language model, each as one sentence."""

from attention.errors import HeadcountError
from attention.sentence import Sentence


class CheckpointError(HeadcountError):
    """A checkpoint that cannot be had, or must not be, or cannot be shown as it is."""


class BypassError(CheckpointError):
    """A model whose attention does not go through transformers' interface."""


def one_line(error: Exception) -> str:
    """What transformers says, as a sentence on one line."""
    text = " ".join(str(error).split())
    if "ignore_mismatched_sizes" in text:
        return Sentence("its config.json and its weights do not fit together.")
    if isinstance(error, LookupError | ArithmeticError | AttributeError | AssertionError):
        text = f"{type(error).__name__}: {text}"  # KeyError says no more than the key
    return (text if len(text) <= 300 else text[:299] + "…").rstrip(".") + "."
