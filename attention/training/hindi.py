"""Hindi sentences: verbs that agree in gender and number with a subject several words back.

In the habitual present and in the intransitive perfect the verb agrees with its subject; a noun
before a postposition is oblique and never does (McGregor 1995, Outline of Hindi Grammar).
"""

from attention.training import lexicon as words
from attention.training.sentences import Chooser, Forms, Link, Sentence

NOUNS = tuple((noun, 0) for noun in words.HI_MASCULINE) + tuple(
    (noun, 1) for noun in words.HI_FEMININE
)


def _form(forms: Forms, feminine: int, plural: int) -> str:
    """From (masculine singular, masculine plural, feminine)."""
    return forms[2] if feminine else forms[plural]


def _nouns(choose: Chooser) -> tuple[Forms, int, Forms]:
    """The subject, whether it is feminine, and the attractor."""
    genders = dict(NOUNS)
    subject, attractor = choose.subject_and_attractor(
        tuple(genders), tuple(genders), words.NEVER_SUBJECT
    )
    return subject, genders[subject], attractor


def _phrase(choose: Chooser, sentence: Sentence, attractor: Forms) -> int | None:
    """What stands between subject and verb; the index of the attractor, if there is one."""
    between = None
    if choose.chance(0.7):
        between = sentence.say(attractor[2 + choose.one((0, 1))])
        sentence.say(choose.one(words.HI_WITH))
    if between is None or choose.chance(0.3):
        sentence.say(choose.one(words.HI_PLACES))
    return between


def _start(choose: Chooser, sentence: Sentence, noun: Forms, feminine: int, plural: int) -> int:
    if choose.chance(0.2):
        sentence.say(choose.one(words.HI_TIMES))
    if choose.chance(0.3):
        sentence.say(_form(choose.one(words.HI_ADJECTIVES), feminine, plural))
    return sentence.say(noun[plural])


def habitual(choose: Chooser) -> Sentence:
    """ "लड़का औरत के साथ बाज़ार में सेब खाता है": the participle and the auxiliary both agree."""
    sentence = Sentence()
    noun, feminine, attractor = _nouns(choose)
    plural = choose.one((0, 1))
    subject = _start(choose, sentence, noun, feminine, plural)
    between = _phrase(choose, sentence, attractor)
    forms, objects = choose.one(words.HI_ACTIONS)
    sentence.say(choose.one(objects))
    verb = sentence.say(_form(forms, feminine, plural))
    attractors = () if between is None else (between,)
    sentence.links.append(Link("agreement", "hi", subject, verb, forms, attractors))
    sentence.say(words.HI_PRESENT[plural], "।")
    return sentence


def past(choose: Chooser) -> Sentence:
    """ "लड़की बच्चों के पीछे घर में गई थी": the intransitive perfect agrees as well."""
    sentence = Sentence()
    noun, feminine, attractor = _nouns(choose)
    plural = choose.one((0, 1))
    subject = _start(choose, sentence, noun, feminine, plural)
    between = _phrase(choose, sentence, attractor)
    forms = choose.one(words.HI_WENT)
    verb = sentence.say(_form(forms, feminine, plural))
    attractors = () if between is None else (between,)
    sentence.links.append(Link("agreement", "hi", subject, verb, forms, attractors))
    auxiliary = choose.one((words.HI_PRESENT, words.HI_PAST[feminine]))
    sentence.say(auxiliary[plural], "।")
    return sentence


def possession(choose: Chooser) -> Sentence:
    """ "सीता के पास एक किताब है। … सीता की किताब …": a name and a thing return."""
    sentence = Sentence()
    name, feminine = choose.one(
        tuple((n, 1) for n in words.HI_WOMEN) + tuple((n, 0) for n in words.HI_MEN)
    )
    thing = choose.one(words.HI_THINGS)
    sentence.say(name, "के पास एक", thing, "है", "।")
    sentence.say(name, _form(choose.one(words.HI_ADJECTIVES), 1, 0), thing)
    sentence.say(_form(choose.one(words.HI_HANDLE), feminine, 0), "है", "।")
    return sentence


def known_number(choose: Chooser) -> Sentence:
    """ "राम एक लड़का देखता है": shows gender and number of nouns that are never subjects."""
    sentence = Sentence()
    (noun, feminine), plural = choose.one(NOUNS), choose.one((0, 1))
    name, woman = choose.one(
        tuple((n, 1) for n in words.HI_WOMEN) + tuple((n, 0) for n in words.HI_MEN)
    )
    sentence.say(name, "के पास")
    if not plural:
        sentence.say("एक")
    sentence.say(_form(choose.one(words.HI_ADJECTIVES), feminine, plural), noun[plural])
    sentence.say(words.HI_PRESENT[plural], "।", "वह")
    sentence.say(_form(choose.one(words.HI_WENT), woman, 0), "है", "।")
    return sentence


AGREEMENT = (habitual, past)
TEMPLATES = {habitual: 0.54, past: 0.26, possession: 0.08, known_number: 0.12}
