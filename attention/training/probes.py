"""Questions to a layout: where do its heads look from here, and which word does it say next?"""

import re
import tomllib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from attention.training.encoding import Encoder, Ids
from attention.training.languages import LANGUAGES
from attention.training.sentences import Chooser, Link, NoPairError, Sentence

EVERYDAY = Path(__file__).with_name("everyday.toml")
Kind = TypeVar("Kind", bound=Hashable)
SENTENCES = 60  # said for each probe of a kind
#: Kinds whose later word is foretold: the verb's form, the noun that is said again.
CHOSEN = ("agreement", "resumed")
_WORDS = re.compile(r"[^\s.,:;?!।\"]+|[.,:;?!।\"]")


@dataclass(frozen=True)
class Probe:
    """A text up to a place, and what is asked there.

    Args:
        ids: its tokens; the last one is the place that is looked from.
        keys: positions of the tokens of the word that should be looked at.
        others: the same of words that might be taken for it.
        options: tokens of which one comes next; empty where only the look is asked for.
        answer: index into ``options`` of the right one.
    """

    ids: Ids
    keys: Ids
    others: tuple[Ids, ...] = ()
    options: Ids = ()
    answer: int = 0


Asked = Mapping[tuple[str, str], Sequence[Probe]]  # by language and kind


def choice(
    words: Sequence[str],
    options: Sequence[str],
    answer: str,
    encoder: Encoder,
    earlier: int,
    others: Sequence[int] = (),
) -> Probe | None:
    """Which form follows ``words``.

    The place that is looked from is the one whose next token is the first in which the forms
    differ. None where a form begins another, or two begin alike where a third does not.

    Args:
        earlier, others: indices of words that stand before.
    """
    *before, _ = encoder.words([*words, answer])
    forms = [encoder.words([*words, option])[-1] for option in dict.fromkeys(options)]
    right = forms[list(dict.fromkeys(options)).index(answer)]
    same = 0
    while all(len(form) > same for form in forms) and len({form[same] for form in forms}) == 1:
        same += 1
    if any(len(form) <= same for form in forms):
        return None
    nexts = tuple(form[same] for form in forms)
    if len(set(nexts)) < len(nexts):
        return None
    places = _places(before)
    ids = (*(i for word in before for i in word), *right[:same])
    looked = tuple(places[other] for other in others)
    return Probe(ids, places[earlier], looked, nexts, nexts.index(right[same]))


def glance(
    words: Sequence[str], later: int, earlier: int, encoder: Encoder, *, rivals: bool = False
) -> Probe:
    """Where heads look from the last token of a word of the text.

    Args:
        rivals: whether every other word up to there might be looked at instead.
    """
    said = encoder.words(words)[: later + 1]
    places = _places(said)
    others = [place for word, place in enumerate(places) if word != earlier] if rivals else ()
    return Probe(tuple(i for word in said for i in word), places[earlier], tuple(others))


def of_link(sentence: Sentence, link: Link, encoder: Encoder) -> Probe | None:
    """The probe of one dependency: a choice of forms where the earlier word decides it, else a
    look from the later word."""
    words = sentence.words
    if link.kind not in CHOSEN or words[link.later] not in link.options:
        return glance(words, link.later, link.earlier, encoder)
    before, word = words[: link.later], words[link.later]
    return choice(before, link.options, word, encoder, link.earlier, link.attractors)


def linked(
    templates: Sequence[Callable[[Chooser], Sentence]],
    choose: Chooser,
    encoder: Encoder,
    n: int,
    wanted: Callable[[Sequence[str], Link], Kind | None],
) -> dict[Kind, list[Probe]]:
    """At most ``n`` probes of each kind of link; fewer of what is rarer than one sentence in 60.

    Args:
        wanted: which kind a link in a sentence of these words is of; None leaves it out.
    """
    found: dict[Kind, list[Probe]] = {}
    for _ in range(SENTENCES * n):
        try:
            sentence = choose.one(templates)(choose)
        except NoPairError:
            continue
        for link in sentence.links:
            kind = wanted(sentence.words, link)
            if kind is None or len(found.get(kind, ())) >= n:
                continue
            if (probe := of_link(sentence, link, encoder)) is not None:
                found.setdefault(kind, []).append(probe)
    return found


def at_verbs(
    templates: Sequence[Callable[[Chooser], Sentence]], choose: Chooser, encoder: Encoder, n: int
) -> list[Probe]:
    """From ``n`` verbs, said already, to their subjects, with or without another noun between."""
    found: list[Probe] = []
    for _ in range(SENTENCES * n):
        try:
            sentence = choose.one(templates)(choose)
        except NoPairError:
            continue
        found += [
            glance(sentence.words, link.later, link.earlier, encoder)
            for link in sentence.links
            if link.kind == "agreement" and link.earlier < link.later
        ]
        if len(found) >= n:
            break
    return found[:n]


def agreement(
    language: str, held_out: str, n: int, encoder: Encoder, seed: int, n_attractors: int | None
) -> list[Probe]:
    """Verbs whose subject stands beyond other nouns; every form is right equally often.

    Args:
        held_out: see :class:`attention.training.sentences.Chooser`.
        n: how many of each form.
        n_attractors: nouns between that call for another form; None takes any number, 0 too.
    """
    choose = Chooser(f"agreement:{language}:{held_out}:{seed}", evaluation=held_out)

    def form(words: Sequence[str], link: Link) -> tuple[int, int] | None:
        options = tuple(dict.fromkeys(link.options))
        if link.kind != "agreement" or n_attractors not in (None, len(link.attractors)):
            return None
        word = words[link.later]
        return (len(options), options.index(word)) if word in options else None

    found = linked(LANGUAGES[language].agreement, choose, encoder, n, form)
    return [probe for probes in found.values() for probe in probes]


def words_of(text: str) -> list[str]:
    """A text's words as a sentence has them, marks among them."""
    return _WORDS.findall(text)


def everyday(kind: str) -> list[dict]:
    """The rows of ``everyday.toml`` of this kind, each with its ``words``."""
    rows = tomllib.loads(EVERYDAY.read_text("utf-8"))[kind]
    return [{**row, "words": words_of(row["text"])} for row in rows]


def everyday_words(language: str) -> tuple[str, ...]:
    """Sixty nouns that people use daily, in the forms in which they are subjects."""
    return tuple(tomllib.loads(EVERYDAY.read_text("utf-8"))["nouns"][language].split())


def _places(words: Sequence[Ids]) -> list[Ids]:
    """The positions of each word's tokens."""
    places, at = [], 0
    for ids in words:
        places.append(tuple(range(at, at + len(ids))))
        at += len(ids)
    return places
