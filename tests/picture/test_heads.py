"""What is said of a head: role first, then what it does here."""

import pytest

from app.explore.examples import load_examples
from attention.models.layouts import cards, load
from attention.models.reading import read
from attention.models.roles import Role
from attention.picture.heads import places_of, told_of
from attention.words import load_words

EN, HI = load_words("en"), load_words("hi")
PLACES = {"previous": 9, "first": 9, "self": 9, "induction": 4, "agreement": 2, "spread": 9}
SUBJECT = Role("subject", 0.94, 400)


def scores(**given: float | None) -> dict[str, float | None]:
    quiet: dict[str, float | None] = dict.fromkeys(PLACES, 0.1)
    return quiet | {"agreement": None} | given


@pytest.mark.parametrize(
    ("given", "places", "role", "short", "long"),
    [
        (
            {"agreement": 0.97}, {}, SUBJECT, "subject 0.97",
            "from the verb’s place to its subject · here 0.97 on 2 verbs",
        ),
        (
            {"agreement": 0.97}, {"agreement": 1}, SUBJECT, "subject 0.97",
            "from the verb’s place to its subject · here 0.97 on 1 verb",
        ),
        (  # *happy* for *tired*: no verb is known, and the head is what it was
            {}, {"agreement": 0}, SUBJECT, "subject",
            "from the verb’s place to its subject · not measured on this text",
        ),
        (  # no score of a text says whether it means alike
            {}, {}, Role("semantic", 0.6, 90), "meaning",
            "mostly words of like meaning · not measured on this text",
        ),
        (
            {"induction": None}, {"induction": 0}, Role("induction", 0.9), "induction",
            "what followed the same token before · no occasion for it here",
        ),
        (
            {"first": 0.62}, {"agreement": 0}, SUBJECT, "subject",
            "from the verb’s place to its subject · here mostly the first token, 0.62 on 9 tokens",
        ),
        (  # it does something else here
            {"agreement": 0.98, "induction": 0.27}, {}, Role("induction", 0.9), "induction",
            "what followed the same token before · "
            "here from the verb’s place to its subject, 0.98 on 2 verbs",
        ),
        (  # it does little here, and the line says on how many places
            {"induction": 0.0}, {}, Role("induction", 0.9), "induction 0.00",
            "what followed the same token before · here 0.00 on 4 repeated tokens",
        ),
        (  # repeated pieces of characters are no occasion
            {"induction": 1.0}, {"induction": 0}, Role("mixed", 0.3, 20), "mixed",
            "no single role · nothing stands out here",
        ),
        (
            {"spread": 0.93}, {}, Role("broad", 0.9, 200), "broad 0.93",
            "spread over many tokens · here 0.93 on 9 tokens",
        ),
        (  # not measured yet
            {"previous": 0.83}, {}, None, "previous 0.83",
            "mostly the previous token · here 0.83 on 9 tokens",
        ),
        ({}, {}, None, "mixed", "no single role · nothing stands out here"),
    ],
)  # fmt: skip
def test_a_head_in_words(given, places, role, short, long) -> None:
    said = told_of(scores(**given), PLACES | places, role, EN, {})
    assert (said.short, said.long) == (short, long)


def test_its_figure_on_held_out_text() -> None:
    def about(role: Role) -> str:
        return told_of(scores(), PLACES, role, EN, {}).about

    assert about(SUBJECT) == "On held-out text: 0.94, taken on 400 verbs"
    assert about(Role("previous", 0.8)) == "On held-out text: 0.80"
    assert told_of(scores(), PLACES, None, EN, {}).about == ""


def test_the_dependency_may_be_another() -> None:
    said = told_of(
        scores(agreement=0.9), PLACES, Role("referent", 0.8, 200), EN, {"agreement": "referent"}
    )
    assert said.long == "to the noun that is meant · here 0.90 on 2 words"
    subject = told_of(scores(agreement=0.9), PLACES, SUBJECT, EN, {"agreement": "referent"})
    assert subject.short == "subject"


def test_in_hindi() -> None:
    said = told_of(scores(agreement=0.97), PLACES, SUBJECT, HI, {})
    assert said.long == "क्रिया की जगह से कर्ता को देखता है · यहाँ 0.97 (2 क्रियाओं पर)"


@pytest.mark.skipif((8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet")
@pytest.mark.parametrize("example", load_examples(), ids=lambda example: example.name)
def test_a_figure_on_a_tile_stands_in_its_line_with_its_places(example) -> None:
    model = load.load_layout(8, 2)
    reading = read(model, example.text)
    look = model.look(reading.ids)
    places = places_of(look, reading, raw=False)
    for layer, heads in zip(look.layers, model.roles(), strict=True):
        for scores_here, role in zip(layer.scores, heads, strict=True):
            said = told_of(scores_here, places, role, EN, {})
            _, _, figure = said.short.partition(" ")
            assert not figure or f"here {figure} on " in said.long


@pytest.mark.skipif((8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet")
def test_pieces_of_characters_give_induction_no_occasion() -> None:
    model = load.load_layout(8, 2)
    reading = read(model, "क्षत्रिय 🙂🙂🙂 क्षत्रिय 🙂")
    look = model.look(reading.ids, units=None)
    assert places_of(look, reading, raw=True)["induction"] == 0
    copied = read(model, "bread, milk, rice. bread, milk, rice.")
    assert places_of(model.look(copied.ids), copied, raw=True)["induction"] >= 3
