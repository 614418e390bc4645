"""Where an example opens: on the head that shows it best, whatever the weights."""

from dataclasses import replace

import numpy as np
import pytest

from app.explore import layouts
from app.explore.examples import Example, load_examples
from app.explore.settings import defaults
from app.explore.shown import Shown, decide, show
from app.explore.telling import CLOSE, head_with_a_job
from app.i18n import load_words
from attention.models.layouts import cards
from attention.models.roles import LINKS, Role

LAYOUTS = cards.available_layouts()
EXAMPLES = load_examples()
pytestmark = pytest.mark.skipif(not LAYOUTS, reason="no layout is trained yet")


def opened(layout: tuple[int, int], example: Example) -> Shown:
    family = layouts.family()
    n_heads, n_kv_heads = layout
    settings = replace(defaults(family), text=example.text, n_heads=n_heads, n_kv_heads=n_kv_heads)
    facts = family.facts(*layout)
    decided = decide(settings, facts, lambda ahead: None)
    return show(decided, None, load_words("en"), lambda ahead: None)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_opens_on_the_head_with_the_largest_score(
    layout: tuple[int, int], example: Example
) -> None:
    shown = opened(layout, example)
    name = "agreement" if example.shows in LINKS else example.shows
    scores = np.array([[head[name] for head in layer.scores] for layer in shown.look.layers])
    score = scores[shown.at.layer, shown.at.head]
    assert shown.roles is not None
    has_role = shown.roles[shown.at.layer][shown.at.head].name == example.shows
    assert score == scores.max() or (has_role and score >= scores.max() - CLOSE)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_copied_list_foretells_rightly_where_any_head_can(layout: tuple[int, int]) -> None:
    example = next(example for example in EXAMPLES if example.name == "copied")
    shown = opened(layout, example)
    scores = [head["induction"] for layer in shown.look.layers for head in layer.scores]
    key = int(shown.chosen[0][shown.at.token].argmax())
    if max(scores) >= 0.4:
        assert shown.tokens[key] == shown.tokens[shown.at.token + 1]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_the_token_is_one_that_the_score_is_taken_on(layout: tuple[int, int]) -> None:
    shown = opened(layout, next(each for each in EXAMPLES if each.shows in LINKS))
    assert shown.at.token in {query for query, _ in shown.look.pairs}


def test_without_an_example_a_head_that_has_a_job() -> None:
    heads = [Role("first", 0.9), Role("previous", 0.8), Role("induction", 0.5), Role("mixed", 0.3)]
    assert head_with_a_job(heads) == 2
    assert head_with_a_job(heads[:2]) == 1
    assert head_with_a_job(heads[:1]) == 0
