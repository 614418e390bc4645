"""How sentences are written, and which nouns a chooser joins."""

from collections import Counter

import pytest

from attention.training.sentences import Chooser, NoPairError, Sentence, held_out, join


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("The keys are old .", "The keys are old."),
        ("Yes , they don't .", "Yes, they don't."),
        ('" I am here , " said Anna .', '"I am here," said Anna.'),
        ('Anna said , " no ! " Tom left .', 'Anna said, "no!" Tom left.'),
        ("Anna's key ; Tom's box ?", "Anna's key; Tom's box?"),
        ("वह आया ।", "वह आया।"),
    ],
)
def test_marks_close_up_and_quotes_hold_what_they_quote(words, text):
    assert join(words.split()) == text


def test_saying_gives_the_place_of_the_last_word():
    sentence = Sentence()
    assert sentence.say("the", "old key") == 2
    assert sentence.say("is") == 3
    assert sentence.text == "the old key is"


def test_pairs_of_training_and_of_its_evaluation_are_apart():
    nouns = [f"noun{i}" for i in range(60)]
    pairs = [(a, b) for a in nouns for b in nouns if a != b]
    for evaluation in (None, "templates"):
        joined = [pair for pair in pairs if Chooser(0, evaluation).joins(*pair)]
        assert joined == [pair for pair in pairs if not held_out(*pair)]
    joined = [pair for pair in pairs if Chooser(0, "combinations").joins(*pair)]
    assert joined == [pair for pair in pairs if held_out(*pair)]
    assert len(joined) == pytest.approx(len(pairs) / 8, rel=0.2)
    assert all(Chooser(0, "nouns").joins(*pair) for pair in pairs)


def test_no_noun_is_joined_with_itself():
    assert not any(Chooser(0, kind).joins("key", "key") for kind in (None, "nouns", "combinations"))


def test_a_chooser_does_not_ask_for_ever():
    with pytest.raises(NoPairError, match="no noun may be joined with 'key'"):
        Chooser(0).subject_and_attractor([("key",)], [("key",)], frozenset())


@pytest.mark.parametrize("evaluation", [None, "nouns"])
def test_held_out_nouns_are_subjects_in_their_evaluation_alone(evaluation):
    nouns = [("key", "keys"), ("box", "boxes"), ("cup", "cups"), ("dog", "dogs")]
    choose = Chooser(1, evaluation)
    never = frozenset(["box", "dog"])
    for _ in range(100):
        subject, attractor = choose.subject_and_attractor(nouns, nouns, never)
        assert (subject[0] in never) == (evaluation == "nouns")
        assert subject != attractor


def test_common_words_are_drawn_more_often_and_none_never():
    choose = Chooser(0)
    counts = Counter(choose.common(range(200)) for _ in range(100_000))
    assert len(counts) == 200
    assert counts[0] > 4 * counts[199]
