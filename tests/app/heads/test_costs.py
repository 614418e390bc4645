"""The sections "Prune" and "Share" of the page "Heads", without a browser."""

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from app.explore import layouts
from app.heads.parameters import fewer, ranks, table
from app.heads.pruned import Pruned, limit, loss_of, order_said, roles_html, truth, verdict
from attention import pruning
from attention.interventions.sharing import Sharing
from attention.models.fewer import Fewer, fewer_of, head_after
from attention.models.huggingface.checkpoint import load
from attention.models.layouts.load import load_layout
from attention.models.losses import losses
from attention.models.roles import Role
from attention.steps import Steps
from attention.words import load_words
from tests.app.run import at, html, until
from tests.models.tiny import make

PAGE = """
from app.heads.view import draw
draw(lambda words: None)
"""
WORDS = load_words("en")


def page(**params: str) -> AppTest:
    return at(AppTest.from_string(PAGE, default_timeout=60), **params)


def said(app: AppTest) -> str:
    """The sentence of the answer."""
    body = next(e.proto.body for e in app.get("html") if "hc-verdict" in e.proto.body
                and "<p" in e.proto.body)  # fmt: skip
    return unescape(re.sub(r"<[^>]*>", "", body))


def until_answered(app: AppTest) -> AppTest:
    return until(app, lambda: bool(verdicts(app)))


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 2)


def test_the_guess_comes_first_and_then_the_truth(model) -> None:
    app = page(section="prune", guess="40")
    assert not app.get("plotly_chart")
    app.button("heads_ask").click().run()
    until_answered(app)
    curve = pruning.prune(model, pruning.held_out(model))
    assert said(app) == verdict(curve, 40, WORDS)
    assert "you guessed 40 %" in said(app)
    assert len(app.get("plotly_chart")) == 1


def test_of_a_language_model_roles_are_asked_for_by_themselves(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "cache"))
    app = page(section="prune", model=str(make("llama", tmp_path / "tiny")))
    app.button("heads_ask").click().run()
    until_answered(app)
    assert len(app.get("plotly_chart")) == 1
    assert app.button("heads_ask").label == WORDS("heads.prune.ask_roles")
    app.button("heads_ask").click().run()
    until(app, lambda: WORDS("heads.prune.roles") in html(app))
    assert not any(button.key in ("heads_ask", "heads_stop") for button in app.button)


def test_the_truth_is_the_last_share_below_the_limit(model) -> None:
    curve = pruning.prune(model, pruning.held_out(model))
    found = truth(curve)
    after = curve.points[curve.points.index(found) + 1]
    assert loss_of(found) <= limit(curve) < loss_of(after)


def test_a_random_order_counts_by_the_mean_of_its_seeds(model) -> None:
    curve = pruning.prune(model, pruning.held_out(model), "random", shares=(0, 0.5))
    assert len(curve.points[1].losses) == 5
    assert loss_of(curve.points[1]) == pytest.approx(sum(curve.points[1].losses) / 5)


def test_a_text_is_cut_to_rows_of_one_length(model) -> None:
    ids = model.encode("The keys near the old cabinet are lost. " * 60, special=False)
    rows = pruning.text_rows(model, "The keys near the old cabinet are lost. " * 60)
    assert rows.shape[1] <= 256
    assert rows.flatten().tolist() == ids[: rows.numel()]


def test_sharing_says_the_numbers_of_the_library(model) -> None:
    rows = pruning.held_out(model)
    shared = model.shared(Sharing(kv_heads=1))
    before, after = (losses(each, rows).double().mean().item() for each in (model, shared))
    app = until_answered(page(section="share"))
    assert said(app).startswith(
        f"Shared without training: loss {before:.2f} → {after:.2f} nats a token"
    )


