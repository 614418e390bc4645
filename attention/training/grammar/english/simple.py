"""Plain sentences: who does what, what there is, questions, passives, comparisons."""

from attention.training.grammar.english.across import SUBJECTS
from attention.training.grammar.english.parts import (
    BE,
    BE_PAST,
    Subject,
    agree,
    article,
    finish,
    link,
    noun_phrase,
    number,
    subject_of,
)
from attention.training.grammar.english.predicate import complete, predicate
from attention.training.lexicon.english.adjectives import DEGREES
from attention.training.lexicon.english.adverbs import MANNER, SENTENCE
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import NAMES
from attention.training.sentences import Chooser, Sentence

_ACTING = tuple(choices for choices in SUBJECTS if choices.nouns[0].kind.does)
_PLACES = pool("place")
PEOPLE = pool("person")
_PAST_TIMES = (
    "yesterday", "today", "last night", "last week", "this morning", "two days ago", "again",
    "long ago",
    "in the morning", "at night",
)  # fmt: skip


def begin(choose: Chooser, sentence: Sentence, noun: Noun) -> Subject:
    plural = number(choose, noun)
    return Subject(noun, plural, noun_phrase(choose, sentence, noun, plural))


def present(choose: Chooser) -> Sentence:
    """ "This lamp is …", "Two lamps are …": number where it is easiest to see."""
    sentence = Sentence()
    predicate(choose, sentence, begin(choose, sentence, subject_of(choose, SUBJECTS)))
    return finish(choose, sentence)


def past(choose: Chooser) -> Sentence:
    """ "The boy carried the old box home yesterday."."""
    sentence = Sentence()
    if choose.chance(0.1):
        sentence.say(choose.one(SENTENCE), ",")
    if choose.chance(0.3):
        sentence.say(choose.one(NAMES))
        kind = KINDS["person"]
    else:
        noun = subject_of(choose, _ACTING)
        begin(choose, sentence, noun)
        kind = noun.kind
    action = choose.common(kind.does)
    if choose.chance(0.15):
        sentence.say(choose.one(MANNER))
    if choose.chance(0.2):
        sentence.say(choose.one(("did not", "didn't", "could not", "will", "can", "should")))
        verb = sentence.say(action.verb.base)
    else:
        verb = sentence.say(action.verb.past)
    complete(choose, sentence, action, verb)
    if sentence.words[verb] == action.verb.past and action.objects and choose.chance(0.3):
        sentence.say(choose.one(_PAST_TIMES))
    return finish(choose, sentence, choose.one((".", ".", ".", "!")))


def there_is(choose: Chooser) -> Sentence:
    """ "There are two lamps near the door."; also nouns that are never subjects."""
    sentence = Sentence()
    noun = choose.one(choose.one(SUBJECTS).nouns)
    plural = number(choose, noun)
    sentence.say("there", choose.one((BE, BE_PAST))[plural])
    many = ("some", "a lot of", "no") if noun.mass else ("two", "three", "some", "many", "no")
    said = choose.one(many) if plural or noun.mass else article(noun.forms[0])
    first = sentence.say(said)
    index = sentence.say(noun.forms[plural])
    link(sentence, "determiner", first, index, () if noun.mass else noun.forms)
    if noun.kind.beside:
        preposition, nouns = choose.one(noun.kind.beside)
        sentence.say(preposition)
        other = choose.common(nouns.nouns)
        noun_phrase(choose, sentence, other, number(choose, other))
    return finish(choose, sentence)


def passive(choose: Chooser) -> Sentence:
    """ "The windows were cleaned by the boys."."""
    sentence = Sentence()
    noun = subject_of(choose, SUBJECTS)
    while not noun.kind.passive:
        noun = subject_of(choose, SUBJECTS)
    subject = begin(choose, sentence, noun)
    action, doers = choose.one(noun.kind.passive)
    agree(sentence, subject, choose.one((BE_PAST, BE_PAST, BE)))
    sentence.say(action.verb.participle)
    if choose.chance(0.7):
        sentence.say("by")
        doer = choose.common(doers.nouns)
        noun_phrase(choose, sentence, doer, number(choose, doer))
    else:
        sentence.say(choose.one(_PAST_TIMES))
    return finish(choose, sentence)


