"""Hindi sentences: verbs that agree in gender and number with a noun several words back.

A verb agrees with its subject, in the perfect with ने with its object; a noun before a
postposition is oblique and never gives the form (McGregor 1995, Outline of Hindi Grammar).
"""

from collections.abc import Callable

from attention.training.grammar.hindi import (
    clauses,
    conjuncts,
    doings,
    done,
    everyday,
    lists,
    questions,
    sense,
    stories,
)
from attention.training.grammar.hindi.vocabulary import NAMES, SEGMENT_WORDS, WORDS
from attention.training.sentences import Chooser, Sentence

__all__ = [
    "AGREEMENT", "HELD_OUT_TEMPLATES", "NAMES", "RESUMED", "SEGMENT_WORDS", "TEMPLATES", "WORDS",
]  # fmt: skip

TEMPLATES: dict[Callable[[Chooser], Sentence], float] = {
    doings.habitual: 0.04,
    doings.habitual_two: 0.03,
    doings.progressive: 0.03,
    doings.progressive_two: 0.02,
    doings.future: 0.02,
    doings.future_two: 0.015,
    doings.went: 0.025,
    doings.went_two: 0.02,
    doings.befell: 0.02,
    doings.owners_kin: 0.025,
    doings.plain: 0.02,
    conjuncts.acts: 0.04,
    conjuncts.acted: 0.025,
    done.done: 0.04,
    done.done_two: 0.025,
    done.done_to_somebody: 0.015,
    clauses.state: 0.025,
    clauses.plain_state: 0.015,
    clauses.there_is: 0.02,
    clauses.pleased: 0.02,
    clauses.relative: 0.03,
    clauses.relative_two: 0.02,
    clauses.two_went: 0.015,
    clauses.went_and: 0.015,
    questions.question: 0.02,
    questions.whose: 0.01,
    clauses.could_not: 0.01,
    sense.because: 0.07,
    sense.for_that: 0.04,
    sense.only_because: 0.01,
    stories.errand: 0.025,
    stories.possession: 0.025,
    stories.two_people: 0.02,
    stories.dialogue: 0.03,
    stories.once: 0.02,
    stories.own_thing: 0.02,
    everyday.i_do: 0.025,
    everyday.i_shall: 0.015,
    everyday.i_did: 0.01,
    everyday.i_like: 0.015,
    everyday.i_am: 0.01,
    everyday.my_name: 0.005,
    everyday.my_kin: 0.005,
    everyday.please: 0.005,
    everyday.i_feel: 0.005,
    everyday.talk: 0.005,
    lists.copied_list: 0.02,
    lists.wanted: 0.01,
}
# fmt: off
AGREEMENT = (
    doings.habitual, doings.habitual_two, doings.progressive, doings.progressive_two,
    doings.future, doings.future_two, doings.went, doings.went_two, doings.befell,
    doings.owners_kin, conjuncts.acts, done.done, done.done_two, clauses.state, clauses.there_is,
    clauses.pleased, clauses.relative, clauses.relative_two,
)
# fmt: on
RESUMED = (sense.because, sense.for_that)
HELD_OUT_TEMPLATES = (clauses.lying, clauses.left, done.had_to, sense.why)
