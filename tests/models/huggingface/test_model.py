"""A language model as something that can be asked."""

import re
import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from attention.models.huggingface import surveys
from attention.models.huggingface.model import cache_nbytes
from attention.models.limits import Cancelled, TextError
from attention.scores import of_weights
from attention.text.pieces import merge, merge_weights
from tests.models import tiny

IDS = torch.randint(10, 300, (20,), generator=torch.Generator().manual_seed(1)).tolist()
KINDS = ("bytes", "sentencepiece", "wordpiece")


@pytest.fixture
def model():
    return tiny.load_tiny("llama")


def own_logits(name, ids):
    with torch.inference_mode():
        return tiny.eager(name)(input_ids=torch.tensor([ids])).logits[0, -1]


def test_text_to_tokens_and_back(model):
    text = "The keys, हिन्दी 🙂 and\n more."
    ids = model.encode(text)
    assert model.decode(ids) == text
    assert b"".join(model.token_bytes(ids)).decode() == text
    assert len(model.token_texts(ids)) == len(ids)


def test_special_tokens_are_those_that_the_tokenizer_adds():
    model = tiny.load_tiny("bert", "wordpiece")
    ids = model.encode("the cat")
    assert model.token_texts(ids) == ["[CLS]", "the", "cat", "[SEP]"]
    assert model.token_bytes(ids) == [b"", b"the", b" cat", b""]


def test_lone_surrogates_are_no_text(model):
    assert model.encode("a\ud800b") == model.encode("a?b")


@pytest.mark.parametrize("name", tiny.DECODERS)
def test_top_predictions_are_those_of_the_models_own_pass(name):
    model = tiny.load_tiny(name)
    expected = own_logits(name, IDS).softmax(-1)
    values, ids = expected.topk(5)
    survey = model.look(IDS, layer=0, head=0)
    for top in (model.top(IDS, 5), model.top(survey, 5), survey.predictions[:5]):
        assert [p.id for p in top] == ids.tolist()
        np.testing.assert_allclose([p.probability for p in top], values, rtol=1e-4)
        assert [p.text for p in top] == [model.token_texts([i])[0] for i in ids.tolist()]


def test_an_encoder_predicts_nothing_and_has_no_cache():
    model = tiny.load_tiny("bert")
    survey = model.look(IDS, layer=0, head=0)
    assert survey.predictions is survey.logits is survey.cache is None
    assert model.top(survey) is model.top(IDS) is model.run(IDS) is None
    assert model.measure_cache(IDS) == model.cache_formula(20) == 0


@pytest.mark.parametrize("name", tiny.DECODERS)
@pytest.mark.parametrize("seq_len", [1, 3, 20])
def test_cache_bytes_are_those_of_transformers_own_cache(name, seq_len):
    model = tiny.load_tiny(name)
    with torch.inference_mode():
        theirs = tiny.eager(name).generate(
            torch.tensor([IDS[:seq_len]]),
            max_new_tokens=1,
            min_new_tokens=1,
            do_sample=False,
            return_dict_in_generate=True,
            pad_token_id=0,
        )
    held = cache_nbytes(getattr(theirs, "cache", None) or theirs.past_key_values)
    assert held == model.measure_cache(IDS[:seq_len]) == model.cache_formula(seq_len)
    assert model.look(IDS[:seq_len], layer=0, head=0).cache.measured == held


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("llama", 4 * 3 * 2 * 2 * 12 * 20),
        ("llama-mqa", 4 * 3 * 2 * 1 * 16 * 20),
        ("gpt2", 4 * 3 * 2 * 4 * 12 * 20),
        ("mistral", 4 * 3 * 2 * 2 * 12 * 5),  # a window of 6 keeps 5
        ("gemma3", 4 * 2 * 2 * 16 * (5 + 20 + 5)),
        ("deepseek_v3", 4 * 3 * (16 + 8) * 20),  # one latent vector and one rotated key for all
    ],
)
def test_the_formula_by_hand(name, formula):
    assert tiny.load_tiny(name).cache_formula(20) == formula


def test_windows_are_those_of_each_layer():
    assert tiny.load_tiny("gemma2").windows == (6, None, 6)
    assert tiny.load_tiny("llama").windows == tiny.load_tiny("bert").windows == (None,) * 3


