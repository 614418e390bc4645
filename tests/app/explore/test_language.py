"""The language models that visitors share: one pass a text, few models in memory, what is told."""

import threading

import numpy as np
import pytest
import torch

from app.explore.language import MAX_MODELS, LanguageModels
from app.explore.offer import Known
from app.explore.telling import telling_heads
from app.jobs import Passes
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.model import LanguageModel
from attention.text.pieces import merge_weights
from tests.models.tiny import load_tiny

PROBE = "the cat sat on the mat, and the cat slept on the mat"
TEXT = "the cat sat"
HINDI = "कि 🙂"


def never(ahead: int) -> None:
    """Nobody leaves in these tests."""


class Loader:
    """Stands for checkpoint.load, and counts."""

    def __init__(self) -> None:
        self.loads: list[str] = []

    def __call__(self, name: str) -> LanguageModel:
        self.loads.append(name)
        if name == "bad":
            raise CheckpointError("'bad' is no folder on this machine.")
        return load_tiny(name)


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def models(loader: Loader) -> LanguageModels:
    return LanguageModels(Passes(10**8), Known(), PROBE, loader)


def looks_of(monkeypatch: pytest.MonkeyPatch, model: LanguageModel) -> list[tuple]:
    """Every pass of this model from now on."""
    seen, look = [], model.look

    def counted(ids, **given):
        seen.append(tuple(ids))
        return look(ids, **given)

    monkeypatch.setattr(model, "look", counted)
    return seen


def test_a_look_is_what_the_model_computes(models: LanguageModels) -> None:
    model = load_tiny("llama")
    reading = models.read("llama", TEXT, never)
    assert list(reading.ids) == model.encode(TEXT)
    look = models.look("llama", reading, 1, 3, False, never)
    trace = model.trace(reading.ids, layer=1)
    weights = trace.weights[0].numpy()
    assert np.allclose(look.chosen, weights[3], atol=1e-5)
    assert np.allclose(look.weights(1, 3), weights[3], atol=1e-5)
    assert np.allclose(look.layers[1].tiles, weights, atol=1e-5)
    assert look.cache.measured == look.cache.formula == model.measure_cache(reading.ids)
    assert look.cache.mha == 2 * look.cache.measured  # 4 heads, 2 KV heads
    assert look.cache.mqa == look.cache.measured // 2
    assert models.split_error("llama", look, 1, PROBE, never) < 1e-4
    assert [len(row) for row in look.values("spread")] == [4, 4, 4]
    row = models.row("llama", reading, 1, 2, never)
    assert torch.allclose(row.weights[0, :, 0], trace.weights[0, :, 2], atol=1e-5)


def test_another_head_and_layer_cost_no_other_pass(models: LanguageModels, monkeypatch) -> None:
    models.load("llama", never)
    seen = looks_of(monkeypatch, load_tiny("llama"))
    reading = models.read("llama", TEXT, never)
    looks = [
        models.look("llama", reading, layer, head, False, never)
        for layer in range(3)
        for head in range(4)
    ]
    assert len(seen) == 1
    assert not np.allclose(looks[0].weights(0, 0), looks[-1].weights(2, 3))


def test_thirty_visitors_of_one_text_and_thirty_of_their_own(
    models: LanguageModels, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.load("llama", never)
    seen = looks_of(monkeypatch, load_tiny("llama"))

    def visit(text: str) -> None:
        reading = models.read("llama", text, never)
        models.look("llama", reading, 0, 0, False, never)

    for texts, passes in (([TEXT] * 30, 1), ([f"{TEXT} {n}" for n in range(30)], 31)):
        visitors = [threading.Thread(target=visit, args=(text,)) for text in texts]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join(60)
        assert len(seen) == passes
    assert loader.loads == ["llama"]


def test_few_models_stay_and_the_one_asked_longest_ago_goes(
    models: LanguageModels, loader: Loader
) -> None:
    assert MAX_MODELS == 2
    for name in ("llama", "gpt2", "llama", "bert", "llama", "gpt2"):
        reading = models.read(name, TEXT, never)
        models.look(name, reading, 0, 0, False, never)
    assert loader.loads == ["llama", "gpt2", "bert", "gpt2"]
    assert set(models._loaded) == {"llama", "gpt2"}
    assert models.known.get("bert").title  # what is known of it stays


def test_merged_pieces_and_raw_ones(models: LanguageModels) -> None:
    reading = models.read("llama", HINDI, never)
    assert reading.units is not None
    assert reading.shown(raw=False)[-1] == "🙂"
    assert sum(reading.units.counts) == len(reading.tokens) == len(reading.ids)
    merged = models.look("llama", reading, 0, 1, False, never)
    raw = models.look("llama", reading, 0, 1, True, never)
    whole = raw.weights(0, 1)
    assert whole.shape == (len(reading.ids),) * 2
    assert np.allclose(merged.weights(0, 1), merge_weights(whole, reading.units), atol=1e-5)
    assert len(models.read("llama", "cat", never).shown(raw=False)) > 0
    assert models.read("llama", "the", never).units is None


def test_a_text_is_cut_to_what_the_model_takes(models: LanguageModels) -> None:
    model = load_tiny("llama")
    reading = models.read("llama", "the cat " * 500, never)
    assert len(reading.ids) == model.max_tokens == 256
    assert reading.cut and reading.total > 256
    assert ("the cat " * 500).startswith(reading.text)


def test_an_error_reaches_the_page_and_the_next_model_loads(models: LanguageModels) -> None:
    with pytest.raises(CheckpointError, match=r"^'bad' is no folder on this machine\.$"):
        models.load("bad", never)
    assert models.load("gpt2", never).n_layers == 3


def test_an_encoder_has_no_cache_and_no_next_token(models: LanguageModels) -> None:
    facts = models.load("bert", never)
    assert (facts.predicts, facts.causal) == (False, False)
    reading = models.read("bert", TEXT, never)
    assert models.look("bert", reading, 0, 0, False, never).cache is None


def test_fused_projections_have_no_check(models: LanguageModels) -> None:
    reading = models.read("gpt2", TEXT, never)
    look = models.look("gpt2", reading, 0, 0, False, never)
    assert models.split_error("gpt2", look, 0, PROBE, never) is None
    assert models.row("gpt2", reading, 0, 0, never).q_projected is None


def test_the_heads_that_are_shown_first_have_the_clearest_job(models: LanguageModels) -> None:
    facts = models.load("llama", never)
    model = load_tiny("llama")
    survey = model.look(model.encode(PROBE), layer=0, head=0)
    heads, layer = telling_heads(survey)
    assert (facts.telling, facts.default_layer) == (heads, layer)
    scores = [
        [max(s["induction"], s["previous"]) for s in survey.layers[n].scores]
        for n in range(len(heads))
    ]
    assert list(heads) == [row.index(max(row)) for row in scores]
