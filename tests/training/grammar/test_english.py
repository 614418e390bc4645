"""English text: its links point at the right words, and training keeps what is held out."""

from collections import Counter
from itertools import pairwise

import pytest

from attention.training.grammar import english
from attention.training.grammar.english.patterns import PATTERNS, tell
from attention.training.grammar.english.slots import Telling
from attention.training.lexicon.english.nouns import HELD_OUT, NOUNS
from attention.training.lexicon.english.vocabulary import WORDS
from attention.training.sentences import KINDS, PUNCTUATION, QUOTE, Chooser, Sentence, held_out
from tests.sample import sample

ALL = (*english.TEMPLATES, *english.HELD_OUT_TEMPLATES)
SINGULAR = {noun.forms[0] for nouns in NOUNS.values() for noun in nouns if not noun.mass}
PLURAL = {noun.forms[1] for nouns in NOUNS.values() for noun in nouns if not noun.mass}
BASE_OF = {form: noun.forms[0] for nouns in NOUNS.values() for noun in nouns for form in noun.forms}
NUMBERED = {("is", "are"), ("was", "were"), ("has", "have"), ("does", "do")}
ONLY_SINGULAR, ONLY_PLURAL = SINGULAR - PLURAL, PLURAL - SINGULAR


def said(template, n=300, evaluation=None, seed=0):
    choose = Chooser(seed, evaluation)
    return [template(choose) for _ in range(n)]


def lower(word):
    return word[0].lower() + word[1:]


@pytest.mark.parametrize("template", ALL, ids=lambda t: t.__name__)
def test_links_point_back_at_words_that_stand(template):
    for sentence in said(template):
        for link in sentence.links:
            assert link.kind in KINDS and link.language == "en"
            assert 0 <= link.earlier < link.later < len(sentence.words)
            assert all(0 <= place < link.later for place in link.attractors)
            for place in (link.earlier, link.later):
                assert sentence.words[place] not in PUNCTUATION and sentence.words[place] != QUOTE
            if link.options:
                assert lower(sentence.words[link.later]) in [lower(o) for o in link.options]


@pytest.mark.parametrize("template", ALL, ids=lambda t: t.__name__)
def test_every_word_is_listed(template):
    words = set(WORDS)
    for sentence in said(template, 1000):
        for word in sentence.words:
            assert word in words or lower(word) in words or word in PUNCTUATION or word == QUOTE


@pytest.mark.parametrize("template", ALL, ids=lambda t: t.__name__)
def test_the_same_seed_says_the_same(template):
    first, again = ([s.text for s in said(template, 20, seed=5)] for _ in range(2))
    assert first == again
    assert first != [s.text for s in said(template, 20, seed=6)]


@pytest.mark.parametrize("template", english.AGREEMENT, ids=lambda t: t.__name__)
def test_the_verb_has_the_number_of_its_subject_and_not_of_its_attractors(template):
    seen = 0
    for sentence in said(template):
        for link in sentence.links:
            subject = lower(sentence.words[link.earlier])
            if link.kind != "agreement" or link.options not in NUMBERED:
                continue
            form = link.options.index(sentence.words[link.later])
            if subject in ONLY_SINGULAR | ONLY_PLURAL:
                assert (subject in ONLY_PLURAL) == form
                seen += 1
            for place in link.attractors:
                other = sentence.words[place]
                assert other not in (ONLY_PLURAL if form else ONLY_SINGULAR)
    assert seen > 100


@pytest.mark.parametrize("evaluation", ["combinations", "nouns", "templates"])
def test_probes_of_agreement_all_have_attractors(evaluation):
    templates = {
        "templates": [t for t in english.HELD_OUT_TEMPLATES if "resumed" not in t.__name__]
    }.get(evaluation, english.AGREEMENT)
    for template in templates:
        sentences = said(template, 100, evaluation)
        with_attractors = [
            any(link.kind == "agreement" and link.attractors for link in s.links) for s in sentences
        ]
        assert sum(with_attractors) > 70, template


