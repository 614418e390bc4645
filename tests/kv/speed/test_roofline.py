"""The limit of speed: published sums, operations that torch counts, and what must hold of it."""

import math
import re
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

from attention.kv.engines import logical
from attention.kv.experts import Experts
from attention.kv.fit.division import Division
from attention.kv.fit.gpus import Gpu, find_gpu
from attention.kv.fit.largest import Heads
from attention.kv.fit.weights import weights_of
from attention.kv.layer import LayerKind
from attention.kv.read.catalog import find_model, list_models
from attention.kv.read.config_json import from_config
from attention.kv.shape import uniform
from attention.kv.speed import step
from attention.kv.speed.roofline import READY, attention_points, ready, speed_limit
from attention.kv.workload import Workload
from attention.words import load_words
from tests.kv.layers import delta_net, full, latent, model, window
from tests.sample import sample

H100 = find_gpu("H100 SXM")
LLAMA = find_model("Llama-3.1-8B")
# TPU v5e as "How to Scale Your Model" (Austin et al. 2025), part 7, has it.
V5E = Gpu(
    name="TPU v5e",
    advertised_bytes=16 * 10**9,
    bandwidth_bytes_per_s=810 * 10**9,
    flops_16bit=197 * 10**12,
)


def compressed():
    return full(kind=LayerKind.COMPRESSED, window=7, compress=4)


def chunk(tokens):
    return full(kind=LayerKind.CHUNK, window=tokens)


LAYERS = (full(), window(9), chunk(9), compressed(), latent())


# Its pop quiz: 30 billion int8 parameters, 100 kB of cache a token, 8192 tokens, 16 chips.
def quiz(batch):
    # 2 · 25 layers · 2000 numbers of one byte: 100 kB. A head for each chip.
    shape = uniform(n_layers=25, n_heads=16, n_kv_heads=16, head_dim=125)
    shape = shape.with_(parameters=30 * 10**9)
    workload = Workload(context=8192, batch=batch, k_format="int8")
    return speed_limit(
        shape, workload, V5E, division=Division(tp=16), weights=weights_of(shape, "int8")
    )


def test_a_published_step_of_4_sequences_is_the_same():
    bound = quiz(4)
    assert bound.seconds * 1000 == pytest.approx(2.5, abs=0.1)
    assert bound.binds == "memory"


def test_a_published_estimate_of_256_sequences_is_above_the_limit():
    assert 15 < quiz(256).seconds * 1000 < 21  # theirs adds what a limit lets overlap


def test_a_dense_model_computes_from_the_ridge_on():
    """Part 7 again: a batch of 240 on TPU v5e at 16 bits, of 120 with 8-bit weights."""
    gpu = replace(V5E, bandwidth_bytes_per_s=820 * 10**9)
    shape = uniform(n_layers=1, n_heads=1, n_kv_heads=1, head_dim=1).with_(parameters=10**10)

    def binds(batch, weight_format):
        weights = weights_of(shape, weight_format)
        return speed_limit(shape, Workload(context=1, batch=batch), gpu, weights=weights).binds

    assert [binds(batch, "bf16") for batch in (240, 241)] == ["memory", "compute"]
    assert [binds(batch, "int8") for batch in (120, 121)] == ["memory", "compute"]


def test_3_tb_of_cache_in_a_published_sum():
    """Pope et al. 2022, arXiv 2211.05102: 500B+, MHA, batch 512, 2048 tokens: 3 TB."""
    palm = uniform(n_layers=118, n_heads=48, n_kv_heads=48, head_dim=128).with_(parameters=10**9)
    bound = speed_limit(palm, Workload(context=2048, batch=512), H100)
    assert bound.cache_bytes / 1e12 == pytest.approx(3.0, abs=0.05)


def test_operations_of_a_step_are_those_that_torch_counts():
    config = LlamaConfig(
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=50,
        attn_implementation="eager",
    )
    network = LlamaForCausalLM(config).eval()
    cache = DynamicCache()
    with torch.no_grad():
        network(torch.zeros(3, 20, dtype=torch.long), past_key_values=cache)
        with FlopCounterMode(display=False) as counter:
            network(torch.zeros(3, 1, dtype=torch.long), past_key_values=cache)
    shape = from_config(config.to_dict())
    assert shape.parameters == sum(p.numel() for p in network.parameters())
    bound = speed_limit(shape, Workload(context=21, batch=3), H100)
    assert bound.flops == counter.get_total_flops()


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer.kind))
def test_a_prompt_looks_at_what_its_tokens_look_at_one_by_one(layer):
    for tokens in range(1, 40):
        looked_at = sum(step._looked_at(layer, at) for at in range(1, tokens + 1))
        assert step._pairs(layer, tokens) == looked_at, tokens


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer.kind))
def test_a_step_reads_no_more_than_is_held(layer):
    shape = model(layer)
    for context in (1, 5, 9, 10, 18, 40):
        workload = Workload(context=context, batch=3)
        held = logical.allocate(shape, workload).bytes_total
        read = step.decoding(shape, workload).n_bytes
        assert 0 < read <= held
        if layer.kind is not LayerKind.CHUNK or context in (9, 18):
            assert read == held


