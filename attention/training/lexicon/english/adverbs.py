"""Adverbs by where they stand in a sentence."""

from attention.training.lexicon.english.tables import table, words

_TABLE = table("words")["adverbs"]
MANNER, OFTEN, ANYTIME = (words(_TABLE[name]) for name in ("manner", "often", "anytime"))
PAST, FUTURE = words(_TABLE["past"]), words(_TABLE["future"])
NOW, SENTENCE = words(_TABLE["now"]), words(_TABLE["sentence"])