@pytest.mark.parametrize("name", [*tiny.DECODERS, *tiny.ENCODERS])
def test_the_intermediates_of_a_trace_follow_from_one_another(name):
    model = tiny.load_tiny(name)
    for layer, part in enumerate(model.parts):
        trace = model.trace(IDS, layer=layer)
        config = model.configs[layer]
        assert trace.config == config
        assert trace.q.shape == (1, config.n_heads, 20, config.head_dim)
        assert trace.k.shape == (1, config.n_kv_heads, 20, config.head_dim)
        assert trace.scores.shape == trace.weights.shape == (1, config.n_heads, 20, 20)
        assert trace.x.shape[:2] == trace.output.shape[:2] == (1, 20)
        v = trace.v.repeat_interleave(config.group_size, dim=1)
        torch.testing.assert_close(trace.context, trace.weights @ v)
        torch.testing.assert_close(trace.merged, trace.context.transpose(1, 2).flatten(2))
        torch.testing.assert_close(trace.output, part.w_o(trace.merged))
        if trace.q_projected is not None:
            torch.testing.assert_close(trace.q_projected, part.w_q(trace.x))
            torch.testing.assert_close(trace.k_projected, part.w_k(trace.x))
            torch.testing.assert_close(trace.v_projected, part.w_v(trace.x))