def test_layers_that_share_a_cache_read_it_again():
    owner = full()
    reader = full(kind=LayerKind.SHARED, shares=0)
    one, two = (step.decoding(model(*layers), Workload(context=10))
                for layers in ((owner,), (owner, reader)))  # fmt: skip
    assert two.n_bytes == 2 * one.n_bytes
    assert two.flops == 2 * one.flops
    assert logical.allocate(model(owner, reader), Workload(context=10)).bytes_total == one.n_bytes


def test_a_state_is_read_however_short_the_text():
    shape = model(delta_net())
    load = step.decoding(shape, Workload(context=1, batch=2))
    assert load.key_bytes == 0
    assert load.intensity is None
    assert load.other_bytes == 2 * (10240 * 3 * 2 + 48 * 128 * 128 * 4)


@given(
    n_layers=st.integers(1, 4),
    n_kv_heads=st.integers(1, 4),
    group_size=st.integers(1, 8),
    head_dim=st.integers(1, 64),
    context=st.integers(1, 5000),
    batch=st.integers(1, 50),
    stored=st.sampled_from([("float32", 4), ("bfloat16", 2), ("fp8", 1)]),
)
def test_attention_has_group_size_times_2_over_the_bytes_of_a_number(
    n_layers, n_kv_heads, group_size, head_dim, context, batch, stored
):
    shape = uniform(
        n_layers=n_layers,
        n_heads=n_kv_heads * group_size,
        n_kv_heads=n_kv_heads,
        head_dim=head_dim,
    )
    workload = Workload(context=context, batch=batch, k_format=stored[0])
    load = step.decoding(shape, workload)
    assert load.intensity == pytest.approx(group_size * 2 / stored[1])


def test_multi_head_attention_makes_one_operation_for_a_byte():
    """How to Scale Your Model, part 7: S·T / (S + T), which is 1 where one token is made."""
    points = {p.heads: p.intensity for p in attention_points(LLAMA, Workload(context=9), H100)}
    assert points == {Heads.MHA: 1, Heads.AS_IS: 4, Heads.MQA: 32}


def test_a_latent_is_multiplied_by_every_head():
    """DeepSeek V3: 128 heads · 2 · (576 + 512) over 576 numbers of 2 bytes."""
    for name in ("DeepSeek-V3", "DeepSeek-V3.2"):  # however few an indexer picks
        points = attention_points(find_model(name), Workload(context=9), H100)
        assert points[1].intensity == pytest.approx(128 * 2 * 1088 / (576 * 2))


@pytest.mark.parametrize("name", ["Llama-3.1-8B", "Gemma-3-27B", "gpt-oss-120b", "Qwen3-8B"])
def test_fewer_kv_heads_move_up_the_roofline(name):
    points = attention_points(find_model(name), Workload(context=1000), H100)
    rates = [point.flops_per_second for point in points]
    assert [point.heads for point in points] == list(Heads)
    assert rates == sorted(rates)
    assert all(rate <= H100.flops_16bit for rate in rates)


@given(
    first=st.integers(1, 300),
    second=st.integers(1, 300),
    context=st.integers(1, 20_000),
    phase=st.sampled_from(["decode", "prefill"]),
    has_experts=st.booleans(),
)
def test_no_split_of_the_batch_beats_the_limit(first, second, context, phase, has_experts):
    """Two steps of a part each take at least as long as one of all: the weights are read twice."""
    experts = Experts(
        n_experts=16, per_token=2, parameters_each=10**7, sparse_layers=tuple(range(32))
    )
    shape = replace(LLAMA, experts=experts if has_experts else None)

    def seconds(batch):
        workload = Workload(context=context, batch=batch)
        return speed_limit(shape, workload, H100, phase=phase).seconds

    assert seconds(first) + seconds(second) >= seconds(first + second) * (1 - 1e-9)


@given(batch=st.integers(1, 500), context=st.integers(1, 100_000))
def test_the_limit_is_what_memory_and_compute_both_allow(batch, context):
    bound = speed_limit(LLAMA, Workload(context=context, batch=batch), H100)
    moved = bound.n_bytes / bound.seconds
    computed = bound.flops / bound.seconds
    assert moved <= H100.bandwidth_bytes_per_s * (1 + 1e-9)
    assert computed <= H100.flops_16bit * (1 + 1e-9)
    at_a_roof = max(moved / H100.bandwidth_bytes_per_s, computed / H100.flops_16bit)
    assert at_a_roof == pytest.approx(1)
    assert bound.tokens_per_second_each * batch == pytest.approx(bound.tokens_per_second)


