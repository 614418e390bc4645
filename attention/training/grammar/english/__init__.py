"""English text: its templates with their shares in training, and what evaluation asks for."""

from attention.training.grammar.english import (
    across,
    clauses,
    patterns,
    people,
    questions,
    resumed,
    simple,
    stories,
)
from attention.training.lexicon.english.people import NAMES
from attention.training.lexicon.english.vocabulary import SEGMENT_WORDS, WORDS

__all__ = [
    "AGREEMENT", "HELD_OUT_TEMPLATES", "NAMES", "RESUMED", "SEGMENT_WORDS", "TEMPLATES", "WORDS",
]  # fmt: skip

AGREEMENT = (
    across.across_phrase, across.across_two_phrases, across.across_three_phrases, across.aspect,
    across.reported, clauses.across_doing, clauses.across_undergoing, clauses.across_bare_clause,
    clauses.across_clause_and_phrase, clauses.across_phrase_and_clause, clauses.across_being,
)  # fmt: skip
RESUMED = (resumed.resumed, resumed.resumed_in_two_sentences, resumed.resumed_after_so)
HELD_OUT_TEMPLATES = (
    across.before_subject, across.in_brackets, clauses.across_whose, resumed.resumed_at_last,
)  # fmt: skip

_SHARES = {
    across.across_phrase: 12, across.across_two_phrases: 4, across.across_three_phrases: 1.5,
    across.across_owner: 1.5, across.aspect: 2, across.and_again: 2, across.reported: 2,
    across.with_comment: 1, clauses.across_doing: 6, clauses.across_undergoing: 5,
    clauses.across_bare_clause: 2, clauses.across_clause_and_phrase: 2,
    clauses.across_phrase_and_clause: 1.5, clauses.across_being: 1.5, clauses.across_name: 1.5,
    resumed.resumed: 6, resumed.resumed_in_two_sentences: 3, resumed.resumed_after_so: 3,
    resumed.resumed_in_reverse: 2,
    simple.present: 6, simple.past: 5, simple.there_is: 1.5, simple.passive: 1.5,
    questions.question: 2, questions.where: 1.5, simple.both: 1.5, simple.comparison: 1,
    simple.cause: 2.5, questions.tag_question: 1, simple.dialogue: 1.5,
    patterns.everyday: 16, patterns.conversation: 4, people.named_again: 3, people.by_number: 2,
    people.name_and_pronoun: 2, people.family: 1.5, stories.possession: 2.5,
    stories.copied_list: 2.5, stories.story: 4,
}  # fmt: skip
TEMPLATES = {template: share / sum(_SHARES.values()) for template, share in _SHARES.items()}
