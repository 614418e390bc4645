import pytest

from attention.training import gate, probes
from attention.training.languages import LANGUAGES
from attention.training.probes import Probe, choice, glance
from attention.training.sentences import Chooser, Link, NoPairError, Sentence
from tests.training.small import encoder


class Letters:
    """An encoder whose words are cut before each capital letter."""

    def words(self, words):
        return [tuple(map(ord, word)) for word in words]


def test_a_choice_is_asked_where_the_forms_begin_to_differ():
    probe = choice(["ab", "c"], ["xy", "xz"], "xz", Letters(), 0, (1,))
    assert probe == Probe(
        ids=(97, 98, 99, 120), keys=(0, 1), others=((2,),), options=(121, 122), answer=1
    )


@pytest.mark.parametrize("options", [["walk", "walks"], ["a", "ab", "ac"], ["ka", "kb", "ka"]])
def test_a_form_that_begins_another_is_no_choice(options):
    asked = choice(["the"], options, options[0], Letters(), 0)
    assert (asked is None) == (options != ["ka", "kb", "ka"])


def test_forms_of_which_two_begin_alike_are_no_choice():
    assert choice(["the"], ["ab", "ac", "bd"], "ab", Letters(), 0) is None


def test_a_glance_looks_from_the_last_token_of_the_later_word():
    probe = glance(["ab", "cde", "f"], 1, 0, Letters(), rivals=True)
    assert probe == Probe(ids=(97, 98, 99, 100, 101), keys=(0, 1), others=((2, 3, 4),))


def test_templates_without_a_pair_are_passed_over():
    def never(choose):
        raise NoPairError("none")

    def said(choose):
        return Sentence(["a", "b"], [Link("adjective", "en", 0, 1)])

    found = probes.linked((never, said), Chooser(0), Letters(), 3, lambda _, link: link.kind)
    assert {kind: len(some) for kind, some in found.items()} == {"adjective": 3}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("held_out", ["combinations", "nouns"])
def test_every_form_is_right_equally_often(language, held_out):
    found = probes.agreement(language, held_out, 12, encoder(), 0, None)
    counts = {}
    for probe in found:
        key = len(probe.options), probe.answer
        counts[key] = counts.get(key, 0) + 1
        assert len(set(probe.options)) == len(probe.options) > 1
        assert max(probe.keys) < len(probe.ids)
    assert set(counts.values()) == {12}


@pytest.mark.parametrize("n", [1, 2])
def test_as_many_nouns_stand_between_as_asked(n):
    assert {len(probe.others) for probe in probes.agreement("en", "nouns", 6, encoder(), 0, n)} == {
        n
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_referent_is_asked_for_in_each_way(language):
    found = gate.referent_probes(language, "combinations", encoder())
    assert {"sense", "resumed"} <= set(found) <= {"pronoun", "sense", "resumed"}
    for probe in found["resumed"]:
        assert len(probe.options) == 2
        # The right noun is the one that is pointed at, the other one the attractor.
        assert probe.keys not in probe.others
    for kind in {"pronoun", "sense"} & set(found):
        assert all(probe.options == () for probe in found[kind])


def test_everyday_rows_come_with_their_words():
    row = probes.everyday("resumed")[0]
    assert [row["words"][row["noun"]], row["words"][row["pronoun"]]] == ["animal", "it"]
    assert row["words"][row["sense"]] == "tired"


def test_marks_are_words_of_a_text():
    assert probes.words_of('He said, "Don\'t!"') == ["He", "said", ",", '"', "Don't", "!", '"']
    assert probes.words_of("बच्चा गया।") == ["बच्चा", "गया", "।"]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_verbs_of_everyday_nouns_stand_beyond_another_noun(language):
    words = encoder().words
    found = gate.everyday_nouns(language, encoder())
    assert len(found) >= 200
    known = {words(["so", word])[1] for word in probes.everyday_words(language)}
    assert {tuple(probe.ids[key] for key in probe.keys) for probe in found} <= known | {
        words([word.capitalize()])[0] for word in probes.everyday_words(language)
    }
    assert all(probe.others for probe in found)