def both(choose: Chooser) -> Sentence:
    """ "The boy and the girl are …": two make a plural."""
    sentence = Sentence()
    pools = (choose.one(SUBJECTS),)
    noun = subject_of(choose, SUBJECTS if choose.evaluation == "nouns" else pools)
    while True:
        other = choose.one(pool(noun.kind.name).seen)
        if other is not noun:
            break
    determiner = choose.one(("the", "the", "my", "a"))
    determiner = "the" if noun.mass else determiner
    first = noun_phrase(choose, sentence, noun, 0, determiner, adjective=0.1)
    sentence.say("and")
    noun_phrase(choose, sentence, other, 0, determiner, adjective=0.1)
    predicate(choose, sentence, Subject(noun, 1, first))
    return finish(choose, sentence)


def comparison(choose: Chooser) -> Sentence:
    """ "The horse is bigger than the dogs."."""
    sentence = Sentence()
    subject = begin(choose, sentence, subject_of(choose, SUBJECTS))
    fitting = [d for d in DEGREES if d[0] in subject.noun.kind.after] or [DEGREES[10]]
    degree = choose.one(fitting)
    agree(sentence, subject, choose.one((BE, BE, BE_PAST)))
    draw = choose.random.random()
    if draw < 0.6:
        sentence.say(degree[1], "than")
        other = choose.one(pool(subject.noun.kind.name).nouns)
        noun_phrase(choose, sentence, other, number(choose, other), "the")
    elif draw < 0.8:
        sentence.say("the", degree[2], "in the", choose.one(_PLACES.nouns).forms[0])
    else:
        sentence.say("as", degree[0], "as")
        other = choose.one(pool(subject.noun.kind.name).nouns)
        noun_phrase(choose, sentence, other, number(choose, other), "the")
    return finish(choose, sentence)


def cause(choose: Chooser) -> Sentence:
    """ "The boys are tired because they have …", "… but the dog is …"."""
    sentence = Sentence()
    subject = begin(choose, sentence, subject_of(choose, SUBJECTS))
    predicate(choose, sentence, subject)
    joiner = choose.one(
        ("because", "because", "so", "but", "and", "although", "while", "if", "when")
    )
    sentence.say(joiner)
    if choose.chance(0.6):
        pronoun = sentence.say("they" if subject.plural else choose.one(subject.noun.kind.pronouns))
        link(sentence, "pronoun", subject.index, pronoun, ("he", "she", "it", "they"))
        predicate(choose, sentence, Subject(subject.noun, subject.plural, pronoun))
    else:
        predicate(choose, sentence, begin(choose, sentence, subject_of(choose, SUBJECTS)))
    return finish(choose, sentence)


def dialogue(choose: Chooser) -> Sentence:
    """'"The keys are lost," said Anna.'"""
    sentence = Sentence()
    name, other = choose.one(NAMES), choose.one(NAMES)
    if choose.chance(0.4):
        sentence.say(
            name, choose.one(("said", "asked", "answered", "replied", "thought")), ",", '"'
        )
        start = len(sentence.words)
        predicate(choose, sentence, begin(choose, sentence, subject_of(choose, SUBJECTS)))
        sentence.words[start] = sentence.words[start].capitalize()
        return finish(choose, sentence, choose.one(('. "', '. "', '! "')))
    sentence.say('"')
    predicate(choose, sentence, begin(choose, sentence, subject_of(choose, SUBJECTS)))
    sentence.say(",", '"', choose.one((f"said {name}", f"{name} said", f"{name} told {other}")))
    return finish(choose, sentence)
