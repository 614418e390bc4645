"""Words of which an everyday pattern says one, with no link to any other word."""

from attention.training.lexicon.english import adverbs, places
from attention.training.lexicon.english.adjectives import DEGREES
from attention.training.lexicon.english.nouns import KINDS
from attention.training.lexicon.english.people import MEN, NAMES, WOMEN
from attention.training.lexicon.english.verbs import MODALS, NOT_MODALS

_BASES = tuple(action.verb for action in KINDS["person"].does if not action.objects)
CHOICES = {
    "name": NAMES, "man": MEN, "woman": WOMEN, "day": places.DAYS, "month": places.MONTHS,
    "city": places.CITIES, "country": places.COUNTRIES, "language": places.LANGUAGES,
    "weather": places.WEATHER, "manner": adverbs.MANNER, "often": adverbs.OFTEN,
    "sentence": adverbs.SENTENCE, "state": KINDS["person"].after,
    "ing1": tuple(v.ing for v in _BASES),
    "beast": tuple(a.verb.base for a in KINDS["animal"].does if not a.objects),
    "place": ("school", "work", "church", "bed", "town", "the market", "the park", "the beach",
              "the cinema", "the hospital", "the store", "the doctor", "the library", "the zoo"),
    "when": ("today", "now", "tomorrow", "tonight", "soon", "later", "next week", "every day",
             "in the evening", "again", "next year", "this weekend", "on Sunday", *adverbs.FUTURE),
    "past": ("yesterday", "last night", "last week", "this morning", "last year", "a week ago",
             "two days ago", "on Monday", "in the afternoon", "long ago", "twice", *adverbs.PAST),
    "when2": ("today", "before", "again", "twice", "once", "many times", "since Monday"),
    "m": MODALS, "can't": NOT_MODALS,
    "will": ("will", "won't", "will not", "may", "might"), "dn": ("did not", "didn't"),
    "begin": ("begin", "start", "end"), "taste": ("good", "bad", "delicious", "wonderful", "sweet"),
    "fair": ("fair", "true", "good", "possible", "easy", "fine", "important", "new", "ready"),
    "ideal": ("easy", "hard", "important", "nice", "good", "fun", "difficult", "possible"),
    "he": ("he", "she", "your father", "your mother", "your friend", *NAMES[:40]),
    "you": ("you", "him", "her", "them"), "whose": ("mine", "his", "hers", "ours", "theirs"),
    "they2": ("I am", "I do", "we are", "it is", "he is", "she does", "they are", "you can"),
    "short_has": ("I've", "you've", "we've", "they've"),
    "there": ("there", "here", "inside", "outside"),
    "short_will": ("I'll", "you'll", "he'll", "she'll", "it'll", "we'll", "they'll"),
    "short_would": ("I'd", "you'd", "he'd", "she'd", "it'd", "we'd", "they'd"),
    "ordinal": places.ORDINALS, "big": places.LARGE, "times": ("once", "twice", "three times"),
    "most": ("best", "worst", "biggest", "oldest", "cheapest", "smallest", "most expensive"),
    "had": ("had",), "comp": tuple(d[1] for d in DEGREES), "degree": tuple(d[2] for d in DEGREES),
    "I'm": ("I'm", "we're", "he's", "she's", "they're"),
}  # fmt: skip
