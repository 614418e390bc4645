"""The everyday probes point at the words that they mean."""

import re
import tomllib
from pathlib import Path

import pytest

from attention.training import sentences

EVERYDAY = Path(sentences.__file__).with_name("everyday.toml")
PROBES = tomllib.loads(EVERYDAY.read_text(encoding="utf-8"))
SENTENCES = Path(__file__).with_name("everyday_sentences.txt").read_text(encoding="utf-8")


def words(text):
    """Words as ``Sentence.words`` has them."""
    return re.findall(r"[^\s.,:?।]+|[.,:?।]", text)


def by_language(kind):
    probes = {"en": [], "hi": []}
    for probe in PROBES[kind]:
        probes[probe["language"]].append(probe)
    return probes


@pytest.mark.parametrize(
    ("kind", "english", "hindi"), [("agreement", 60, 40), ("roles", 12, 12), ("resumed", 24, 12)]
)
def test_there_are_enough_of_each_kind(kind, english, hindi):
    probes = by_language(kind)
    assert len(probes["en"]) >= english
    assert len(probes["hi"]) >= hindi
    assert len({str(p) for p in PROBES[kind]}) == len(PROBES[kind])


def test_agreement_has_one_attractor_and_two_and_either_number_often():
    for probes in by_language("agreement").values():
        counts = [len(p["attractors"]) for p in probes]
        assert min(counts.count(1), counts.count(2)) >= 15
        assert min(counts) == 1
    answers = [p["answer"] for p in by_language("agreement")["en"]]
    singular = sum(answer in ("is", "was", "has") for answer in answers)
    assert abs(2 * singular - len(answers)) <= 4


@pytest.mark.parametrize("probe", PROBES["agreement"], ids=lambda p: p["text"])
def test_agreement_points_at_words_before_the_verb(probe):
    spoken = words(probe["text"])
    assert probe["answer"] in probe["options"]
    places = [probe["subject"], *probe["attractors"]]
    assert len(set(places)) == len(places)
    assert max(places) < len(spoken)
    if probe["language"] == "en":
        plural = probe["answer"] in ("are", "were", "have")
        assert _plural(spoken[probe["subject"]]) is plural
        assert {_plural(spoken[place]) for place in probe["attractors"]} == {not plural}


def _plural(noun):
    return noun in ("children", "people") or (
        noun.endswith("s") and noun not in ("class", "bus", "boss")
    )


@pytest.mark.parametrize("probe", PROBES["resumed"], ids=lambda p: p["text"])
def test_resumed_points_at_both_nouns_the_pronoun_and_the_word_that_tells(probe):
    spoken = words(probe["text"])
    assert [spoken[probe["noun"]], spoken[probe["other"]]] == probe["options"]
    assert probe["answer"] == probe["options"][0]
    assert spoken[probe["pronoun"]] in ("it", "he", "she", "they", "वह")
    assert probe["pronoun"] < probe["sense"] < len(spoken)


def test_each_pair_of_nouns_is_meant_both_ways():
    for probes in by_language("resumed").values():
        answers = {}
        for probe in probes:
            answers.setdefault(frozenset(probe["options"]), set()).add(probe["answer"])
        assert {len(answer) for answer in answers.values()} == {2}


@pytest.mark.parametrize("probe", PROBES["roles"], ids=lambda p: p["text"])
def test_roles_stand_in_order(probe):
    assert probe["subject"] < probe["verb"] < len(words(probe["text"]))


def test_everyday_sentences_are_of_all_lengths():
    english, hindi = (part.splitlines() for part in SENTENCES.strip().split("\n\n"))
    assert (len(english), len(hindi)) == (200, 60)
    assert len(set(english + hindi)) == 260
    assert min(len(line.split()) for line in english) < 3
    assert max(len(line.split()) for line in english) > 15
