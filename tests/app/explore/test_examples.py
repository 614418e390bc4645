"""The examples, and where their words lie among the tokens."""

import pytest

from app.explore.examples import Example, find_example, load_examples, token_of_word
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
    examples = (Example("a", "one two", 1, "induction"),)
    assert find_example(examples, " one two ") is examples[0]
    assert find_example(examples, "one") is None


def test_the_last_token_of_a_word() -> None:
    tokens = ["The", "key", "s", "near", "."]
    assert [token_of_word(tokens, "The keys near.", word) for word in range(3)] == [0, 2, 4]


def test_a_word_that_the_tokens_do_not_reach_is_the_last_token() -> None:
    assert token_of_word(["a"], "abc def", 1) == 0