def test_users_share_the_weights_and_not_the_cache():
    one, many = (speed_limit(LLAMA, Workload(context=4096, batch=n), H100) for n in (1, 64))
    assert many.weight_bytes == one.weight_bytes
    assert many.cache_bytes == 64 * one.cache_bytes
    assert many.tokens_per_second > 10 * one.tokens_per_second
    assert many.tokens_per_second_each < one.tokens_per_second_each


def test_devices_divide_the_work():
    one, four = (
        speed_limit(LLAMA, Workload(context=4096), H100, division=Division(tp=n)) for n in (1, 4)
    )
    assert four.seconds == pytest.approx(one.seconds / 4)
    assert four.attention_intensity == pytest.approx(one.attention_intensity)
    stages = speed_limit(LLAMA, Workload(context=4096), H100, division=Division(pp=4))
    assert stages.seconds == pytest.approx(four.seconds)


def test_experts_that_no_token_goes_to_are_not_read():
    shape = find_model("Mixtral-8x7B")
    workload = Workload(context=1)
    dense = speed_limit(replace(shape, experts=None), workload, H100)
    sparse = speed_limit(shape, workload, H100)
    many = speed_limit(shape, replace(workload, batch=1000), H100)
    assert sparse.weight_bytes / 2e9 == pytest.approx(12.9 - 0.13, abs=0.05)
    assert many.weight_bytes == pytest.approx(dense.weight_bytes)
    assert many.weight_flops / 1000 == pytest.approx(sparse.weight_flops)
    assert (
        "2 of 8 experts for each token, all equally likely: how many are read is an expectation."
        in sparse.assumptions
    )


def test_an_embedding_that_is_looked_up_is_not_read():
    row = next(row for row in list_models() if row.name == "Llama-3.1-8B")
    shape = from_config({**row.config, "tie_word_embeddings": True})
    untied, tied = (speed_limit(each, Workload(context=1), H100) for each in (LLAMA, shape))
    assert tied.weight_bytes == untied.weight_bytes == weights_of(shape).n_bytes


def test_a_prompt_is_computed_and_a_chat_is_read():
    limits = {}
    for name in READY:
        workload, phase = ready(name, LLAMA)
        limits[name] = speed_limit(LLAMA, workload, H100, phase=phase)
    assert {name: limit.binds for name, limit in limits.items()} == {
        "one_chat": "memory",
        "many_users": "memory",
        "long_document": "memory",
        "prefill": "compute",
    }
    # 2 · parameters · tokens and attention's half square: by hand.
    prefill, table = limits["prefill"], LLAMA.vocab * LLAMA.d_model
    square = 4 * 32 * 128 * 32 * (8192 * 8193 // 2)
    linear = sum(matrix.numbers for matrix in LLAMA.matrices if matrix.is_linear)
    by_hand = 2 * (linear * 8192 + table) + square
    assert math.isclose(prefill.flops, by_hand)


def test_ready_made_workloads_are_cut_to_the_model():
    workload, _ = ready("long_document", find_model("GPT-2"))
    assert (workload.context, workload.batch) == (1024, 1)
    kept, _ = ready("many_users", LLAMA, Workload(context=1, k_format="fp8", shared_prefix=1))
    assert (kept.context, kept.batch, kept.k.name, kept.shared_prefix) == (4096, 64, "fp8", 0)


def test_a_device_whose_flops_nobody_prints_is_limited_by_memory_alone():
    bound = speed_limit(LLAMA, Workload(context=100, batch=10**4), find_gpu("M4 Max"))
    assert bound.compute_seconds is None
    assert bound.binds == "memory"
    assert bound.terms[3].text.endswith("FLOPs; no source says this GPU's FLOPS")


def test_the_arithmetic_can_be_read():
    bound = speed_limit(LLAMA, Workload(context=8192, batch=2), H100)
    assert [term.text for term in bound.terms[:3]] == [
        "7504924672 of 8030261248 parameters · 16 bits (bfloat16) = 15009849344 bytes, read once "
        "for 2 sequences",
        "2147483648 bytes read, of 2 sequences",
        "(15009849344 + 2147483648) bytes / 3.35e+12 bytes/s = 0.005122 s",
    ]
    said = [load_words("en").told(term.text) for term in bound.terms]  # as the page groups digits
    assert "2,147,483,648 bytes read" in said[1]
    assert not [text for text in said if re.search(r"(?<![.\d])\d{5}", text)]
    assert bound.assumptions[0] == (
        "A limit, not a forecast: reading and computing overlap perfectly, both at their peak."
    )


@pytest.mark.parametrize("row", sample(list_models()), ids=lambda row: row.name)
def test_every_known_model_has_a_limit(row):
    shape = row.shape if row.shape.parameters else row.shape.with_(parameters=10**12)
    for phase in ("decode", "prefill"):
        bound = speed_limit(shape, Workload(context=500, batch=2), H100, phase=phase)
        assert 0 < bound.tokens_per_second < math.inf
        assert 0 < bound.weight_bytes <= weights_of(shape).n_bytes
