"""Given names, and the pronouns of those who bear them."""

from attention.training.lexicon.english.tables import table, words

_TABLE = table("names")
WOMEN, MEN = words(_TABLE["women"]), words(_TABLE["men"])
SHE, HE = ("she", "her", "her"), ("he", "him", "his")  # subject, object, possessive
NAMES = WOMEN + MEN
