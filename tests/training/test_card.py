"""What the committed cards say, measured again on the committed weights."""

import pytest

from attention import atlas
from attention.models.layouts.cards import available_layouts, load_card
from attention.models.layouts.load import load_layout
from attention.training import card, evaluation, gate
from attention.training.corpus import Corpus
from attention.training.encoding import Encoder
from attention.training.languages import LANGUAGES


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 2, device="cpu")


@pytest.fixture(scope="module")
def encoder(model):
    return Encoder(model.encode)


@pytest.mark.slow
def test_losses(model, encoder):
    corpus = Corpus(encoder, model.card["vocab_size"], gate.HELD_OUT_SEED)
    stories, repeats = evaluation.losses(model.decoder, corpus)
    assert stories == pytest.approx(model.card["validation_loss"], abs=2e-3)
    assert repeats == pytest.approx(model.card["repeat_loss"], abs=2e-3)


@pytest.fixture(scope="module")
def asked(encoder):
    return gate.gate_probes(encoder)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_agreement_on_held_out_combinations(model, asked, language):
    again = card.agreement_card(model.decoder, asked, language)
    committed = model.card["agreement"][language]
    assert again["accuracy"] == pytest.approx(committed["accuracy"], abs=0.006)
    assert again["n"] == committed["n"]
    assert again["best_head"]["score"] == pytest.approx(committed["best_head"]["score"], abs=2e-3)


@pytest.mark.slow
def test_the_gates_figures(model, encoder, asked):
    links = model.card["links"]
    best = {language: links[language]["subject"]["best_head"] for language in LANGUAGES}
    subject = {language: (head["layer"], head["head"]) for language, head in best.items()}
    figures = gate.gate(model.decoder, encoder, asked, subject)
    assert figures.keys() == model.card["gate"].keys()
    for name, figure in figures.items():
        near = max(1 / figure.n, 0.006) if figure.n else 2e-3  # one answer may turn with rounding
        assert figure.value == pytest.approx(model.card["gate"][name]["value"], abs=near), name
        assert figure.n == model.card["gate"][name]["n"]


@pytest.mark.parametrize("layout", available_layouts())
def test_roles_are_of_the_atlas_as_it_is_measured_now(layout):
    how = load_card(*layout)["atlas"]
    assert how == {"protocol": atlas.PROTOCOL, "seed": 0, "seeds": atlas.SEEDS}


@pytest.mark.slow
def test_the_page_and_the_card_give_every_head_one_role(model):
    measured, carded = atlas.measure(model).roles, model.roles()
    for ours, theirs in zip(measured, carded, strict=True):
        assert [role.name for role in ours] == [role.name for role in theirs]
        for one, other in zip(ours, theirs, strict=True):
            assert one.n == other.n
            assert one.score == pytest.approx(other.score, abs=2e-3)


def test_this_layout_does_what_the_page_says_of_it(model):
    assert model.card["previous_token"]["score"] >= 0.6
    assert model.card["induction"]["score"] >= 0.45
    assert model.card["agreement"]["en"]["accuracy"] >= 0.9
    assert model.card["agreement"]["hi"]["accuracy"] >= 0.9
