"""Hindi sentences: verbs that agree in gender and number with a noun several words back.

A verb agrees with its subject, in the perfect with ने with its object; a noun before a
postposition is oblique and never gives the form (McGregor 1995, Outline of Hindi Grammar).
"""

from collections.abc import Callable

from attention.training.grammar.hindi import (
    changes,
    clauses,
    conjuncts,
    doings,
    done,
    everyday,
    lists,
    location,
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
    doings.habitual: 0.0244,
    doings.habitual_two: 0.0183,
    doings.progressive: 0.0183,
    doings.progressive_two: 0.0122,
    doings.future: 0.0122,
    doings.future_two: 0.0091,
    doings.went: 0.0152,
    doings.went_two: 0.0122,
    doings.befell: 0.0122,
    doings.owners_kin: 0.0152,
    doings.plain: 0.0122,
    conjuncts.acts: 0.0244,
    conjuncts.acted: 0.0152,
    done.done: 0.0244,
    done.done_two: 0.0152,
    done.done_to_somebody: 0.0091,
    clauses.state: 0.0152,
    clauses.plain_state: 0.0091,
    clauses.there_is: 0.0122,
    clauses.pleased: 0.0122,
    clauses.relative: 0.0183,
    clauses.relative_two: 0.0122,
    clauses.two_went: 0.0091,
    clauses.went_and: 0.0091,
    questions.question: 0.0122,
    questions.whose: 0.0061,
    clauses.could_not: 0.0061,
    sense.because: 0.0427,
    sense.for_that: 0.0244,
    sense.only_because: 0.0061,
    stories.errand: 0.0152,
    stories.possession: 0.0152,
    stories.two_people: 0.0122,
    stories.dialogue: 0.0183,
    stories.once: 0.0122,
    stories.own_thing: 0.0122,
    everyday.i_do: 0.0152,
    everyday.i_shall: 0.0091,
    everyday.i_did: 0.0061,
    everyday.i_like: 0.0091,
    everyday.i_am: 0.0061,
    everyday.my_name: 0.003,
    everyday.my_kin: 0.003,
    everyday.please: 0.003,
    everyday.i_feel: 0.003,
    everyday.talk: 0.003,
    lists.copied_list: 0.0122,
    lists.wanted: 0.0061,
    changes.became: 0.065,
    changes.became_two: 0.05,
    changes.turned: 0.035,
    changes.went_off: 0.061,
    location.is_there: 0.06,
    location.is_there_two: 0.035,
    location.is_so_there: 0.025,
    location.found: 0.03,
    location.found_two: 0.01,
    location.habit: 0.02,
}
# fmt: off
AGREEMENT = (
    doings.habitual, doings.habitual_two, doings.progressive, doings.progressive_two,
    doings.future, doings.future_two, doings.went, doings.went_two, doings.befell,
    doings.owners_kin, conjuncts.acts, done.done, done.done_two, clauses.state, clauses.there_is,
    clauses.pleased, clauses.relative, clauses.relative_two, changes.became, changes.became_two,
    changes.turned, changes.went_off, location.is_there, location.is_there_two,
    location.is_so_there, location.found, location.found_two, location.habit,
)
# fmt: on
RESUMED = (sense.because, sense.for_that)
HELD_OUT_TEMPLATES = (clauses.lying, clauses.left, location.found_first, done.had_to, sense.why)
