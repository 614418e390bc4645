"""The examples, and where their words lie among the tokens."""

import pytest

from app.explore.examples import Example, find_example, find_links, load_examples
from app.i18n import load_words


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_every_example_has_a_name_in_every_language(lang: str) -> None:
    names = {example.name for example in load_examples()}
    assert names == set(load_words(lang).section("examples"))


def test_the_agreement_example_knows_its_dependencies() -> None:
    first = next(example for example in load_examples() if example.name == "agreement")
    words = first.text.split()
    pairs = [(words[later], words[earlier]) for later, earlier in first.dependencies]
    assert pairs == [("cabinet", "keys"), ("teacher", "boys")]
    assert words[first.word] == "cabinet"


def test_the_hindi_example_knows_its_dependencies() -> None:
    hindi = next(example for example in load_examples() if example.name == "hindi")
    words = hindi.text.split()
    assert [(words[later + 1], words[earlier]) for later, earlier in hindi.dependencies] == [
        ("खाती", "लड़कियाँ"),
        ("गया", "घोड़ा"),
    ]


def test_find_example_by_its_text() -> None:
    examples = (Example("a", "one two", "induction"),)
    assert find_example(examples, " one two ") is examples[0]
    assert find_example(examples, "one") is None


KEYS = Example(
    "a", "The keys near me are lost. The boys who ran are tired.", "subject", ((3, 1), (9, 7))
)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (KEYS.text, ((3, 1), (9, 7))),
        ("The keys near me are lost. The boys who ran are happy.", ((3, 1), (9, 7))),
        ("The keys near me are here.", ((3, 1),)),
        ("The keys near me", None),  # no verb yet
        ("The dogs near me are lost.", None),
        ("", None),
    ],
)
def test_a_text_that_begins_as_an_example_has_its_subjects(text: str, held: tuple | None) -> None:
    links = find_links((KEYS,), text)
    assert (links and links.dependencies) == held


def test_a_referent_is_known_from_its_word_on() -> None:
    animal = Example("b", "The animal slept because it was tired.", "referent", ((4, 1),))
    links = find_links((KEYS, animal), "The animal slept because it is old.")
    assert links is not None and (links.shows, links.dependencies) == ("referent", ((4, 1),))
