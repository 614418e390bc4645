"""vLLM's figures to the digit as its logs print them since 0.20.2, and what its versions changed.

Where a model is not in the catalog, its config's fields stand here, as its repository on the Hub
has them; recurrent states are float32 there.
"""

import pytest

from attention.kv.allocation import AllocationError
from attention.kv.engines.log_check import check_log
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.engines.vllm.allocate import allocate
from attention.kv.engines.vllm.groups import sort_layers
from attention.kv.engines.vllm.log_lines import Lines
from attention.kv.engines.vllm.pool import blocks_of_one_sequence, make_pool, needed_bytes
from attention.kv.read.catalog import find_model
from attention.kv.read.config_json import from_config
from attention.kv.settings import WorkloadError
from tests.kv.layers import delta_net, full, latent, model, window

GIB = 2**30
QWEN = {
    "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4, "full_attention_interval": 4, "head_dim": 256,
}  # fmt: skip
CONFIGS = {
    "Qwen3.6-35B-A3B": {
        **QWEN, "model_type": "qwen3_5_moe_text", "num_hidden_layers": 40, "hidden_size": 2048,
        "num_attention_heads": 16, "num_key_value_heads": 2, "linear_num_value_heads": 32,
    },
    "Qwen3.8-27B": {
        **QWEN, "model_type": "qwen3_5_text", "num_hidden_layers": 64, "hidden_size": 5120,
        "num_attention_heads": 24, "num_key_value_heads": 4, "linear_num_value_heads": 48,
    },
    "Nemotron-3-Nano": {
        "model_type": "nemotron_h", "num_hidden_layers": 52, "hidden_size": 2688,
        "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
        "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
        "mamba_num_heads": 64, "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128,
        "conv_kernel": 4,
    },
}  # fmt: skip
# model, GiB available, max_model_len, other settings; tokens and concurrency as the log has them
LOGGED = [
    ("Qwen3.6-35B-A3B", "6.01", 131072, {"k_format": "fp8"}, 569878, "4.35"),
    ("Qwen3.8-27B", "4.99", 131072, {"k_format": "fp8", "tp": 2}, 302921, "2.31"),
    ("Gemma-4-26B-A4B", "4.25", 32768, {"max_batched_tokens": 2496}, 78433, "2.39"),
    ("Nemotron-3-Nano", "34.32", 262144, {"prefix_caching": "off"}, 5769184, "22.01"),
    ("Llama-3.1-8B", "20", 1000, {}, 162539, "162.54"),
]
IDS = [case[0] for case in LOGGED]


def shape_of(name):
    return from_config(CONFIGS[name]) if name in CONFIGS else find_model(name)


def sizes_of(shape, **settings):
    groups = sort_layers(shape, VLLM.workload(**{"context": 4096, **settings})).groups
    return {spec.kind: spec.block_size for spec, _ in groups}


@pytest.mark.parametrize(
    ("name", "gib", "length", "settings", "tokens", "concurrency"), LOGGED, ids=IDS
)
def test_the_log_to_the_digit(name, gib, length, settings, tokens, concurrency):
    shape = shape_of(name)
    pool = make_pool(shape, VLLM.workload(context=length, **settings), int(float(gib) * GIB))
    assert pool.tokens == tokens
    assert f"{float(pool.concurrency):.2f}" == concurrency


@pytest.mark.parametrize(
    ("name", "gib", "length", "settings", "tokens", "concurrency"), LOGGED, ids=IDS
)
def test_a_log_is_checked_by_the_rule_of_its_version(
    name, gib, length, settings, tokens, concurrency
):
    """Where no line says the version, or the batch, they are worked out and said."""
    text = (
        f"Available KV cache memory: {gib}{'' if '.' in gib else '.00'} GiB\n"
        f"GPU KV cache size: {tokens:,} tokens\n"
        f"Maximum concurrency for {length:,} tokens per request: {concurrency}x"
    )
    found = check_log(text, shape_of(name), **settings)
    assert [finding.agrees for finding in found.findings] == [True, True], found.findings
    assert "; assumed: vLLM 0.33" in found.findings[0].formula
    with_version = f"Initializing a V1 LLM engine (v0.27.1) with config: seed=0\n{text}"
    said = check_log(with_version, shape_of(name), **settings)
    assert said.agrees
    assert "vLLM" not in said.findings[0].formula
    old = check_log(text.replace(concurrency, "9.99"), shape_of(name), **settings)
    assert old.agrees is False


def test_one_request_of_gemma_4():
    workload = VLLM.workload(context=32768, max_batched_tokens=2496)
    assert f"{needed_bytes(shape_of('Gemma-4-26B-A4B'), workload) / GIB:.3f}" == "1.776"
    before = VLLM.workload(context=32768, max_batched_tokens=2496, vllm_version="0.25.1")
    assert f"{needed_bytes(shape_of('Gemma-4-26B-A4B'), before) / GIB:.2f}" == "1.30"


