"""The languages of the training text, and what each says of itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from attention.training.grammar import english, hindi
from attention.training.sentences import Chooser, Sentence

Template = Callable[[Chooser], Sentence]


@dataclass(frozen=True)
class Language:
    """A grammar.

    Args:
        templates: what training says, each with its share.
        held_out_templates: what only evaluation says.
        agreement: every sentence has a verb whose subject stands beyond another noun.
        resumed: every sentence says again which of two nouns was meant.
        segment_words: what random segments are made of.
    """

    templates: Mapping[Template, float]
    held_out_templates: Sequence[Template]
    agreement: Sequence[Template]
    resumed: Sequence[Template]
    segment_words: Sequence[str]


def _language(grammar: ModuleType) -> Language:
    return Language(
        grammar.TEMPLATES,
        grammar.HELD_OUT_TEMPLATES,
        grammar.AGREEMENT,
        grammar.RESUMED,
        grammar.SEGMENT_WORDS,
    )


LANGUAGES = {"en": _language(english), "hi": _language(hindi)}
