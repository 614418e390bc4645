"""Models that keep their attention to themselves and hand over the weights of it."""

import re

import numpy as np
import pytest
import torch

from attention.interventions.off import Off, OffError
from attention.interventions.sharing import Sharing
from attention.models.effect import foretell
from attention.models.generate import Generation
from attention.models.huggingface import given
from attention.models.huggingface.checkpoint import CheckpointError, load, wrap
from attention.models.huggingface.weights_only import WeightsOnly
from attention.models.limits import TextError
from attention.models.reading import read
from attention.notebook import trace
from attention.picture.page import page_html
from attention.scores import of_weights
from attention.words import load_words
from tests.models import tiny

IDS = list(range(50, 70))
PREDICTING = ["bloom", "mpt", "falcon", "falcon-alibi", "falcon-new", "gpt_neo", "xglm",
              "roformer-lm", "rembert-lm", "megatron-lm", "diffllama"]  # fmt: skip
NOTE = load_words("en")("sentence.weights_only")


def own(name, ids=IDS):
    """What transformers' own eager pass gives out."""
    model = tiny.make_model(name)
    if name == "big_bird":  # what it would do with so short a text, losing its weights on the way
        model.set_attention_type("original_full")
    for module in model.modules():
        if hasattr(module, "config"):  # Falcon refuses to be set, and reads this in each pass
            module.config._attn_implementation_internal = "eager"
    with torch.inference_mode():
        out = model(input_ids=torch.tensor([ids]), output_attentions=True)
    if name == "longformer":
        out["attentions"] = tuple(map(laid_out, out.attentions))
    return out


def laid_out(near):
    """Weights that Longformer gives out of two keys before, the token's own and two behind, by
    key."""
    n = near.shape[2]
    whole = torch.zeros(1, 4, n, n)
    for query in range(n):
        for step in range(5):
            if 0 <= query + step - 2 < n:
                whole[0, :, query, query + step - 2] = near[0, :, query, step]
    return whole


@pytest.mark.parametrize("name", ["bloom", "falcon"])
def test_weights_in_half_precision(name, tmp_path):
    """As on a GPU: numpy has no bfloat16."""
    folder = str(tiny.make(name, tmp_path / name))
    look = load(folder, device="cpu", dtype="bfloat16").look(IDS, layer=1, head=2)
    wide = load(folder, device="cpu").look(IDS, layer=1, head=2)
    assert look.chosen.dtype == np.float32
    assert 0 < np.abs(look.chosen - wide.chosen).max() < 0.05
    assert np.allclose(look.chosen.sum(-1), 1, atol=0.02)


@pytest.mark.parametrize("name", tiny.WEIGHTS_ONLY)
def test_weights_are_those_of_transformers_own_eager_pass(name):
    model, theirs = tiny.load_tiny(name), own(name)
    assert isinstance(model, WeightsOnly) and model.weights_only
    look = model.look(IDS, layer=1, head=2)
    for layer, weights in enumerate(theirs.attentions):
        assert torch.equal(look.kept[layer].every_weight(), weights[0])
        np.testing.assert_array_equal(look.layers[layer].tiles, weights[0])
        np.testing.assert_array_equal(look.weights(layer, 3), weights[0, 3])
        assert model.configs[layer].causal == (not weights.triu(1).any())
    np.testing.assert_array_equal(look.chosen, theirs.attentions[1][0, 2])
    scores = of_weights(theirs.attentions[0][0].numpy(), IDS, model.configs[0].causal)
    for ours, expected in zip(look.layers[0].scores, scores, strict=True):
        assert ours == pytest.approx(expected, abs=1e-5)
    assert model.predicts == (name in PREDICTING)


@pytest.mark.parametrize("name", PREDICTING)
def test_caches_and_generation_are_transformers_own(name):
    model, theirs = tiny.load_tiny(name), own(name)
    np.testing.assert_allclose(model.look(IDS).logits, theirs.logits[0, -1], atol=1e-5)
    assert model.measure_cache(IDS) == model.cache_formula(len(IDS)) > 0
    generation = Generation(model, IDS[:-1])
    cache = model.new_cache()
    model.next_logits(IDS[:-1], cache=cache)
    logits, rows = model.step(IDS[-1], cache)
    torch.testing.assert_close(logits, theirs.logits[0, -1], atol=1e-4, rtol=1e-4)
    for row, weights in zip(rows(), theirs.attentions, strict=True):
        np.testing.assert_allclose(row, weights[0, :, -1], atol=1e-5)
    assert generation.outlook() is not None
    losses = foretell(model, torch.tensor([IDS])).losses[0]
    expected = torch.nn.functional.cross_entropy(
        theirs.logits[0, :-1], torch.tensor(IDS[1:]), reduction="none"
    )
    torch.testing.assert_close(losses, expected, atol=1e-4, rtol=1e-4)