@pytest.mark.parametrize(
    ("version", "tokens"), [("0.20.1", 6000 // 6 * 16), ("0.20.2", int(6000 / 842 * 8192))]
)
def test_before_0_20_2_tokens_are_those_of_the_smallest_group(version, tokens):
    shape = model(*[window(1024)] * 5, full())
    workload = VLLM.workload(context=8192, max_batched_tokens=16, vllm_version=version)
    assert blocks_of_one_sequence(shape, workload) == 512 + 5 * (-(-(1023 + 16) // 16) + 1)
    pool = make_pool(shape, workload, 6000 * sort_layers(shape, workload).row)
    assert (pool.blocks, pool.tokens) == (6000, tokens)


def test_drafting_adds_layers_columns_and_states():
    """MTP with 3 tokens: a block of 1,600 tokens instead of 1,568, and groups of 17 layers."""
    shape = shape_of("Qwen3.8-27B")
    settings = {"k_format": "fp8", "tp": 2, "context": 131072}
    assert sizes_of(shape, **settings)["full"] == 1568
    assert sizes_of(shape, **settings, speculative_tokens=3)["full"] == 1600
    groups = sort_layers(shape, VLLM.workload(**settings, speculative_tokens=3))
    assert groups.size == 17
    assert [len(members) for _, members in groups.groups] == [16, 16, 16, 17]
    each = blocks_of_one_sequence(shape, VLLM.workload(**settings, speculative_tokens=3))
    assert each == 3 * (2 + 3) + -(-131072 // 1600)
    ngrams = VLLM.workload(**settings, speculative_tokens=3, draft_layers=0)
    assert sort_layers(shape, ngrams).size == 16


def test_layers_that_draft_are_none_of_the_model_s():
    shape = model(full(), full())
    found = allocate(shape, VLLM.workload(context=160, speculative_tokens=2, draft_layers=3))
    assert len(found.per_layer) == 2
    assert found.bytes_total == 160 * 5 * 512
    assert [part.what for part in found.padding] == ["draft layers"]
    assert "Layers that draft keep a cache of their own." in found.gaps


def test_devices_share_the_tokens_of_a_sequence():
    """Decode context parallelism, 8 devices with one latent each: an eighth of the tokens."""
    shape = model(*[latent()] * 4)
    one = VLLM.workload(context=100_000, tp=8)
    eight = VLLM.workload(context=100_000, tp=8, dcp=8)
    assert blocks_of_one_sequence(shape, one) == -(-100_000 // 64)
    assert blocks_of_one_sequence(shape, eight) == -(-12_500 // 64)
    assert allocate(shape, eight).bytes_total == 196 * 64 * 4 * 576 * 2
    assert allocate(shape, eight).usable_tokens == 196 * 64 * 8
    assert allocate(shape, eight).bytes_per_token == 4 * 576 * 2 / 8
    both = VLLM.workload(context=100_000, tp=8, dcp=4, pcp=2, vllm_version="0.24")
    assert blocks_of_one_sequence(shape, both) == blocks_of_one_sequence(shape, eight)
    since = VLLM.workload(context=100_000, tp=8, dcp=4, pcp=2)
    assert blocks_of_one_sequence(shape, since) == -(-25_000 // 64)
    with pytest.raises(AllocationError) as refused:
        allocate(model(window(64)), VLLM.workload(context=100, tp=2, dcp=2))
    assert str(refused.value) == (
        "vLLM does not divide the tokens of a window over dcp 2 devices: choose dcp 1, or windows "
        "that keep every token."
    )


@pytest.mark.parametrize(("version", "block"), [("0.24", 960), ("0.26.0", 960), ("0.27.0", 1024)])
def test_latent_blocks_are_aligned_to_the_kernels(version, block):
    """Kimi-Linear, tp 2: 64 tokens (FlashMLA); since 0.27 128 (platforms/interface.py)."""
    shape = find_model("Kimi-Linear-48B-A3B")
    assert sizes_of(shape, tp=2, vllm_version=version)["full"] == block


def test_a_state_for_every_block_where_prefixes_are_cached():
    """Mode "all" of 0.24 for Mamba-2 models: blocks of whole chunks of 128 tokens."""
    shape = shape_of("Nemotron-3-Nano")
    asked = {"context": 131072, "prefix_caching": "on"}
    assert sizes_of(shape, **asked, vllm_version="0.24") == {"state": 2176, "full": 2176}
    workload = VLLM.workload(**asked, vllm_version="0.24")
    assert blocks_of_one_sequence(shape, workload) == 5 * -(-131072 // 2176)
    assert sizes_of(shape, **asked) == {"state": 1, "full": 2096}


def test_the_version_decides_whether_prefixes_are_cached():
    shape = model(delta_net(), full(), model_type="qwen3_5_text")
    for version, states in (("0.25", 1), ("0.26", 2)):
        workload = VLLM.workload(context=16, vllm_version=version)
        assert blocks_of_one_sequence(shape, workload) == 1 + states
        found = allocate(shape, workload)
        said = {1: "Prefixes are not cached: ", 2: "Prefixes are cached: "}[states]
        assert any(text.startswith(said) for text in (*found.assumptions, *found.gaps))
        assert f"The rules are those of vLLM {version}." in allocate(shape, workload).assumptions


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"vllm_version": "new"}, "vllm_version 'new' is no version: choose one such as 0.33."),
        ({"vllm_version": 0.2}, "vllm_version 0.2 is no version: choose one such as 0.33."),
        ({"prefix_caching": "maybe"}, "prefix_caching 'maybe' is unknown: choose auto, on, off."),
        (
            {"draft_layers": -1},
            "draft_layers -1 is not a whole number from 0 to 1099511627776.",
        ),
    ],
)
def test_settings_that_cannot_be(setting, sentence):
    with pytest.raises(WorkloadError) as refused:
        VLLM.workload(context=1, **setting)
    assert str(refused.value) == sentence


# What a server prints when it starts, lines that matter kept; settings from each of them.
SERVER = """\
(APIServer pid=1) INFO 06-02 10:00:00 [utils.py:233] non-default args: {'model_tag': 'x/y', \
'max_model_len': 131072, 'kv_cache_dtype': 'fp8', 'enable_prefix_caching': True, \
'max_num_batched_tokens': 2496, 'speculative_config': {'method': 'qwen3_next_mtp', \
'num_speculative_tokens': 3}}
(EngineCore pid=9) INFO [core.py:115] Initializing a V1 LLM engine (v0.26.0) with config: \
model='x/y', speculative_config=SpeculativeConfig(method='mtp', model='x/y', num_spec_tokens=3), \
max_seq_len=131072, tensor_parallel_size=2, decode_context_parallel_size=1, kv_cache_dtype=fp8, \
enable_prefix_caching=True, enable_chunked_prefill=True
(EngineCore pid=9) INFO [scheduler.py:253] Chunked prefill is enabled with \
max_num_batched_tokens=2496.
(EngineCore pid=9) INFO [vllm.py:1007] Asynchronous scheduling is enabled.
(EngineCore pid=9) INFO [interface.py:766] Setting attention block size to 1600 tokens to ensure \
that attention page size is >= mamba page size.
(Worker_TP0 pid=11) INFO [gpu_worker.py:440] Available KV cache memory: 40.12 GiB
"""


def test_settings_are_read_in_a_server_s_lines():
    lines = Lines()
    for line in SERVER.splitlines():
        lines.take(line)
    assert lines.workload() == {
        "tp": 2, "dcp": 1, "block_size": 1600, "context": 131072, "max_batched_tokens": 2496,
        "speculative_tokens": 3, "k_format": "fp8", "vllm_version": "0.26.0",
        "prefix_caching": "on", "async_scheduling": True,
    }  # fmt: skip
    shape = shape_of("Qwen3.8-27B")
    workload = VLLM.workload(**lines.workload())
    pool = make_pool(shape, workload, int(40.12 * GIB))
    text = (
        f"{SERVER}GPU KV cache size: {pool.tokens:,} tokens\nMaximum concurrency for 131,072 "
        f"tokens per request: {float(pool.concurrency):.2f}x"
    )
    found = check_log(text, shape)
    assert [finding.agrees for finding in found.findings] == [True, True]
    assert not any("assumed" in finding.formula for finding in found.findings)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("vllm serve m --tensor-parallel-size 4 -dcp 2 --no-enable-prefix-caching",
         {"tp": 4, "dcp": 2, "prefix_caching": "off"}),
        ("vllm serve m --max-num-batched-tokens=8192 --disable-hybrid-kv-cache-manager",
         {"max_batched_tokens": 8192, "hybrid": False}),
        ("speculative_config=SpeculativeConfig(method='ngram', model=None, num_spec_tokens=4)",
         {"speculative_tokens": 4, "draft_layers": 0}),
        ("Mamba cache mode is set to 'align' for X by default when prefix caching is enabled",
         {"prefix_caching": "on"}),
        ("INFO vLLM API server version 0.11.0rc2.dev7", {"vllm_version": "0.11.0rc2.dev7"}),
        ("INFO █▄█▀ █     █     █     █  version 0.23.0", {"vllm_version": "0.23.0"}),
        ("Initializing a V1 LLM engine (v0.1.dev1+g1234567) with config: x", {}),
        ("max seq len (262144), (4.54 GiB KV cache is needed", {"context": 262144}),
    ],
)  # fmt: skip
def test_lines_that_say_a_setting(line, said):
    lines = Lines()
    lines.take(line)
    assert lines.workload() == said


def test_one_line_with_both_figures():
    """As since 0.28, here with the figures of Qwen3.6-35B-A3B."""
    text = (
        "Available KV cache memory: 6.01 GiB\nGPU KV cache size: 569,878 tokens, Maximum "
        "concurrency for 131,072 tokens per request: 4.35x"
    )
    found = check_log(text, shape_of("Qwen3.6-35B-A3B"), k_format="fp8")
    assert [finding.agrees for finding in found.findings] == [True, True]
