"""Names of days, months, countries, cities and languages, and numbers in words."""

from attention.training.lexicon.english.tables import table, words

_CALENDAR = table("words")["calendar"]
DAYS, MONTHS = words(_CALENDAR["days"]), words(_CALENDAR["months"])
COUNTRIES, CITIES = words(_CALENDAR["countries"]), words(_CALENDAR["cities"])
LANGUAGES = words(_CALENDAR["languages"])
NUMBERS = words(_CALENDAR["numbers"])
WEATHER = words(_CALENDAR["weather"])
ORDINALS, LARGE = words(_CALENDAR["ordinals"]), words(_CALENDAR["large"])
