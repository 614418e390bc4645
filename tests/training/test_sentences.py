import hashlib

import pytest

from attention.training import english, hindi, lexicon
from attention.training.sentences import Chooser, held_out

ALL = [*english.TEMPLATES, *hindi.TEMPLATES]
SINGULAR = {form: noun[0] for noun in english.ATTRACTORS for form in noun}
HI_SINGULAR = {form: noun[0] for noun, _ in hindi.NOUNS for form in reversed(noun)}
PLURAL = {noun[1] for noun in english.ATTRACTORS}
FEMININE = {form for noun in lexicon.HI_FEMININE for form in noun}


@pytest.mark.parametrize("template", ALL)
def test_the_same_seed_says_the_same(template):
    assert template(Chooser(5)).text == template(Chooser(5)).text


@pytest.mark.parametrize(
    ("language", "evaluation", "digest"),
    [
        (english, None, "f3f0cda6fcec1434"),
        (english, "combinations", "08f6bb7744884125"),
        (english, "words", "6f2d6aeeee953393"),
        (hindi, None, "c5f399bf4791e693"),
        (hindi, "combinations", "54e99b3a12ae1811"),
        (hindi, "words", "14e41114434a0545"),
    ],
)
def test_a_seed_says_what_the_committed_layouts_were_trained_on(language, evaluation, digest):
    choose = Chooser(0, evaluation)
    text = "\n".join(template(choose).text for _ in range(200) for template in language.TEMPLATES)
    assert hashlib.sha256(text.encode()).hexdigest().startswith(digest)


@pytest.mark.parametrize("template", ALL)
def test_every_word_is_in_the_lexicon(template):
    known = set(lexicon.ENGLISH_WORDS + lexicon.HINDI_WORDS) | set(".,।")
    known |= {word.capitalize() for word in lexicon.ENGLISH_WORDS} | {"an"}
    for seed in range(200):
        assert set(template(Chooser(seed)).words) <= known


@pytest.mark.parametrize("template", [english.across_phrase, english.across_clause, english.simple])
def test_an_english_verb_agrees_with_its_subject(template):
    for seed in range(300):
        sentence = template(Chooser(seed))
        for link in sentence.links:
            plural = sentence.words[link.subject] in PLURAL
            assert sentence.words[link.verb] == link.options[plural]


@pytest.mark.parametrize("template", hindi.AGREEMENT)
def test_a_hindi_verb_agrees_with_its_subject(template):
    for seed in range(300):
        sentence = template(Chooser(seed))
        for link in sentence.links:
            feminine = sentence.words[link.subject] in FEMININE
            assert (sentence.words[link.verb] == link.options[2]) == feminine


@pytest.mark.parametrize("template", [*english.AGREEMENT, *hindi.AGREEMENT])
@pytest.mark.parametrize("evaluation", [None, "combinations", "words"])
def test_held_out_pairs_and_subjects_stay_out_of_training(template, evaluation):
    for seed in range(300):
        sentence = template(Chooser(seed, evaluation))
        for link in sentence.links:
            forms = HI_SINGULAR if link.language == "hi" else SINGULAR
            subject = forms[sentence.words[link.subject]]
            assert (subject in lexicon.NEVER_SUBJECT) == (evaluation == "words")
            if link.attractor is not None and evaluation != "words":
                pair = held_out(subject, forms[sentence.words[link.attractor]])
                assert pair == (evaluation == "combinations")


def test_a_held_out_subject_is_no_subject_in_simple_sentences_either():
    for seed in range(500):
        sentence = english.simple(Chooser(seed))
        for link in sentence.links:
            assert SINGULAR[sentence.words[link.subject]] not in lexicon.NEVER_SUBJECT


def test_one_pair_in_eight_is_held_out():
    pairs = [(a[0], b[0]) for a in english.SUBJECTS for b in english.ATTRACTORS]
    assert 0.1 < sum(held_out(*pair) for pair in pairs) / len(pairs) < 0.15


def test_punctuation_stands_without_a_space():
    assert english.copied_list(Chooser(0)).text.count(" ,") == 0
