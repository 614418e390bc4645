import json

import pytest
import torch

from attention import atlas
from attention.atlas import Atlas, Progress
from attention.models.layouts.load import load_layout
from attention.models.limits import Cancelled, TextError
from tests.atlas.wired import induction_model
from tests.models.tiny import load_tiny


@pytest.fixture(scope="module")
def wired() -> Atlas:
    return atlas.measure(induction_model(), seeds=2)


def test_a_head_wired_for_induction_is_named_so(wired: Atlas) -> None:
    head = wired.heads[1][0]
    assert head.role.name == "induction"
    assert head.scores["induction"].value > 0.95
    assert head.scores["induction_other_length"].value > 0.95
    assert head.scores["induction"].chance < 0.04
    assert head.scores["copying"].value > 0.9  # it writes the token that it reads


def test_the_head_before_it_looks_back(wired: Atlas) -> None:
    head = wired.heads[0][0]
    assert head.role.name == head.ordinary_role.name == "previous"
    assert head.agrees is True
    assert head.scores["previous"].value > 0.9
    assert head.scores["induction"].value < 0.05


def test_the_head_that_asks_nothing_is_broad(wired: Atlas) -> None:
    head = wired.heads[1][1]
    assert head.role.name == "broad"
    for name in ("previous", "first", "self", "spread", "induction", "duplicate"):
        assert head.scores[name].value == pytest.approx(head.scores[name].chance, abs=1e-3)
    assert head.scores["output_norm"].value == 0.0


def test_every_score_has_its_chance_and_its_twin(wired: Atlas) -> None:
    for layer in wired.heads:
        for head in layer:
            for name, score in head.scores.items():
                assert score.n >= 1, name
                assert score.reinitialised is not None, name
                assert score.chance == score.chance, name
                assert (score.spread is None) == (name == "copying"), name


@pytest.mark.slow
def test_random_weights_name_no_head() -> None:
    # Nearly even is what random weights are; of 24 heads none has a role.
    random = load_layout(8, 2, device="cpu").reinitialised(7)
    found = atlas.measure(random, seeds=1)
    assert {head.role.name for layer in found.heads for head in layer} <= {"broad", "mixed"}
    other = {head.ordinary_role.name for layer in found.heads for head in layer}
    assert other <= {"broad", "mixed"}


@pytest.mark.slow
def test_one_of_20_heads_at_most_is_named_where_random_weights_are_large() -> None:
    names = [
        head.role.name
        for kind in ("llama", "gpt2", "mistral", "opt", "bert")
        for layer in atlas.measure(load_tiny(kind), seeds=1).heads
        for head in layer
    ]
    assert len(names) == 60
    assert sum(name not in ("broad", "mixed") for name in names) <= 3


def test_an_encoder_is_asked_for_what_comes_next_too() -> None:
    found = atlas.measure(load_tiny("bert"), seeds=1)
    scores = found.heads[0][0].scores
    assert {"next", "subject_en", "subject_en_ahead"} <= scores.keys()
    assert "agreement_en" not in scores
    assert found.missing["copying"] == "The model predicts no next token: there is no W_U."


def test_a_decoder_has_no_next_token_and_says_so() -> None:
    found = atlas.measure(load_tiny("gpt2"), seeds=1, twin=False)
    scores = found.heads[0][0].scores
    assert "next" not in scores and "copying" not in scores
    assert found.missing["next"] == "The model sees no later token."
    assert found.missing["copying"] == "W_V or W_O is no matrix by itself."
    assert scores["previous"].reinitialised is None


@pytest.mark.slow
def test_it_is_the_same_to_the_digit() -> None:
    model = load_tiny("llama")
    torch.manual_seed(1)
    one = atlas.measure(model, seeds=1).json()
    torch.manual_seed(2)
    assert atlas.measure(model, seeds=1).json() == one
    assert atlas.measure(model, seed=1, seeds=1).json() != one


def test_json_and_back() -> None:
    found = atlas.measure(load_tiny("llama"), seeds=1)
    assert Atlas.of_json(json.loads(json.dumps(found.json()))) == found


def test_progress_counts_every_pass_and_each_runs_it() -> None:
    told: list[Progress] = []
    passes = []
    atlas.measure(
        load_tiny("llama"),
        seeds=1,
        progress=told.append,
        each=lambda work: passes.append(1) or work(),
    )
    assert [each.done for each in told] == list(range(1, len(passes) + 1))
    assert {each.total for each in told} == {len(passes)}


def test_it_can_be_stopped() -> None:
    done: list[Progress] = []
    with pytest.raises(Cancelled):
        atlas.measure(load_tiny("llama"), progress=done.append, cancelled=lambda: len(done) >= 3)
    assert len(done) == 3


def test_a_model_of_few_tokens_is_refused_in_a_sentence(monkeypatch) -> None:
    model = load_tiny("llama")
    monkeypatch.setattr(model, "max_tokens", 40)
    with pytest.raises(TextError) as refused:
        atlas.measure(model)
    assert str(refused.value) == f"{model.title} takes 40 tokens, too few to say 37 tokens twice."
