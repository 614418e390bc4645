"""Who is meant: "The animal did not cross the street because it was too tired. So the animal …".

The pronoun fits both nouns, or one by number, gender or what it can be; the adjective fits one;
the sentence after it says that noun again.
"""

from attention.training.grammar.english.parts import BE, BE_PAST, article, finish, link
from attention.training.lexicon.english.fits import FITS, Fit
from attention.training.lexicon.english.nouns import Noun
from attention.training.sentences import Chooser, Sentence

PRONOUNS = ("he", "she", "it", "they")
_STRONG = ("too", "too", "too", "too", "so", "very")
_SO = ("So", "So", "So", "So", "So", "That is why", "Therefore ,", "Then", "In the end ,")
_UNSEEN = tuple(
    (fit, which) for fit in FITS for which in (0, 1) if fit.sides[which].nouns.unseen
)  # fmt: skip


class _Pair:
    """Two nouns in their numbers, where they were said, and which of them is meant."""

    __slots__ = ("indices", "meant", "nouns", "plurals", "pronoun")

    def __init__(self, choose: Chooser, fit: Fit, meant: int) -> None:
        self.meant = meant
        while True:
            self.nouns = tuple(
                choose.common(_allowed(choose, side.nouns, which == meant))
                for which, side in enumerate(fit.sides)
            )
            if choose.joins(*(noun.forms[0] for noun in self.nouns)):
                break
        # Nearly always the same number, so that a thing and an animal are both "it".
        plural = int(choose.chance(0.25))
        both = (plural, 1 - plural if choose.chance(0.15) else plural)
        self.plurals = tuple(
            0 if noun.mass else p for noun, p in zip(self.nouns, both, strict=True)
        )
        noun = self.nouns[meant]
        self.pronoun = "they" if self.plurals[meant] else choose.one(noun.kind.pronouns)
        self.indices = [0, 0]

    def form(self, which: int) -> str:
        return self.nouns[which].forms[self.plurals[which]]


def _allowed(choose: Chooser, nouns, meant: bool) -> tuple[Noun, ...]:
    if choose.evaluation == "nouns":
        return nouns.unseen if meant else nouns.nouns
    return nouns.seen


def _choose(choose: Chooser) -> tuple[Fit, _Pair]:
    if choose.evaluation == "nouns":
        fit, meant = choose.one(_UNSEEN)
    else:
        fit, meant = choose.one(FITS), int(choose.chance(0.5))
    return fit, _Pair(choose, fit, meant)


def _say(choose: Chooser, sentence: Sentence, pair: _Pair, which: int, *, first: bool) -> None:
    """ "the animal", "a big animal", "my animal"."""
    determiner = choose.one(
        ("the", "the", "the", "a", "my") if first else ("the", "the", "the", "a")
    )
    form = pair.form(which)
    if determiner == "a":
        determiner = "some" if pair.plurals[which] or pair.nouns[which].mass else article(form)
    said = sentence.say(determiner)
    pair.indices[which] = sentence.say(form)
    link(sentence, "determiner", said, pair.indices[which])


def _reason(choose: Chooser, sentence: Sentence, fit: Fit, pair: _Pair, *, past: bool) -> None:
    """ "it was too tired": the pronoun, the verb that agrees with it, and what tells who."""
    meant, other = pair.indices[pair.meant], pair.indices[1 - pair.meant]
    plural = pair.plurals[pair.meant]
    pronoun = sentence.say(pair.pronoun)
    link(sentence, "pronoun", meant, pronoun, PRONOUNS, (other,))
    forms = BE_PAST if past else BE
    verb = sentence.say(forms[plural])
    link(sentence, "agreement", pronoun, verb, forms)
    sentence.say(choose.one(_STRONG))
    adjective = sentence.say(choose.one(fit.sides[pair.meant].was))
    link(sentence, "sense", meant, adjective, (), (other,))


def _resume(choose: Chooser, sentence: Sentence, fit: Fit, pair: _Pair, word: str) -> None:
    """ "So the animal …": one of the two nouns is said again."""
    sentence.say(word, "the")
    meant, other = pair.indices[pair.meant], pair.indices[1 - pair.meant]
    again = sentence.say(pair.form(pair.meant))
    options = (pair.form(pair.meant), pair.form(1 - pair.meant))
    link(sentence, "resumed", meant, again, options, (other,))
    then = choose.one(fit.sides[pair.meant].then)
    first, _, rest = then.partition(" ")
    if first == "was":
        verb = sentence.say(BE_PAST[pair.plurals[pair.meant]])
        link(sentence, "agreement", again, verb, BE_PAST)
        sentence.say(rest)
    else:
        sentence.say(then)


