import numpy as np
import pytest
import torch

from attention import functional
from attention.kv_cache import KVCache
from attention.models.layouts.load import load_layout
from attention.models.limits import TextError
from attention.scores import of_weights
from attention.text import pieces
from attention.text.tokens import BYTE_OF_SIGN
from attention.trace import query_row
from tests.models.layouts.passes import whole_pass

FIELDS = (
    *("x", "q_projected", "k_projected", "v_projected", "q", "k", "v"),
    *("scores", "weights", "context", "merged", "output"),
)


@pytest.fixture(scope="module")
def model():
    return load_layout(8, 2, device="cpu")


def test_text_comes_back(model):
    text = "नमस्ते 🙂 the keys\n"
    assert model.decode(model.encode(text)) == text
    assert len(model.token_texts(model.encode(text))) == len(model.encode(text))


def test_the_trace_has_every_layer(model):
    ids = model.encode("The keys are lost.")
    trace = whole_pass(model, ids)
    assert len(trace.layers) == model.n_layers
    assert trace.layers[0].weights.shape == (1, 8, len(ids), len(ids))
    assert model.decoder.logits(trace.hidden).shape == (1, len(ids), model.card["vocab_size"])


def test_the_real_cache_holds_what_the_formula_says(model):
    ids = model.encode("The keys near the old cabinet are lost.")
    formula = 2 * model.n_layers * 2 * model.config.head_dim * len(ids) * 4
    assert model.measure_cache(ids) == formula


@pytest.fixture
def sentence(model):
    ids = model.encode("The keys 🙂 near the old cabinet are lost and the keys ")
    return ids[:-1] * 9  # 160 tokens and more: tiles are pooled


@pytest.mark.parametrize("layout", [(8, 2), (8, 8), (8, 1), (1, 1)])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("layer", [0, 2])
def test_a_survey_is_what_the_trace_shows(layout, causal, layer, sentence):
    # In float64, for in float32 a look and a trace sum a layer's attention in another order, and
    # from layer 1 on the inputs differ by up to 8e-5, the weights by 4e-5 (8/8, causal). A look
    # weighs in float32 in any case, where scores of 150 are right to 1e-5.
    model = load_layout(*layout, device="cpu")
    model.decoder.double()
    cache, head = KVCache(model.n_layers), layout[0] - 1
    trace = whole_pass(model, sentence, causal=causal, cache=cache).layers[layer]
    weights = trace.weights[0].numpy()
    survey = model.look(sentence, causal=causal, layer=layer, head=head, pairs=[(9, 2)])
    np.testing.assert_allclose(survey.chosen, weights[head], atol=2e-5)
    np.testing.assert_allclose(survey.weights(layer, 0), weights[0], atol=2e-5)
    for ours, theirs in zip(
        survey.layers[layer].scores, of_weights(weights, sentence, causal, [(9, 2)]), strict=True
    ):
        assert ours == pytest.approx(theirs, abs=5e-6)
    assert survey.layers[layer].pool == -(-len(sentence) // 128)
    assert survey.configs[layer] == trace.config
    assert survey.layers[layer].tiles.max() == pytest.approx(weights.max(), abs=2e-5)
    one = model.query(sentence, layer=layer, token=77, causal=causal)
    for name in FIELDS:
        expected = getattr(query_row(trace, 77), name)
        torch.testing.assert_close(getattr(one, name), expected, rtol=1e-9, atol=1e-9)
    joined = survey.kept[layer].joined([77], model.w_o(layer))[0]
    np.testing.assert_allclose(joined.contexts, one.context[0, :, 0].numpy(), atol=5e-5)
    np.testing.assert_allclose(joined.output, one.output[0, 0].numpy(), atol=5e-5)
    assert survey.kept[layer].joined([77], None) == []
    again = model.trace(sentence, layer=layer, causal=causal)
    for name in FIELDS:
        expected = getattr(trace, name)
        torch.testing.assert_close(getattr(again, name), expected, rtol=1e-9, atol=1e-9)
    if causal:
        assert survey.cache.measured == survey.cache.formula == cache.nbytes
    else:  # a token changes with each that follows: nothing of it can be kept
        assert survey.cache is None


def test_a_survey_merges_the_pieces_of_a_character(model, sentence):
    signs = [model.tokenizer.id_to_token(i) for i in sentence]
    units = pieces.merge([bytes(BYTE_OF_SIGN[s] for s in sign) for sign in signs])
    assert units.texts.count("🙂") == 9
    survey = model.look(sentence, layer=1, head=3, units=units)
    whole = model.trace(sentence, layer=1).weights[0].numpy()
    expected = pieces.merge_weights(whole, units)
    np.testing.assert_allclose(survey.chosen, expected[3], atol=1e-5)
    np.testing.assert_allclose(survey.weights(1, 0), expected[0], atol=1e-5)


def test_a_layer_that_is_not_shown_keeps_no_weights(model, monkeypatch):
    def refuse(*_):
        raise AssertionError("all weights at once")

    for name in ("attend", "weigh", "scores"):
        monkeypatch.setattr(functional, name, refuse)
    ids = model.encode("The keys are lost.")
    assert model.look(ids, layer=0, head=0).chosen.shape == (len(ids), len(ids))


@pytest.mark.parametrize("layer", [-1, 3])
def test_a_survey_of_a_layer_that_is_not_there_is_refused(model, layer):
    with pytest.raises(TextError) as refused:
        model.look([1, 2], layer=layer, head=0)
    assert str(refused.value) == f"layer {layer} does not exist: choose 0 to 2."
