"""Degrees of adjectives, and words that strengthen them."""

from attention.training.lexicon.english.tables import table, words

_DEGREE = table("adjectives")["degree"]
DEGREES = tuple(tuple(entry.split("/")) for entry in words(_DEGREE["comparative"]))
INTENSIFIERS = words(_DEGREE["intensifiers"])
