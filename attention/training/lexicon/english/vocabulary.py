"""Every word form of the English lexicon."""

from attention.training.lexicon.english import adjectives, nouns, people, verbs
from attention.training.lexicon.english.tables import table, words


def _groups() -> list[tuple[str, ...]]:
    every_noun = [noun for group in nouns.NOUNS.values() for noun in group]
    singular_people = [noun.forms[0] for noun in nouns.pool("person").nouns]
    kinds = nouns.KINDS.values()
    parts = {name: part for name, part in table("words").items() if name != "other"}
    listed = [words(text) for part in parts.values() for text in part.values()]
    return [
        *listed,
        *(noun.forms for noun in every_noun),
        tuple(f"{person}'s" for person in singular_people),
        *(kind.before + kind.after for kind in kinds),
        *adjectives.DEGREES,
        adjectives.INTENSIFIERS,
        *(verb.forms for verb in verbs.every_verb()),
        people.NAMES,
        tuple(f"{name}'s" for name in people.NAMES),
        *(words(" ".join(said)) for said in _table_phrases()),
    ]


def _table_phrases() -> list[list[str]]:
    rows = table("fits")["fit"]
    keys = ("said", "first_then", "second_then")
    was = [[row[f"{side}_was"]] for row in rows for side in ("first", "second")]
    prepositions = [[phrase.partition(">")[2]] for phrase in table("phrases")["phrases"]]
    return [row[key] for row in rows for key in keys] + was + prepositions


def _forms() -> dict[str, None]:
    forms: dict[str, None] = {}
    for group in _groups():
        for phrase in group:
            forms.update(dict.fromkeys(phrase.split()))
    return forms


WORDS = tuple(_forms())
# For segments of random words: also those with no place in a sentence, none with an apostrophe.
SEGMENT_WORDS = tuple(
    dict.fromkeys(
        word for word in WORDS + words(table("words")["other"]["words"]) if "'" not in word
    )
)
