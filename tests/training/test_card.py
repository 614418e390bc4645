"""What the cards say, measured again on the committed weights."""

import pytest

from attention.models.layouts.load import load_layout
from attention.training import card, evaluation
from attention.training.corpus import Corpus


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 2, device="cpu")


@pytest.fixture(scope="module")
def corpus(model):
    return Corpus(model.encode, model.card["vocab_size"], card.HELD_OUT_SEED)


def test_losses(model, corpus):
    stories, repeats = evaluation.losses(model.decoder, corpus)
    assert stories == pytest.approx(model.card["validation_loss"], abs=2e-3)
    assert repeats == pytest.approx(model.card["repeat_loss"], abs=2e-3)


def test_previous_token_and_induction_heads(model, corpus):
    for name, scores in (
        ("previous_token", card.previous_scores(model.decoder, corpus)),
        ("induction", card.induction_scores(model.decoder, model.encode)),
    ):
        best = card.best_head(scores)
        assert best["score"] == pytest.approx(model.card[name]["score"], abs=2e-3)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_agreement_on_held_out_combinations(model, language):
    again = card.agreement_card(model.decoder, model.encode, language)
    committed = model.card["agreement"][language]
    assert again["accuracy"] == pytest.approx(committed["accuracy"], abs=0.006)
    assert again["best_head"]["score"] == pytest.approx(committed["best_head"]["score"], abs=2e-3)


def test_this_layout_does_what_the_page_says_of_it(model):
    assert model.card["previous_token"]["score"] >= 0.6
    assert model.card["induction"]["score"] >= 0.45
    assert model.card["agreement"]["en"]["accuracy"] >= 0.9
    assert model.card["agreement"]["hi"]["accuracy"] >= 0.9