def resumed(choose: Chooser) -> Sentence:
    """ "The animal did not cross the street because it was too wide. So the street …"."""
    fit, pair = _choose(choose)
    sentence = Sentence()
    _say(choose, sentence, pair, 0, first=True)
    sentence.say(_said(choose, fit, pair))
    _say(choose, sentence, pair, 1, first=False)
    sentence.say(choose.one(("because", "because", "because", "because", "since", "for")))
    _reason(choose, sentence, fit, pair, past=True)
    sentence.say(".")
    _resume(choose, sentence, fit, pair, choose.one(_SO))
    return finish(choose, sentence)


def _said(choose: Chooser, fit: Fit, pair: _Pair) -> str:
    said = choose.one(fit.said)
    if pair.plurals[0]:
        said = said.replace("was ", "were ", 1).replace("does ", "do ", 1)
    return said


def resumed_in_two_sentences(choose: Chooser) -> Sentence:
    """ "The animal did not cross the street. It was too wide. So the street …"."""
    fit, pair = _choose(choose)
    sentence = Sentence()
    _say(choose, sentence, pair, 0, first=True)
    sentence.say(_said(choose, fit, pair))
    _say(choose, sentence, pair, 1, first=False)
    sentence.say(".")
    _reason(choose, sentence, fit, pair, past=True)
    sentence.say(".")
    _resume(choose, sentence, fit, pair, choose.one(_SO))
    return finish(choose, sentence)


def resumed_after_so(choose: Chooser) -> Sentence:
    """ "There was an animal near a street. It was too wide, so the street …"."""
    fit, pair = _choose(choose)
    sentence = Sentence()
    _say(choose, sentence, pair, 0, first=True)
    sentence.say(_said(choose, fit, pair))
    _say(choose, sentence, pair, 1, first=False)
    sentence.say(choose.one((".", ",", ",")))
    if sentence.words[-1] == ",":
        sentence.say("for")
    _reason(choose, sentence, fit, pair, past=True)
    sentence.say(",")
    _resume(choose, sentence, fit, pair, choose.one(("so", "so", "and so")))
    return finish(choose, sentence)


def resumed_in_reverse(choose: Chooser) -> Sentence:
    """ "The street was there, but the animal did not cross it …": the second noun stands first."""
    fit, pair = _choose(choose)
    sentence = Sentence()
    sentence.say(choose.one(("there", "here")))
    verb = BE_PAST[pair.plurals[1]]
    sentence.say(verb)
    _say_new(choose, sentence, pair, 1)
    sentence.say(choose.one((". But", ", but", ". And yet")))
    _say(choose, sentence, pair, 0, first=True)
    sentence.say(_said(choose, fit, pair))
    pronoun = sentence.say("them" if pair.plurals[1] else "it")
    link(sentence, "pronoun", pair.indices[1], pronoun, ("him", "her", "it", "them"))
    sentence.say("because")
    _reason(choose, sentence, fit, pair, past=True)
    sentence.say(".")
    _resume(choose, sentence, fit, pair, choose.one(_SO))
    return finish(choose, sentence)


def _say_new(choose: Chooser, sentence: Sentence, pair: _Pair, which: int) -> None:
    """ "a street", "some streets"."""
    form = pair.form(which)
    many = pair.plurals[which] or pair.nouns[which].mass
    sentence.say(choose.one(("some", "some", "the")) if many else article(form))
    pair.indices[which] = sentence.say(form)


def resumed_at_last(choose: Chooser) -> Sentence:
    """ "… because it was too tired. In the morning the animal …". Held out from training."""
    fit, pair = _choose(choose)
    sentence = Sentence()
    sentence.say(choose.one(("Yesterday", "Last night", "On Monday", "One day", "In the morning")))
    _say(choose, sentence, pair, 0, first=True)
    sentence.say(_said(choose, fit, pair))
    _say(choose, sentence, pair, 1, first=False)
    sentence.say("because")
    _reason(choose, sentence, fit, pair, past=True)
    sentence.say(".")
    _resume(
        choose, sentence, fit, pair, choose.one(("Of course", "As a result", "For this reason"))
    )
    return finish(choose, sentence)