@pytest.mark.slow
def test_training_on_brings_back_some_of_what_sharing_cost(monkeypatch) -> None:
    monkeypatch.setattr("attention.uptraining.layouts.SHARE", 0.0006)  # three updates
    monkeypatch.setattr("attention.uptraining.compare.STORIES", 4)
    monkeypatch.setattr("attention.training.gate.VERBS_A_FORM", 5)
    app = until_answered(page(section="share", heads="4", kv_heads="4", shared_kv="2"))
    app.button("heads_ask").click().run()
    until(app, lambda: len(verdicts(app)) == 2)
    told = verdicts(app)[1]
    assert re.search(r"Validation loss [\d.]+ → [\d.]+ by sharing → [\d.]+ after", told)
    table = next(body for body in bodies(app) if "Before beside after" in body)
    names = re.findall(r'<th scope="row">([^<]*)</th>', table)
    assert names == [
        "4/4, as trained", "KV heads shared", "shared and trained on",
        "4/2, trained so from the start",
    ]  # fmt: skip
    assert any(chart.proto.id.endswith("uptrain_curve") for chart in app.get("plotly_chart"))


def bodies(app: AppTest) -> list[str]:
    return [each.proto.body for each in app.get("html")]


def verdicts(app: AppTest) -> list[str]:
    return [body for body in bodies(app) if 'class="hc-verdict"' in body]


def test_a_head_that_sharing_moved_is_found_again() -> None:
    model = load_layout(8, 8)
    shared = model.shared(Sharing(kv_heads=2, grouping="similar"))
    there = [head_after(model, shared, 1, head) for head in range(8)]
    assert sorted(there) == list(range(8))
    for head, place in enumerate(there):
        was, now = (m.w_q(1)[0].unflatten(0, (8, -1)) for m in (model, shared))
        assert torch.equal(was[head], now[place])


def test_what_is_kept_on_disk_comes_back_as_it_was(model) -> None:
    rows = pruning.held_out(model)[:1, :32]
    curve = pruning.prune(model, rows, shares=(0, 0.5))
    assert pruning.Curve.of_json(json.loads(json.dumps(curve.json()))) == curve
    shared = fewer_of(model, rows, Sharing(kv_heads=1), 1, 3, Steps())
    back = Fewer.of_json(json.loads(json.dumps(shared.json())))
    assert back.json() == shared.json()
    assert np.array_equal(back.weights_after, shared.weights_after)


def test_the_address_holds_only_what_deviates() -> None:
    family = layouts.family()
    found = table(family, "trained", None)
    params = {"text": "Two birds.", "rank": "greedy", "guess": "70", "by": "first",
              "grouping": "similar", "kv_heads": "8", "shared_kv": "2"}  # fmt: skip
    settings, notices = found.read(params)
    assert notices == ()
    assert found.write(settings) == params
    assert found.write(found.read({})[0]) == {}


def test_fewer_kv_heads_divide_those_of_every_layer() -> None:
    assert fewer([8, 4]) == (1, 2)
    assert fewer([3, 3]) == (1,)
    assert fewer([1]) == ()
    assert ranks("smollm2") == ("importance", "norm", "random")


@pytest.mark.parametrize(
    ("rank", "told"),
    [
        ("norm", "It will read the text 12 times."),
        ("random", "Five orders: it will read the text 47 times, where by importance 11 would do."),
    ],
)
def test_what_it_costs_stands_there_before_it_begins(rank: str, told: str) -> None:
    app = page(section="prune", rank=rank)
    assert any(told in unescape(each.proto.body) for each in app.get("html"))
    app.button(key="heads_ask").click().run()
    assert not any(told in unescape(each.proto.body) for each in until_answered(app).get("html"))


def test_heads_of_a_hybrid_are_named_by_their_blocks(monkeypatch, tmp_path) -> None:
    folder = make("lfm2", tmp_path / "lfm2", tokenizer="sentencepiece")
    model = load(str(folder), device="cpu")
    rows = torch.tensor([model.encode("the cat sat on the mat", special=False)[:5]])
    curve = pruning.prune(model, rows, "norm", shares=(0, 0.2, 0.5))
    mixed = [[Role("mixed", 0.0)] * 4, [Role("previous", 0.9)] * 4]
    found = Pruned(curve, mixed, model.blocks)
    told = order_said(found, WORDS)
    for name in curve.order:
        assert name[0] in "13"
        role = WORDS(f"role.{'mixed' if name[0] == '1' else 'previous'}.short")
        assert f"{name} ({role})" in told
    gone = [sum(name[0] == "3" for name in point.heads) for point in curve.points]
    table = roles_html(replace(found, curve=replace(curve, points=curve.points[1:2])), WORDS)
    assert f"<td>{gone[1]}</td>" in table
