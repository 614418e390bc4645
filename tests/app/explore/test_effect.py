"""What heads that are off cost, as HTML."""

import numpy as np
import pytest
import torch

from app.explore.effect import costs_of, pushes_html, strip_html
from app.i18n import load_words
from attention.interventions.off import Off
from attention.models import reading as readings
from attention.models.effect import Effect, Foretold, foretell
from attention.models.layouts.load import load_layout
from attention.models.losses import losses
from attention.models.residual import Push

TEXT = "The keys near the old cabinet are lost."
WORDS = load_words("en")


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 1, device="cpu")


def effect(before: list[float], after: list[float]) -> Effect:
    return Effect(*(Foretold(torch.tensor([losses]), ()) for losses in (before, after)))


def test_costs_are_each_tokens_losses(model) -> None:
    reading, off = readings.read(model, TEXT, 128), Off.parse("2.1")
    rows = torch.tensor([list(reading.ids)])
    found = costs_of(
        Effect(foretell(model, rows), foretell(model.without(off), rows)), reading, True
    )
    assert (found[0].before, found[0].after) == (None, None)
    plain = losses(model, rows)[0].tolist()
    without = losses(model.without(off), rows)[0].tolist()
    assert [cost.before for cost in found[1:]] == pytest.approx(plain)
    assert [cost.after for cost in found[1:]] == pytest.approx(without)


def test_a_piece_of_several_tokens_costs_their_sum(model) -> None:
    reading = readings.read(model, "क्षत्रिय क्षत्रिय", 128)
    assert reading.units is not None
    n = len(reading.ids)
    one = effect([1.0] * (n - 1), [3.0] * (n - 1))
    costs = costs_of(one, reading, raw=False)
    counts = np.diff(reading.units.starts)
    assert [cost.before for cost in costs[1:]] == counts[1:].tolist()
    assert [cost.change for cost in costs[1:]] == (2 * counts[1:]).tolist()


def test_the_subject_head_of_8_1_costs_the_verb(model) -> None:
    ids = model.encode(TEXT)
    verb = [text.strip() for text in model.token_texts(ids)].index("are")
    rows, without = torch.tensor([ids]), model.without(Off.parse("2.1"))
    found = Effect(foretell(model, rows, token=verb - 1), foretell(without, rows, token=verb - 1))
    assert found.change[0, verb - 1] > 0.5
    before, after = ({p.text.strip(): p.probability for p in top}
                     for top in (found.before.top, found.after.top))  # fmt: skip
    assert after["are"] < before["are"]


def test_the_strip_says_what_moved_and_escapes() -> None:
    words = strip_html(
        effect([1.0, 1.0], [1.0, 2.5]),
        costs_of(effect([1.0, 1.0], [1.0, 2.5]), _reading(("<b>", "x", "y")), raw=True),
        "y",
        True,
        WORDS,
    )
    assert "The text’s loss goes from 1.00 to 1.75 nats a token (+0.75)." in words
    assert "needed these heads most: +1.50." in words
    assert "<b>" not in words.replace("<b>0", "") and "&lt;b&gt;" in words


def test_the_strip_says_where_nothing_moved() -> None:
    same = effect([1.0, 1.0], [1.0, 1.05])
    words = strip_html(same, costs_of(same, _reading(("a", "b", "c")), True), "c", False, WORDS)
    assert (
        "No word of this text needed these heads: none is harder to foretell by 0.1 nats." in words
    )
    assert "Loss and next tokens are those of the causal mask" in words


def test_pushes_have_their_signs() -> None:
    pushes = pushes_html([Push(1, "are", 1.234)], [Push(2, "<i>", -0.5)], WORDS)
    assert "+1.23" in pushes and "\u22120.50" in pushes and "&lt;i&gt;" in pushes


def _reading(tokens: tuple[str, ...]):
    return readings.Reading(
        text="".join(tokens), ids=tuple(range(len(tokens))), tokens=tokens, units=None,
        total=len(tokens),
    )  # fmt: skip