def test_a_traced_layer_stands_in_the_whole_model(model):
    with torch.inference_mode():
        theirs = tiny.eager("llama").model(torch.tensor([IDS]), output_hidden_states=True)
    for layer in range(3):
        block = tiny.eager("llama").model.layers[layer]
        with torch.inference_mode():
            x = block.input_layernorm(theirs.hidden_states[layer])
            q = block.self_attn.q_proj(x)
        trace = model.trace(IDS, layer=layer)
        torch.testing.assert_close(trace.x, x, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(trace.q_projected, q, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["llama", "olmo", "albert", "bert", "opt"])
def test_each_heads_rows_of_w_q_give_its_cut_of_the_product(name):
    model = tiny.load_tiny(name)
    trace = model.trace(IDS, layer=1)
    assert model.split_error(trace, layer=1) < 1e-5
    assert name == "albert" or model.split_error(trace, layer=2) > 0.1  # another layer's W_Q


@pytest.mark.parametrize("name", ["llama", "gemma2", "gpt_oss", "bert", "gpt2"])
@pytest.mark.parametrize("token", [0, 5])
def test_the_joined_heads_are_what_the_trace_shows(name, token):
    model = tiny.load_tiny(name)
    kept = model.look(IDS, layer=1).kept[1]
    joined, one = kept.joined([0, token], model.w_o(1))[1], model.query(IDS, layer=1, token=token)
    np.testing.assert_allclose(joined.contexts, one.context[0, :, 0].numpy(), atol=1e-5)
    np.testing.assert_allclose(joined.output, one.output[0, 0].numpy(), atol=1e-5)


@pytest.mark.parametrize("name", ["phi3", "gpt2", "deepseek_v3"])
def test_no_split_error_where_w_q_is_no_matrix_alone(name):
    trace = tiny.load_tiny(name).trace(IDS, layer=1)
    assert trace.q_projected is None
    assert tiny.load_tiny(name).split_error(trace, layer=1) is None


@pytest.mark.parametrize("name", ["llama", "gemma2", "gpt_oss", "bert", "llama4"])
def test_a_survey_is_what_the_traces_show(name):
    model = tiny.load_tiny(name)
    survey = model.look(IDS, layer=2, head=3)
    assert (survey.layer, survey.head, survey.chosen_pool) == (2, 3, 1)
    assert len(survey.layers) == 3 and survey.seconds > 0
    for layer, seen in enumerate(survey.layers):
        weights = model.trace(IDS, layer=layer).weights[0].numpy()
        np.testing.assert_allclose(seen.tiles, weights, atol=1e-5)
        for ours, theirs in zip(seen.scores, of_weights(weights, IDS, model.causal), strict=True):
            assert ours["previous"] == pytest.approx(theirs["previous"], abs=1e-4)
            assert ours["spread"] == pytest.approx(theirs["spread"], abs=1e-3)
    np.testing.assert_allclose(survey.chosen, model.trace(IDS, layer=2).weights[0, 3], atol=1e-5)


@pytest.mark.parametrize("name", ["gemma2", "gpt_oss", "mistral"])
def test_tokens_of_one_character_are_merged_on_the_way(name):
    model = tiny.load_tiny(name)
    ids = model.encode("the हिन्दी cat 🙂 sat")
    units = merge(model.token_bytes(ids))
    assert units.merged
    survey = model.look(ids, layer=1, head=2, units=units)
    for layer in range(3):
        weights = merge_weights(model.trace(ids, layer=layer).weights[0].numpy(), units)
        np.testing.assert_allclose(survey.layers[layer].tiles, weights, atol=1e-5)
        np.testing.assert_allclose(survey.weights(layer, 1), weights[1], atol=1e-5)
    assert survey.chosen.shape == (len(units), len(units))


def test_a_long_text_is_pooled_and_only_the_chosen_head_kept(model, monkeypatch):
    monkeypatch.setattr(surveys, "KEPT_TOKENS", 100)
    ids = [10 + i % 250 for i in range(200)]
    survey = model.look(ids, layer=1, head=2)
    exact = model.trace(ids, layer=1).weights[0].numpy()
    assert survey.weights(1, 2) is None
    np.testing.assert_allclose(survey.chosen, exact[2], atol=1e-5)
    assert survey.layers[1].pool == 2
    pooled = exact.reshape(4, 100, 2, 100, 2).max((2, 4))
    np.testing.assert_allclose(survey.layers[1].tiles, pooled, atol=1e-5)


def test_beyond_its_limits_the_chosen_head_is_pooled_and_the_cache_not_measured(model, monkeypatch):
    monkeypatch.setattr(surveys, "CHOSEN_SIDE", 50)
    monkeypatch.setattr("attention.models.huggingface.model.MEASURED_TOKENS", 100)
    ids = [10 + i % 250 for i in range(200)]
    survey = model.look(ids, layer=1, head=2)
    exact = model.trace(ids, layer=1).weights[0, 2].numpy()
    assert survey.chosen_pool == 4 and survey.cache.measured is None
    np.testing.assert_allclose(survey.chosen, exact.reshape(50, 4, 50, 4).max((1, 3)), atol=1e-5)


def test_a_survey_knows_the_bytes_that_it_holds(model):
    survey = model.look(IDS, layer=0, head=0)
    numbers = 3 * 4 * 20 * 20 + 20 * 20 + tiny.VOCAB + 3 * (4 + 2 + 2) * 20 * 12
    assert survey.nbytes == 4 * numbers


def test_a_pass_ends_between_layers_when_nobody_waits(model):
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(Cancelled):
        model.look(IDS, layer=0, head=0, cancelled=cancelled)
    assert len(asked) == 2
    assert model.look(IDS, layer=0, head=0).layers  # and the model is as before


def test_threads_share_a_model_and_each_gets_its_own(model):
    texts = [IDS[n:] + IDS[:n] for n in range(6)]
    alone = [(model.run(t), model.trace(t, layer=1).weights) for t in texts]
    found = [None] * 6

    def work(n):
        for _ in range(4):
            survey = model.look(texts[n], layer=1, head=0)
            trace = model.trace(texts[n], layer=1)
            found[n] = (survey.logits, trace.weights, survey.chosen)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for (logits, weights), (their_logits, their_weights, chosen) in zip(alone, found, strict=True):
        np.testing.assert_allclose(their_logits, logits, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(their_weights, weights)
        np.testing.assert_allclose(chosen, weights[0, 0], atol=1e-5)


@given(
    ids=st.lists(st.integers(0, tiny.VOCAB - 1), min_size=1, max_size=12),
    name=st.sampled_from(["llama", "gemma2", "mistral", "gpt2", "bert"]),
)
def test_rows_sum_to_one_and_no_later_key_is_seen(ids, name):
    model = tiny.load_tiny(name)
    weights = model.trace(ids, layer=1).weights[0]
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, len(ids)))
    assert not model.causal or not weights.triu(1).any()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda m: m.run([]), "The text has no tokens: give at least one character."),
        (lambda m: m.run([50] * 257), "The text has 257 tokens, and {} takes 256: cut it."),
        (lambda m: m.look([50] * 257, layer=0, head=0), "The text has 257 tokens, and {} takes"),
        (lambda m: m.trace(IDS, layer=3), "layer 3 does not exist: choose 0 to 2."),
        (lambda m: m.trace(IDS, layer=-1), "layer -1 does not exist: choose 0 to 2."),
        (lambda m: m.look(IDS, layer=0, head=4), "head 4 does not exist: choose 0 to 3."),
    ],
)
def test_what_a_model_cannot_take(model, call, told):
    with pytest.raises(TextError, match="^" + re.escape(told.format(model.title))):
        call(model)


def test_a_cache_and_new_tokens_together_keep_to_the_limit(model):
    cache = model.new_cache()
    model.run([50] * 250, cache=cache)
    with pytest.raises(TextError, match="The text has 257 tokens"):
        model.run([50] * 7, cache=cache)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("llama", 256), ("gpt2", 256), ("opt", 256), ("roberta", 254), ("bert", 256)],
)
def test_the_longest_text_runs_and_one_more_is_refused(name, limit):
    model = tiny.load_tiny(name)
    assert model.max_tokens == limit
    model.trace([50] * limit, layer=0)
    with pytest.raises(TextError):
        model.trace([50] * (limit + 1), layer=0)


def test_logits_are_of_the_last_token_alone(model):
    seen = []
    hook = model.model.lm_head.register_forward_hook(lambda m, args, out: seen.append(out.shape))
    model.run(IDS)
    hook.remove()
    assert seen == [(1, 1, tiny.VOCAB)]


def test_without_a_cache_none_is_kept(model):
    held = F.softmax(model.run(IDS), -1)
    cache = model.new_cache()
    torch.testing.assert_close(F.softmax(model.run(IDS, cache=cache), -1), held)
    assert cache.get_seq_length() == 20
