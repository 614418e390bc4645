"""What every error of this library is."""


class HeadcountError(ValueError):
    """Something that was asked cannot be done. The message is one sentence for a person."""
