"""Who did not do what to which, and which words show who of the two was meant."""

from dataclasses import dataclass

from attention.training.lexicon.english.nouns import Pool, pool
from attention.training.lexicon.english.tables import table, words


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two nouns: what it may be, what is said of it alone, and what came of it."""

    nouns: Pool
    was: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """ "did not cross" between two sides, of which only one can be tired, or wide."""

    said: tuple[str, ...]
    sides: tuple[Side, Side]


def _side(row: dict, name: str) -> Side:
    return Side(pool(row[name]), words(row[f"{name}_was"]), tuple(row[f"{name}_then"]))


FITS = tuple(
    Fit(tuple(row["said"]), (_side(row, "first"), _side(row, "second")))
    for row in table("fits")["fit"]
)
