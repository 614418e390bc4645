"""Adverbs by where they stand in a sentence."""

from attention.training.lexicon.english.tables import table, words

_TABLE = table("words")["adverbs"]
MANNER, OFTEN, WHEN = words(_TABLE["manner"]), words(_TABLE["often"]), words(_TABLE["when"])
NOW, SENTENCE = words(_TABLE["now"]), words(_TABLE["sentence"])
