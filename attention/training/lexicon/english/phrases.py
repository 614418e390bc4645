"""Nouns that belong to others: "the color of the walls"."""

from attention.training.lexicon.english.nouns import Pool, pool
from attention.training.lexicon.english.tables import table

ASPECTS: tuple[tuple[Pool, Pool], ...] = tuple(
    (pool(aspects), pool(wholes)) for aspects, wholes in table("phrases")["aspects"].items()
)
