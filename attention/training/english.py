"""English sentences: agreement across phrases, names that return, possession, lists."""

from attention.training import lexicon as words
from attention.training.sentences import Chooser, Forms, Link, Sentence

SUBJECTS = words.PEOPLE + words.THINGS + words.ANIMALS
ATTRACTORS = words.PEOPLE + words.THINGS + words.ANIMALS + words.PLACES

ALIVE = frozenset(form for noun in words.PEOPLE + words.ANIMALS for form in noun)


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _start(choose: Chooser, sentence: Sentence, word: str) -> None:
    # Mostly as it is written, sometimes as it is typed: the page's visitors do both.
    sentence.say(word.capitalize() if choose.chance(0.7) else word)


def _predicate(
    choose: Chooser, sentence: Sentence, subject: int, plural: int, between: int | None
) -> None:
    """The verb that agrees with the word at ``subject``, and how the sentence goes on."""
    alive = sentence.words[subject] in ALIVE
    kind = choose.random.random() if alive else 0.0
    forms: Forms
    rest: Forms
    if kind < 0.6:
        forms = choose.one((words.BE_PRESENT, words.BE_PRESENT, words.BE_PAST))
        rest = (choose.one(words.STATES),)
        if choose.chance(0.3):
            rest = (choose.one(words.PREPOSITIONS), "the", choose.one(words.PLACES)[0])
    elif kind < 0.75:
        forms, rest = words.HAVE, (_a(choose.one(words.ADJECTIVES)), choose.one(words.THINGS)[0])
    else:
        forms, rest = choose.one(words.VERBS), ("the", choose.one(words.THINGS)[choose.one((0, 1))])
    verb = sentence.say(forms[plural])
    attractors = () if between is None else (between,)
    sentence.links.append(Link("agreement", "en", subject, verb, forms, attractors))
    sentence.say(*rest)


def across_phrase(choose: Chooser) -> Sentence:
    """ "The keys near the old cabinet are …": the nearest noun is not the subject."""
    sentence = Sentence()
    noun, attractor = choose.subject_and_attractor(SUBJECTS, ATTRACTORS, words.NEVER_SUBJECT)
    plural, other = choose.one((0, 1)), choose.one((0, 1))
    _start(choose, sentence, "the")
    if choose.chance(0.15):
        sentence.say(choose.one(words.ADJECTIVES))
    subject = sentence.say(noun[plural])
    sentence.say(choose.one(words.PREPOSITIONS), "the")
    if choose.chance(0.5):
        sentence.say(choose.one(words.ADJECTIVES))
    between = sentence.say(attractor[other])
    _predicate(choose, sentence, subject, plural, between)
    sentence.say(".")
    return sentence


def across_clause(choose: Chooser) -> Sentence:
    """ "The boys who saw the teacher are …": a relative clause with a noun of its own."""
    sentence = Sentence()
    living = words.PEOPLE + words.ANIMALS
    who = choose.chance(0.5)
    noun, attractor = choose.subject_and_attractor(
        living, ATTRACTORS if who else living, words.NEVER_SUBJECT
    )
    plural, other = choose.one((0, 1)), choose.one((0, 1))
    _start(choose, sentence, "the")
    subject = sentence.say(noun[plural])
    if who:
        sentence.say("who", choose.one(words.MEETINGS), "the")
        between = sentence.say(attractor[other])
    else:
        sentence.say("that", "the")
        between = sentence.say(attractor[other])
        sentence.say(choose.one(words.MEETINGS))
    _predicate(choose, sentence, subject, plural, between)
    sentence.say(".")
    return sentence


def simple(choose: Chooser) -> Sentence:
    """Number where it is easiest to see: "This lamp is …", "Two lamps are …"."""
    sentence = Sentence()
    noun = choose.one(SUBJECTS + words.PLACES)
    plural = choose.one((0, 1))
    if choose.chance(0.5):
        first = choose.one((("the", "this", "that"), ("the", "these", *words.NUMBERS))[plural])
        _start(choose, sentence, first)
        subject = sentence.say(noun[plural])
        if choose.evaluation is None and noun[0] in words.NEVER_SUBJECT:
            return there_is(choose)
        _predicate(choose, sentence, subject, plural, None)
        sentence.say(".")
        return sentence
    return there_is(choose)


def there_is(choose: Chooser) -> Sentence:
    """ "Anna saw two lamps near the door": teaches the number of nouns that are never subjects."""
    sentence = Sentence()
    noun, plural = choose.one(SUBJECTS), choose.one((0, 1))
    sentence.say(choose.one(words.WOMEN + words.MEN), choose.one(words.MEETINGS))
    sentence.say(choose.one((("a", "one", "this"), ("these", *words.NUMBERS))[plural]))
    sentence.say(
        noun[plural], choose.one(words.PREPOSITIONS), "the", choose.one(words.PLACES)[0], "."
    )
    return sentence


def name_and_pronoun(choose: Chooser) -> Sentence:
    """ "Asha lost her key. She looked …": the pronoun's gender comes from the name."""
    sentence = Sentence()
    names, pronoun, possessive = choose.one(((words.WOMEN, "she", "her"), (words.MEN, "he", "his")))
    name, thing = choose.one(names), choose.one(words.THINGS)[0]
    sentence.say(name, choose.one(words.PAST_VERBS), possessive, thing)
    if choose.chance(0.5):
        sentence.say(choose.one(words.PREPOSITIONS), "the", choose.one(words.PLACES)[0])
    if choose.chance(0.5):
        sentence.say("and", pronoun, "was", choose.one(words.STATES), ".")
    else:
        sentence.say(".", pronoun.capitalize(), choose.one(words.PAST_VERBS), possessive, thing)
        sentence.say("again", ".")
    return sentence


def possession(choose: Chooser) -> Sentence:
    """ "Tom has a red lamp. … The red lamp is …": a thing, its colour and its owner return."""
    sentence = Sentence()
    first, second = choose.random.sample(words.WOMEN + words.MEN, 2)
    thing, other = (noun[0] for noun in choose.random.sample(words.THINGS, 2))
    colour, shade = choose.random.sample(words.ADJECTIVES, 2)
    sentence.say(first, "has", _a(colour), thing, "and", second, "has", _a(shade), other, ".")
    for _ in range(choose.one((1, 2))):
        if choose.chance(0.5):
            sentence.say(first, choose.one(words.PAST_VERBS), "the", colour, thing, ".")
        else:
            sentence.say(second, choose.one(words.PAST_VERBS), "the", shade, other, ".")
    return sentence


def copied_list(choose: Chooser) -> Sentence:
    """ "Maya bought bread, milk and rice. Tom sold bread, milk and rice.": copied in order."""
    sentence = Sentence()
    items = choose.random.sample(
        words.FOODS + tuple(n[1] for n in words.THINGS), choose.one((3, 4, 5))
    )
    for name in choose.random.sample(words.WOMEN + words.MEN, 2):
        sentence.say(name, choose.one(("bought", "sold", "took", "found")))
        for item in items[:-1]:
            sentence.say(item, ",")
        sentence.say("and", items[-1], ".")
    return sentence


AGREEMENT = (across_phrase, across_clause)
TEMPLATES = {
    across_phrase: 0.43,
    across_clause: 0.27,
    simple: 0.09,
    name_and_pronoun: 0.07,
    possession: 0.07,
    copied_list: 0.07,
}
