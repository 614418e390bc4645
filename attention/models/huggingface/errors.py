"""What can go wrong with a language model, each as one sentence."""

from attention.errors import HeadcountError


class CheckpointError(HeadcountError):
    """A checkpoint that cannot be had, or must not be, or cannot be shown as it is."""


class BypassError(CheckpointError):
    """A model whose attention does not go through transformers' interface."""
