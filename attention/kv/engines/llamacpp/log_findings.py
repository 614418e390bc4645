"""A figure of a llama.cpp line: compared, or without anything to compare it with."""

from fractions import Fraction

from attention.kv.engines.llamacpp.allocate import printed_mib
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.log_reading import Finding, decimal
from attention.sentence import Sentence, joined


def compared(
    line: CacheLine, what: str, mib: str, n_bytes: Fraction | int, formula: str, cause: str
) -> Finding:
    """A size beside the bytes that were computed; ``cause`` where they differ."""
    computed = printed_mib(n_bytes)
    return Finding(
        line=line.text,
        what=what,
        printed=f"{mib} MiB",
        computed=f"{computed} MiB",
        agrees=computed == two_digits(mib),
        formula=joined(" = ", (formula, f"{computed} MiB")),
        cause=cause,
    )


def unknown(line: CacheLine, what: str, mib: str, cause: str) -> Finding:
    """A size without anything to compute it from, and what is missing."""
    return Finding(line=line.text, what=what, printed=f"{mib} MiB", cause=cause)


def without_model(missing: str) -> str:
    """Nothing says the model's dims."""
    return Sentence(
        "Nothing to compare with: the log does not say {missing}, and no model was given.",
        missing=missing,
    )


def unknown_format(line: CacheLine, what: str, mib: str, name: str) -> Finding:
    """A size in a number format that is not known here."""
    cause = Sentence("The size of a block of {name!r} is not known.", name=name)
    return unknown(line, what, mib, cause)


def two_digits(mib: str) -> str:
    """``"2160,0"`` as llama.cpp prints it now: ``"2160.00"``."""
    return f"{float(decimal(mib)):.2f}"
