"""What a workload refuses, and how it counts what sequences have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.engines import ENGINES
from attention.kv.formats import FormatError
from attention.kv.settings import WorkloadError
from attention.kv.workload import Workload

RANGE = "is not a whole number from 1 to 1099511627776."


@pytest.mark.parametrize(
    ("engine", "settings", "sentence"),
    [
        ("logical", {"context": 0}, f"context 0 {RANGE}"),
        ("logical", {"batch": True}, f"batch True {RANGE}"),
        ("logical", {"tp": 2**63}, f"tp 9223372036854775808 {RANGE}"),
        ("llama.cpp", {"cells": -1}, f"cells -1 {RANGE}"),
        ("vllm", {"block_size": 1.5}, f"block_size 1.5 {RANGE}"),
        (
            "logical",
            {"context": 10, "shared_prefix": 11},
            "shared_prefix 11 is longer than the context of 10 tokens: choose at most that.",
        ),
        (
            "llama.cpp",
            {"batch": 3, "n_seq_max": 2},
            "n_seq_max 2 has no room for 3 sequences: choose at least as many.",
        ),
        (
            "llama.cpp",
            {"mla": "compressed"},
            "mla 'compressed' is unknown: choose latent, latent_and_v, expanded.",
        ),
        ("sglang", {"swa_ratio": float("nan")}, "swa_ratio nan is not above 0 and up to 1."),
        ("sglang", {"swa_ratio": 0}, "swa_ratio 0 is not above 0 and up to 1."),
        ("sglang", {"swa_ratio": "1"}, "swa_ratio '1' is not above 0 and up to 1."),
        ("vllm", {"hybrid": 0}, "hybrid 0 is neither True nor False."),
        (
            "vllm",
            {"cells": 5},
            "'cells' is no setting of vllm: choose one of block_size, max_batched_tokens, "
            "speculative_tokens, draft_layers, dcp, pcp, encoder_tokens, state_format, "
            "prefix_caching, prefill_checkpoints, vllm_version, async_scheduling, hybrid.",
        ),
    ],
)
def test_refuses_what_cannot_be(engine, settings, sentence):
    with pytest.raises(WorkloadError) as refused:
        ENGINES[engine].workload(**{"context": 100, **settings})
    assert str(refused.value) == sentence


@pytest.mark.parametrize("name", ["k_format", "v_format", "model_format", "state_format"])
def test_refuses_an_unknown_format(name):
    with pytest.raises(FormatError):
        ENGINES["vllm"].workload(context=1, **{name: "fp7"})


@given(
    context=st.integers(1, 60), batch=st.integers(1, 5), prefix=st.integers(0, 60), data=st.data()
)
def test_tokens_are_those_that_differ_by_sequence_or_position(context, batch, prefix, data):
    prefix, held = min(prefix, context), data.draw(st.integers(0, context))
    kept = {
        (0 if position < prefix else sequence, position)
        for sequence in range(batch)
        for position in range(context - held, context)
    }
    workload = Workload(context=context, batch=batch, shared_prefix=prefix)
    assert workload.tokens(held) == len(kept)


def test_the_model_s_format_is_k_s_where_that_is_plain():
    assert Workload(context=1, k_format="bf16").model.name == "bfloat16"
    assert Workload(context=1, k_format="q8_0").model.name == "float16"
    assert Workload(context=1, k_format="fp8", model_format="f32").model.name == "float32"
