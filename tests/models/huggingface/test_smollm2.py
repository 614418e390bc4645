"""SmolLM2 and MiniLM as they are: what is known of them, found with our attention."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM

from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.checkpoint import load
from attention.scores import strongest
from attention.text.pieces import merge
from tests.models.real import fetched

TEXT = "The keys near the old cabinet are lost, and the keys near the door are"
HINDI = "नमस्ते दुनिया, यह हिन्दी है।"


@pytest.fixture(scope="module")
def smollm2():
    fetched("smollm2")
    return load("smollm2", device="cpu")


@pytest.fixture(scope="module")
def minilm():
    fetched("minilm")
    return load("minilm", device="cpu")


@pytest.fixture(scope="module")
def repeated(smollm2):
    """40 random tokens, twice: nothing in them helps but what came before (Olsson et al. 2022)."""
    once = np.random.default_rng(0).integers(1000, 40_000, 40).tolist()
    return smollm2.look(once + once, layer=18, head=6)


def own(kind, name, ids):
    model = kind.from_pretrained(fetched(name), attn_implementation="eager", dtype=torch.float32)
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids]), output_attentions=True)


def test_smollm2_is_the_model_that_its_card_describes(smollm2):
    assert (smollm2.title, smollm2.architecture) == ("SmolLM2-135M-Instruct", "LlamaForCausalLM")
    assert (smollm2.n_layers, smollm2.d_model, smollm2.max_tokens) == (30, 576, 8192)
    for config in smollm2.configs:
        assert (config.n_heads, config.n_kv_heads, config.head_dim) == (9, 3, 64)
    assert smollm2.causal and smollm2.predicts and smollm2.number_format == "float32"


def test_every_weight_and_the_prediction_are_the_models_own(smollm2):
    ids = smollm2.encode(TEXT)
    theirs = own(AutoModelForCausalLM, "smollm2", ids)
    survey = smollm2.look(ids, layer=16, head=0)
    for layer, seen in enumerate(survey.layers):
        np.testing.assert_allclose(seen.tiles, theirs.attentions[layer][0], atol=2e-4)
    np.testing.assert_allclose(survey.logits, theirs.logits[0, -1], rtol=1e-3, atol=2e-3)


def test_a_head_of_layer_16_looks_one_token_back(smollm2, repeated):
    assert strongest(repeated.layers[16].scores[0])[0] == "previous"
    assert repeated.layers[16].scores[0]["previous"] > 0.8
    # And in plain English: it is the strongest such head of the model.
    survey = smollm2.look(smollm2.encode(TEXT), layer=0, head=0)
    found = np.array([[head["previous"] for head in layer.scores] for layer in survey.layers])
    assert np.unravel_index(found.argmax(), found.shape) in [(16, 0), (11, 1)]
    assert found[16, 0] > 0.7


def test_a_head_of_layer_18_is_an_induction_head(repeated):
    found = np.array([[head["induction"] for head in layer.scores] for layer in repeated.layers])
    assert np.unravel_index(found.argmax(), found.shape) == (18, 6)
    assert found[18, 6] > 0.8
    # In the second copy, the weight is on the token after the earlier occurrence, 39 back.
    second = np.arange(40, 80)
    assert repeated.chosen[second, second - 39].mean() > 0.8


def test_the_repeated_token_is_predicted(smollm2, repeated):
    once = np.random.default_rng(0).integers(1000, 40_000, 40).tolist()
    top = smollm2.top(smollm2.look(once + once[:20], layer=0, head=0), 1)[0]
    assert top.id == once[20] and top.probability > 0.1  # by chance 0.00002


def test_it_knows_the_capital_of_france(smollm2):
    assert smollm2.top(smollm2.encode("The capital of France is"), 1)[0].text == "Paris"


@pytest.mark.parametrize("seq_len", [1, 17, 100])
def test_cache_bytes_are_those_of_transformers_own_cache(smollm2, seq_len):
    ids = [1000 + n for n in range(seq_len)]
    out = smollm2.model(input_ids=torch.tensor([ids]), use_cache=True)
    held = cache_nbytes(out.cache)
    assert held == 2 * 30 * 3 * 64 * seq_len * 4
    assert held == smollm2.measure_cache(ids) == smollm2.cache_formula(seq_len)
    assert held == smollm2.look(ids, layer=0, head=0).cache.measured


def test_hindi_is_readable(smollm2):
    ids = smollm2.encode(HINDI)
    texts, parts = smollm2.token_texts(ids), smollm2.token_bytes(ids)
    assert b"".join(parts).decode() == HINDI == smollm2.decode(ids)
    assert not any("\ufffd" in text or "à" in text or "Ġ" in text for text in texts)
    units = merge(parts, texts)
    assert len(units) < len(ids)
    assert "".join(units.texts) == HINDI.replace(" ", "")
    survey = smollm2.look(ids, layer=16, head=0, units=units)
    np.testing.assert_allclose(survey.chosen.sum(-1), 1, atol=1e-4)


def test_special_tokens_are_shown_as_they_are(smollm2):
    ids = smollm2.encode("<|im_start|>user\nHello<|im_end|>")
    assert smollm2.token_texts(ids) == ["<|im_start|>", "user", "⏎", "Hello", "<|im_end|>"]


def test_splitting_w_q_is_splitting_its_product(smollm2):
    trace = smollm2.trace(smollm2.encode(TEXT), layer=16)
    assert smollm2.split_error(trace, layer=16) < 1e-3


def test_minilm_is_an_encoder_and_sees_both_ways(minilm):
    assert (minilm.architecture, minilm.n_layers, minilm.d_model) == ("BertModel", 6, 384)
    assert (minilm.causal, minilm.predicts, minilm.max_tokens) == (False, False, 512)
    assert {(c.n_heads, c.n_kv_heads, c.head_dim) for c in minilm.configs} == {(12, 12, 32)}
    ids = minilm.encode("The keys near the old cabinet are lost.")
    assert minilm.token_texts(ids)[:3] == ["[CLS]", "the", "keys"]
    theirs = own(AutoModel, "minilm", ids)
    survey = minilm.look(ids, layer=0, head=0)
    for layer, seen in enumerate(survey.layers):
        np.testing.assert_allclose(seen.tiles, theirs.attentions[layer][0], atol=2e-5)
        assert np.triu(seen.tiles, 1).max() > 0.1
