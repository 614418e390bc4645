"""What every error of this library is."""


class HeadcountError(ValueError):
    """Something that was asked cannot be done. The message is one sentence for a person.

    >>> from attention import HeadcountError, count_cache
    >>> try:
    ...     count_cache("Llama-3.1-8B", context=0)
    ... except HeadcountError as error:
    ...     print(error)
    context 0 is not a whole number from 1 to 1099511627776.
    """
