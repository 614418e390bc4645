"""The English lexicon: nouns, verbs and adjectives with what they fit."""

from attention.training.lexicon.english.nouns import HELD_OUT, KINDS, Kind, Noun, Pool, pool
from attention.training.lexicon.english.verbs import Verb, verb

__all__ = ["HELD_OUT", "KINDS", "Kind", "Noun", "Pool", "Verb", "pool", "verb"]