def test_kv_heads_are_those_that_the_cache_keeps():
    kept = {name: tiny.load_tiny(name).configs[0].n_kv_heads for name in PREDICTING}
    assert kept["falcon"] == 1 and kept["falcon-new"] in (2, 4) and kept["diffllama"] == 2
    assert kept["bloom"] == 4


@pytest.mark.parametrize(
    ("ask", "error", "told"),
    [
        (lambda m: m.trace(IDS, layer=0), TextError, "there are no steps to follow."),
        (lambda m: m.query(IDS, layer=0, token=1), TextError, "there are no steps to follow."),
        (
            lambda m: m.residual(IDS, token=1),
            TextError,
            "what a head adds to the next token is not known.",
        ),
        (lambda m: m.without(Off.parse("0.1")), OffError, "its heads cannot be switched off."),
        (
            lambda m: m.logits(torch.tensor([IDS]), gates=torch.ones(3, 4)),
            OffError,
            "its heads cannot be switched off.",
        ),
    ],
)
def test_what_needs_more_than_weights_gets_a_sentence(ask, error, told):
    begin = "bloom hands over its weights and nothing that they are made of: "
    with pytest.raises(error, match=f"^{re.escape(begin + told)}$"):
        ask(wrap(tiny.make_model("bloom"), tiny.make_tokenizer("bytes"), title="bloom"))


def test_nothing_is_known_of_its_matrices():
    model = tiny.load_tiny("bloom")
    look = model.look(IDS)
    assert model.w_q(0) is model.w_v(0) is model.w_o(0) is None
    assert look.kept[0].joined([3], None) == [] and look.kept[0].written(None, None) is None
    assert look.nbytes > 3 * 4 * 20 * 20 * 4
    told = "BloomForCausalLM has no K and V projections of the plain kind in each layer: its KV"
    with pytest.raises(CheckpointError, match=told):
        model.shared(Sharing(kv_heads=1))


def test_a_long_text_is_cut_where_all_weights_would_take_too_much(monkeypatch):
    assert given.longest(tiny.load_tiny("bloom").configs) == 512
    monkeypatch.setattr(given, "MOST_BYTES", 4 * 12 * 30 * 30)
    model = wrap(tiny.make_model("bloom"), tiny.make_tokenizer("bytes"), title="bloom")
    reading = read(model, "the cat sat on the mat " * 20)
    assert (len(reading.ids), reading.cut) == (30, True)
    with pytest.raises(TextError, match=r"^The text has 31 tokens, and bloom takes 30: cut it\.$"):
        model.look(range(50, 81))


@pytest.mark.parametrize("name", ["falcon", "deberta", "xglm"])
def test_a_model_in_memory_is_given_back_as_it_was(name):
    theirs = tiny.make_model(name)
    found = theirs.config._attn_implementation
    model = wrap(theirs.train(), tiny.make_tokenizer("bytes"))
    assert torch.equal(model.look(IDS).kept[2].every_weight(), own(name).attentions[2][0])
    assert theirs.training and theirs.config._attn_implementation == found


def test_weights_that_are_not_those_it_works_with_are_refused(monkeypatch):
    # As Falcon would do, were it left with the attention that it comes with.
    monkeypatch.setattr(given, "eagerly", lambda model: torch.inference_mode())
    told = "FalconForCausalLM gives other results when it hands over its weights (they differ by"
    with pytest.raises(CheckpointError, match=re.escape(told)):
        wrap(tiny.make_model("falcon"), tiny.make_tokenizer("bytes"))


def test_numbers_that_are_no_weights_are_refused(tmp_path):
    told = "^SqueezeBertModel gives out numbers that are no weights: in layer 0 a row adds up to"
    with pytest.raises(CheckpointError, match=told):
        load(str(tiny.make("squeezebert", tmp_path)), device="cpu")


@pytest.mark.parametrize("name", ["falcon", "mpnet"])
def test_page_and_notebook_say_so(name):
    model = tiny.load_tiny(name)
    assert NOTE in page_html(model, tiny.TEXTS[0])
    assert load_words("hi")("sentence.weights_only") in page_html(model, "नमस्ते", lang="hi")
    shown = trace(tiny.TEXTS[0], model=model, layer=2, head=1)
    assert NOTE in shown._page


@pytest.mark.parametrize("name", ["bloom", "deberta-v2"])
def test_every_head_gets_a_role(name):
    roles = tiny.load_tiny(name).roles()
    assert [len(layer) for layer in roles] == [4, 4, 4]
