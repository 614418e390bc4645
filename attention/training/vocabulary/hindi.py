"""Hindi words as tokens: whole, or a stem and its ending.

A noun, an adjective or a verb of the lexicon is cut where its forms part: ``लड़क|ा``, ``लड़क|े``,
``लड़क|ियाँ``; ``किताब``, ``किताब|ें``; ``खा|ता``, ``खा|ते``. So gender and number are tokens that all
words share, and a form that was never read shows them too. The most frequent forms are whole, and
so is what does not change, or changes more than its ending.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from attention.training.grammar import hindi
from attention.training.lexicon import hindi as lexicon
from attention.training.lexicon.common import common
from attention.training.sentences import Forms
from attention.training.vocabulary.table import table

FREQUENT = 300  # forms that are whole, whatever they are
_TABLE = table("hindi")
ENDINGS, JOINED = _TABLE["endings"], _TABLE["joined"]


def words() -> tuple[str, ...]:
    """Every form that has to be read well."""
    return tuple(dict.fromkeys([*common("hindi"), *sorted({*hindi.WORDS, *hindi.NAMES})]))


def starts() -> tuple[str, ...]:
    """None: Devanagari has no capitals."""
    return ()


def cut(forms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each form as its tokens: ``{"लड़का": ("लड़क", "ा"), "घर": ("घर",)}``."""
    whole = frozenset(common("hindi")[:FREQUENT]) | frozenset(hindi.NAMES)
    stems = frozenset(_stems())
    return {form: (form,) if form in whole else _cut(form, stems) for form in forms}


def _cut(form: str, stems: frozenset[str]) -> tuple[str, ...]:
    if form in stems:
        return (form,)
    for at in range(len(form) - 1, 0, -1):  # the longest stem
        if form[:at] in stems and form[at:] in ENDINGS:
            return form[:at], form[at:]
    return (form,)


def _stems() -> Iterator[str]:
    nouns = chain.from_iterable(lexicon.NOUNS.values())
    adjectives = chain(*lexicon.ATTRIBUTES.values(), *lexicon.STATES.values())
    forms = [noun.forms for noun in nouns] + [form for form in adjectives if " " not in form[0]]
    for verb in _verbs():
        yield verb.stem
        forms += [verb.perfective, verb.future]
    for group in forms:
        stem = _shared(group)
        if len(stem) > 1 and all(form[len(stem) :] in ("", *ENDINGS) for form in group):
            yield stem


def _shared(forms: Forms) -> str:
    """What they all begin with."""
    first = forms[0]
    starts = (first[:length] for length in range(len(first), -1, -1))
    return next(start for start in starts if all(form.startswith(start) for form in forms))


def _verbs() -> Iterator[lexicon.Verb]:
    tables = (
        *(lexicon.TRANSITIVE, lexicon.ANIMAL_VERBS, lexicon.TOWARD),
        *(lexicon.INTRANSITIVE, lexicon.BEFALL),
    )
    yield from chain.from_iterable(chain.from_iterable(table.values() for table in tables))
    yield from (verb for _, verb in lexicon.CONJUNCTS)
