"""Fewer KV heads in a language model, against transformers' own model of that many."""

import copy

import numpy as np
import pytest
import torch
import transformers

from attention.interventions import reference
from attention.interventions.sharing import Sharing
from attention.models.huggingface.checkpoint import load, wrap
from attention.models.huggingface.errors import CheckpointError
from attention.models.losses import losses
from tests.models import tiny
from tests.models.real import fetched

ROWS = torch.randint(10, 300, (3, 12), generator=torch.Generator().manual_seed(2))
KINDS = {
    "llama": ("LlamaForCausalLM", {}),
    "qwen2": ("Qwen2ForCausalLM", {}),  # with biases
    "qwen3": ("Qwen3ForCausalLM", {"head_dim": 12}),  # with norms of q and k
    "starcoder2": ("Starcoder2ForCausalLM", {"use_bias": True}),
    "gemma": ("GemmaForCausalLM", {"head_dim": 12}),
}


def make(kind, monkeypatch, **given):
    """A random model of 8 heads and 4 KV heads, as its owner has it."""
    cls, own = KINDS[kind]
    shape = tiny.GQA | {"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 6}
    monkeypatch.setitem(tiny.EVERY, "shared", (cls, shape | own | given))
    return tiny.make_model("shared")


def projections(model, layer):
    """(name, projection) of K and V."""
    attention = model.model.layers[layer].self_attn
    return (("k_proj", attention.k_proj), ("v_proj", attention.v_proj))


def rebuilt(own, kv_heads, one_of):
    """The same weights in a model that transformers builds for so many KV heads.

    Args:
        one_of: of ``[members, …]`` in numpy the one that stands for the group.
    """
    config = copy.deepcopy(own.config)
    config.num_key_value_heads = kv_heads
    model = type(own)(config).eval()
    state = {name: weight.numpy() for name, weight in own.state_dict().items()}
    for name in state:
        if "k_proj" in name or "v_proj" in name:
            old = state[name].reshape(kv_heads, 4 // kv_heads, -1, *state[name].shape[1:])
            state[name] = np.stack([one_of(group) for group in old]).reshape(
                -1, *state[name].shape[1:]
            )
    model.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    model.set_attn_implementation("eager")
    return model


def logits(model):
    with torch.inference_mode():
        return model(input_ids=ROWS).logits


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("by", ["mean", "first"])
def test_it_is_transformers_own_model_of_that_many_kv_heads(kind, kv_heads, by, monkeypatch):
    own = make(kind, monkeypatch)
    shared = wrap(own, tiny.make_tokenizer("bytes")).shared(Sharing(kv_heads=kv_heads, by=by))
    way = {"mean": lambda group: group.mean(0), "first": lambda group: group[0]}[by]
    expected = logits(rebuilt(own, kv_heads, way))
    torch.testing.assert_close(shared.logits(ROWS), expected, rtol=1e-5, atol=1e-5)
    assert {config.n_kv_heads for config in shared.configs} == {kv_heads}
    ids = ROWS[0].tolist()
    assert shared.measure_cache(ids) == shared.cache_formula(12)
    if kind == "llama":
        assert shared.cache_formula(12) == 2 * 3 * kv_heads * 6 * 4 * 12
    assert (shared.logits(ROWS) - logits(own)).abs().max() > 0.1 or kv_heads == 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("grouping", "twins"), [("contiguous", [(0, 1), (2, 3)]), ("similar", [(0, 2), (1, 3)])]
)
def test_the_mean_of_twins_changes_nothing(kind, grouping, twins, monkeypatch):
    own = make(kind, monkeypatch)
    with torch.no_grad():
        for layer in range(3):
            for _, projection in projections(own, layer):
                for weight in projection.parameters():
                    heads = weight.unflatten(0, (4, -1))
                    for first, second in twins:
                        heads[second] = heads[first]
    model = wrap(own, tiny.make_tokenizer("bytes"))
    shared = model.shared(Sharing(kv_heads=2, grouping=grouping))
    # Where heads moved, W_O sums them in another order: float32 rounds.
    rounding = 1e-6 if grouping == "contiguous" else 1e-5
    torch.testing.assert_close(shared.logits(ROWS), model.logits(ROWS), rtol=0, atol=rounding)
    assert {config.n_kv_heads for config in shared.configs} == {2}


def test_a_random_head_is_one_of_its_group(monkeypatch):
    own = make("llama", monkeypatch)
    model = wrap(own, tiny.make_tokenizer("bytes"))
    shared = model.shared(Sharing(kv_heads=2, by="random", seed=3))
    for layer in range(3):
        picked = []
        for name, projection in projections(own, layer):
            old = projection.weight.unflatten(0, (4, -1))
            new = dict(projections(shared.model, layer))[name].weight.unflatten(0, (2, -1))
            picked.append([[h for h in range(4) if torch.equal(old[h], each)] for each in new])
        assert picked[0] == picked[1]  # keys and values of one head
        (first,), (second,) = picked[0]
        assert first in (0, 1) and second in (2, 3)


@pytest.mark.parametrize("grouping", ["contiguous", "similar"])
def test_the_original_is_as_it_was_and_shares_its_memory(grouping, monkeypatch):
    own = make("qwen2", monkeypatch)
    weights = {name: weight.clone() for name, weight in own.state_dict().items()}
    model = wrap(own, tiny.make_tokenizer("bytes"))
    before = model.logits(ROWS)
    shared = model.shared(Sharing(kv_heads=2, grouping=grouping))
    assert torch.equal(model.logits(ROWS), before)
    assert {config.n_kv_heads for config in model.configs} == {4}
    assert own.config.num_key_value_heads == 4
    new = shared.model.state_dict()
    for name, weight in own.state_dict().items():
        assert torch.equal(weight, weights[name])
        may_be_new = ("k_proj", "v_proj") + (("q_proj", "o_proj") if grouping == "similar" else ())
        if not any(part in name for part in may_be_new):
            assert new[name].data_ptr() == weight.data_ptr(), name


def test_heads_can_be_off_in_it_and_its_title_says_what_it_is(monkeypatch):
    model = tiny.load_tiny("llama").shared(Sharing(kv_heads=1))
    assert model.title.endswith(" with n_kv_heads 1")
    assert losses(model, ROWS).shape == (3, 11)


@pytest.mark.parametrize("name", ["phi3", "gpt2", "gpt_neox", "gpt_bigcode", "opt", "deepseek_v3"])
def test_an_architecture_without_such_projections_is_refused(name):
    model = tiny.load_tiny(name)
    with pytest.raises(CheckpointError) as refused:
        model.shared(Sharing(kv_heads=1))
    assert str(refused.value) == (
        f"{model.architecture} has no K and V projections of the plain kind in each layer: its KV "
        "heads cannot be regrouped."
    )


@pytest.mark.parametrize("name", ["olmo2", "cohere"])
def test_a_norm_with_gains_of_each_kv_head_is_refused(name):
    model = tiny.load_tiny(name)
    with pytest.raises(CheckpointError) as refused:
        model.shared(Sharing(kv_heads=1))
    assert str(refused.value) == (
        f"{model.architecture} has model.layers.0.self_attn.k_norm.weight in the shape of its KV "
        "heads: they cannot be regrouped."
    )


def test_heads_with_sinks_of_their_own_do_not_move(monkeypatch):
    given = {"head_dim": 6, "num_local_experts": 2, "num_experts_per_tok": 2}
    monkeypatch.setitem(KINDS, "gpt_oss", ("GptOssForCausalLM", given))
    own = make("gpt_oss", monkeypatch)
    with torch.no_grad():
        for _, projection in projections(own, 0):
            heads = projection.weight.unflatten(0, (4, -1))
            heads[2] = heads[0]
    model = wrap(own, tiny.make_tokenizer("bytes"))
    assert model.shared(Sharing(kv_heads=2)).configs[0].n_kv_heads == 2
    with pytest.raises(CheckpointError) as refused:
        model.shared(Sharing(kv_heads=2, grouping="similar"))
    assert str(refused.value) == (
        "GptOssForCausalLM has more of each query head than W_Q and W_O, so that heads cannot "
        "move: choose contiguous groups."
    )


@pytest.mark.slow
def test_one_kv_head_costs_smollm2_much():
    fetched("smollm2")
    model = load("smollm2", device="cpu", dtype="float32")
    rows = torch.tensor([model.encode(reference.prose())[:128]])
    shared = model.shared(Sharing(kv_heads=1))
    before, after = losses(model, rows).mean(), losses(shared, rows).mean()
    assert 2 < before < 4.5
    assert 7 < after < 12
    assert transformers.LlamaForCausalLM is type(shared.model)
