"""Training from text to card, on a CPU, in two layers and two steps."""

import copy
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from attention import atlas
from attention.models.layouts import load
from attention.models.layouts.cards import available_layouts, load_card
from attention.models.layouts.forming import TEXTS, Forming, load_forming, save_forming
from attention.models.layouts.model import TOKENIZER
from attention.training import evaluation, finish, forming, gate, links, run, tasks
from attention.training.captured import GpuTraining, go_back
from attention.training.letters import ALPHABET
from attention.training.run import Places
from attention.training.text import open_text
from attention.training.trainer import Trainer, as_text
from attention.training.trial import trial
from tests.training import small

pytestmark = pytest.mark.slow

RECIPE = replace(small.RECIPE, steps=2, own_embedding=False)


@pytest.fixture(scope="module")
def few():
    """As few probes and rows as will do."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (gate, "VERBS_A_FORM", 2), (gate, "PAIRS", 4), (links, "A_KIND", 2),
            (forming, "VERBS_A_FORM", 2), (evaluation, "INDUCTION_TEXTS", 2),
            (evaluation, "STORIES", 2),
        ):  # fmt: skip
            patch.setattr(module, name, value)
        patch.setattr(atlas, "measure", partial(atlas.measure, seeds=1, twin=False))
        yield


def places_in(folder) -> Places:
    shutil.copy(TOKENIZER, folder)
    return Places(folder / "tokenizer.json", folder / "layouts", folder / "work")


@pytest.fixture
def places(tmp_path) -> Places:
    return places_in(tmp_path)


@pytest.fixture(scope="module")
def trained(few, tmp_path_factory) -> tuple[Places, dict]:
    """Where layout 4/2 was trained, and its card: once for all that read them."""
    places = places_in(tmp_path_factory.mktemp("trained"))
    train([tasks.embedding_task(RECIPE)], places)
    return places, train(tasks.layout_tasks(RECIPE, [(4, 2)]), places)


def train(chosen, places, recipe=RECIPE):
    """What each task left, by its name; its trainings and measurements in this process."""
    found = {}
    with ThreadPoolExecutor(1) as pool:
        text = open_text(recipe, places.tokenizer, places.work, pool)
        run.train(
            chosen, text, places, "cpu", 1, pool, lambda *_: None,
            lambda task, kept: found.update({task.name: kept}),
        )  # fmt: skip
    return found


def test_what_was_trained_is_loaded(trained):
    places, cards = trained
    assert available_layouts(places.out) == ((4, 2),)
    assert load_card(4, 2, places.out) == json.loads(json.dumps(cards["4x2"]))
    model = load.load_layout(4, 2, device="cpu", folder=places.out)
    assert (model.n_layers, model.config.d_model) == (2, 32)
    # The embedding is kept once, beside the layouts, and is the one that they were trained with.
    weights = load_file(places.out / "4x2.safetensors")
    assert "embedding.weight" not in weights
    shared = load_file(places.out / load.EMBEDDING)["embedding.weight"]
    assert torch.equal(model.decoder.embedding.weight, shared.float())
    # What the card says was measured on what is loaded.
    story, repeats = evaluation.losses(model.decoder, small.corpus(gate.HELD_OUT_SEED))
    card = cards["4x2"]
    assert (card["validation_loss"], card["repeat_loss"]) == (round(story, 4), round(repeats, 4))


def test_a_card_says_what_was_done_and_measured(trained):
    card = trained[1]["4x2"]
    assert (card["steps"], card["tokens"], card["device"]) == (2, 2 * 4 * 128, "cpu")
    assert "look one token back" in card["initialisation"]
    assert card["recipe"]["forming_share"] == RECIPE.forming_share
    for part in (card["heads"], card["roles"]):
        assert [len(layer) for layer in part] == [4, 4]
    for language, verbs in card["agreement"].items():
        best = verbs["best_head"]
        assert best["score"] == card["heads"][best["layer"]][best["head"]][f"agreement_{language}"]
    assert set(card["links"]["en"]) >= {"agreement", "sense", "resumed", "adjective"}
    assert {"value", "wanted", "n", "chance"} == set(card["gate"]["induction"])


def test_figures_alone_are_kept_of_seeds_and_wide_layouts(places, few):
    train([tasks.embedding_task(RECIPE)], places)
    chosen = tasks.sharing_tasks(RECIPE, [(8, 8)])[:1]
    found = train(chosen, places)
    assert available_layouts(places.out) == ()
    row = found["8x8-seed1"]
    assert (row["n_heads"], row["seed"]) == (8, 1)
    path = places.out / finish.SHARING
    finish.keep_figures([row], path)
    finish.keep_figures([row | {"validation_loss": 1.5}, row | {"seed": 2}], path)
    kept = json.loads(path.read_text("utf-8"))
    assert [(each["seed"], each["validation_loss"]) for each in kept] == [
        (1, 1.5), (2, row["validation_loss"])
    ]  # fmt: skip


def test_a_training_that_is_done_is_measured_again_without_a_step(trained, monkeypatch):
    places, first = trained
    monkeypatch.setattr(Trainer, "train_step", lambda *_: pytest.fail("trained again"))
    again = train(tasks.layout_tasks(RECIPE, [(4, 2)]), places)
    assert again == first


@pytest.mark.parametrize("text", TEXTS)
def test_forming_is_kept_at_every_snapshot(places, few, tmp_path, text):
    recipe = replace(RECIPE, text=text)
    task = replace(tasks.forming_tasks(recipe, [(8, 2)])[0], snapshots=(0, 1, 2))
    found = train([task], places, recipe)[f"8x2-{text}"]
    assert isinstance(found, Forming)
    save_forming([found], tmp_path / "forming.npz")
    (kept,) = load_forming(tmp_path / "forming.npz")
    assert (kept.text, kept.n_heads, kept.n_kv_heads) == (text, 8, 2)
    assert kept.steps.tolist() == [0, 1, 2]
    assert kept.tokens.tolist() == [0, 512, 1024]
    n_ids = small.vocab_size() if text == "words" else len(ALPHABET)
    assert kept.losses[0] == pytest.approx(np.log(n_ids), abs=0.3)
    named = {"previous", "induction"} | (
        {"agreement_en", "resumed_hi"} if text == "words" else set()
    )
    assert named <= set(kept.scores)
    assert all(score.shape == (3, 2, 8) for score in kept.scores.values())
    assert len(kept.sentences) == len(kept.tiles) == 3
    for sentence, tiles in zip(kept.sentences, kept.tiles, strict=True):
        assert (tiles.shape[:3], tiles.dtype) == ((3, 2, 8), np.uint8)
        assert tiles[:, :, :, 0, 0].min() == 255  # the first token sees itself alone
        assert text == "words" or tiles.shape[-1] == len(sentence)
    assert not (places.out / load.EMBEDDING).exists()  # it has one of its own


def test_the_text_is_made_once(places):
    with ThreadPoolExecutor(1) as pool:
        first = open_text(RECIPE, places.tokenizer, places.work, pool)
        (path,) = places.work.iterdir()
        made = path.stat().st_mtime_ns
        again = open_text(RECIPE, places.tokenizer, places.work, pool)
        assert path.stat().st_mtime_ns == made
        other = open_text(replace(RECIPE, steps=3), places.tokenizer, places.work, pool)
    assert np.array_equal(first, again)
    assert np.array_equal(first[1], small.text(RECIPE)[1].numpy())
    assert (first.shape, other.shape) == ((2, 4, 129), (3, 4, 129))


@pytest.mark.parametrize("steps", [0, 3])
def test_a_warm_up_leaves_no_trace(steps):
    warm, cold = small.trainer(), small.trainer()
    for some in (warm, cold):
        for _ in range(steps):
            some.train_step(small.text())
    before = copy.deepcopy(warm.state())
    for _ in range(2):
        warm.update(warm.rows_of(small.text()))
    go_back(warm, before)
    for some in (warm, cold):
        some.train_step(small.text())
    assert warm.step == cold.step == steps + 1
    for ours, theirs in zip(warm.decoder.parameters(), cold.decoder.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("n_beside", [1, 3])
def test_a_captured_step_is_a_plain_step(n_beside):
    recipe = replace(small.RECIPE, own_embedding=False)
    embedding = torch.randn(small.vocab_size(), recipe.d_model) * 0.02
    text = as_text(small.text(recipe).numpy(), "cuda")

    def some():
        return Trainer(small.task(recipe), small.vocab_size(), "cuda", embedding)

    plain = GpuTraining(some(), text, capture=False)
    captured = [GpuTraining(some(), text) for _ in range(n_beside)]
    assert all(training.is_captured for training in captured)
    for _ in range(20):
        for training in (plain, *captured):
            training.advance()
    for training in captured:
        assert training.wait() == pytest.approx(plain.wait(), rel=1e-3)


def test_a_trial_times_each_layout(places):
    with ThreadPoolExecutor(1) as pool:
        recipe = replace(RECIPE, d_model=64)  # 32 heads of two numbers each
        found = dict(trial(recipe, places.tokenizer, places.work, pool, "cpu"))
    assert list(found) == ["text", "8x2", "32x8", "1x1"]
    assert found["text"]["tokens"] == 2 * 4 * 128
    assert all(found[name]["tokens_a_second"] > 0 for name in ("8x2", "1x1"))