def test_a_good_part_of_the_text_is_agreement_across_nouns():
    across = sum(
        share for template, share in english.TEMPLATES.items()
        if template.__module__.endswith((".across", ".clauses"))
    )  # fmt: skip
    assert across >= 0.35
    assert sum(english.TEMPLATES.values()) == pytest.approx(1)
    assert not set(english.TEMPLATES) & set(english.HELD_OUT_TEMPLATES)


def _subject(sentence, link):
    return BASE_OF.get(lower(sentence.words[link.earlier]))


@pytest.mark.parametrize("template", english.TEMPLATES, ids=lambda t: t.__name__)
def test_training_never_makes_a_held_out_noun_a_subject_or_referent(template):
    for sentence in said(template, 500):
        for link in sentence.links:
            if link.kind in ("agreement", "resumed", "sense"):
                assert _subject(sentence, link) not in HELD_OUT, sentence.text


@pytest.mark.parametrize("template", english.AGREEMENT + english.RESUMED, ids=lambda t: t.__name__)
def test_held_out_nouns_are_subjects_in_their_evaluation(template):
    kind = "resumed" if template in english.RESUMED else "agreement"
    for sentence in said(template, 100, "nouns"):
        assert any(
            link.kind == kind and _subject(sentence, link) in HELD_OUT for link in sentence.links
        )


@pytest.mark.parametrize("evaluation", [None, "combinations"])
@pytest.mark.parametrize("template", english.RESUMED, ids=lambda t: t.__name__)
def test_pairs_are_kept_apart(template, evaluation):
    for sentence in said(template, 200, evaluation):
        link = next(link for link in sentence.links if link.kind == "resumed")
        places = sorted((link.earlier, *link.attractors))
        pair = [BASE_OF[sentence.words[place]] for place in places]
        assert held_out(*pair) == (evaluation == "combinations")


@pytest.mark.parametrize("template", english.RESUMED, ids=lambda t: t.__name__)
def test_the_noun_said_again_is_the_one_that_was_meant(template):
    for sentence in said(template):
        by_kind = {link.kind: link for link in sentence.links if link.kind != "determiner"}
        again, sense, pronoun = (by_kind[kind] for kind in ("resumed", "sense", "pronoun"))
        assert again.earlier == sense.earlier == pronoun.earlier
        assert sentence.words[again.later] == sentence.words[again.earlier] == again.options[0]
        assert again.options[1] == sentence.words[again.attractors[0]]


def test_articles_go_with_the_sound():
    choose = Chooser(1)
    templates, shares = zip(*english.TEMPLATES.items(), strict=True)
    for template in choose.random.choices(templates, shares, k=3000):
        words = template(choose).words
        for word, following in pairwise(words):
            if lower(word) == "an":
                assert following[0].lower() in "aeiou" or following.startswith(("hour", "hon"))
            if lower(word) == "a" and following[0].lower() in "aeiou":
                assert following.startswith(("un", "us", "eu", "on", "ut"))


def test_words_of_every_class_are_said():
    choose = Chooser(2)
    templates, shares = zip(*english.TEMPLATES.items(), strict=True)
    counts = Counter(
        lower(word)
        for template in choose.random.choices(templates, shares, k=40_000)
        for word in template(choose).words
    )
    nouns = [noun.forms[0] for nouns in NOUNS.values() for noun in nouns]
    silent = [noun for noun in nouns if not counts[lower(noun)]]
    assert len(silent) < 0.01 * len(nouns)


@pytest.mark.parametrize("number", sample(range(len(PATTERNS)), 8))
def test_every_pattern_has_what_its_verbs_agree_with(number):
    choose = Chooser(number)
    for _ in range(20):
        sentence = Sentence()
        tell(Telling(choose, sentence), PATTERNS[number])
        for link in sentence.links:
            assert 0 <= link.earlier < link.later < len(sentence.words), sentence.text
        assert sentence.words[-1] in ".?!"
