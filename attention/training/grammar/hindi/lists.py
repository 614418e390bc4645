"""What is wanted, seen and counted: nouns that no verb agrees with, said and said again."""

from attention.training.grammar.hindi.phrases import HINDI, MANY, MANY_FEMININE
from attention.training.grammar.hindi.pools import ANYTHING, NAMES, UNCOUNTED, number
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Noun
from attention.training.sentences import Chooser, Link, Sentence

ME = ("मुझे", "हमें", "तुम्हें", "आपको", "उसे", "उन्हें", "इन्हें", "इसे", "किसी को", "सबको")


def _item(choose: Chooser, sentence: Sentence, noun: Noun) -> list[str]:
    """ "दो काले घोड़े": gender and number of any noun show in what stands before it."""
    plural = noun.kind == "people" or (noun.kind != "elder" and number(choose, noun))
    start = len(sentence.words)
    if noun.kind not in UNCOUNTED:
        many = MANY_FEMININE if noun.feminine else MANY
        sentence.say(choose.one(many) if plural else "एक")
    adjective = None
    if noun.kind in words.ATTRIBUTES and choose.chance(0.7):
        forms = choose.one(words.ATTRIBUTES[noun.kind])
        adjective = sentence.say(forms[2] if noun.feminine else forms[plural])
    index = sentence.say(noun.forms[plural])
    if adjective is not None:
        sentence.links.append(Link("adjective", HINDI, adjective, index))
    return sentence.words[start:]


def copied_list(choose: Chooser) -> Sentence:
    """ "राम की सूची: एक नई किताब, दो सेब और दाल। सीता की सूची: एक नई किताब …"."""
    sentence = Sentence()
    first, second = choose.one(NAMES.known), choose.one(NAMES.known)
    what = choose.one(("की सूची", "का सामान", "की पसंद", "की कहानी में", "के सपने में"))
    sentence.say(first.key, what, ":")
    items = []
    length = choose.random.randint(2, 4)
    for place in range(length):
        if place:
            sentence.say("और" if place == length - 1 else ",")
        items.append(_item(choose, sentence, choose.one(ANYTHING.every)))
    sentence.say("।", second.key, what, ":")
    for place, item in enumerate(items):
        if place:
            sentence.say("और" if place == length - 1 else ",")
        sentence.words.extend(item)
    sentence.say("।")
    return sentence


def wanted(choose: Chooser) -> Sentence:
    """ "राम को दो काले घोड़े चाहिए": चाहिए agrees with nothing."""
    sentence = Sentence()
    sentence.say(choose.one((choose.one(NAMES.known).key + " को", *ME)))
    _item(choose, sentence, choose.one(ANYTHING.every))
    sentence.say("नहीं" if choose.chance(0.15) else "", "चाहिए", "।")
    return sentence
