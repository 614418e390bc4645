"""SGLang's rules beyond the logged cases: the spare page, pools of windows, states, the latent."""

import pytest

from attention.kv.allocation import AllocationError
from attention.kv.engines.sglang import ENGINE as SGLANG
from attention.kv.engines.sglang import allocate as sglang
from tests.kv.layers import delta_net, full, latent, model, window

TOKEN = 2 * 2 * 64 * 2  # bytes of a token in a layer of `full`, float16


def test_the_buffers_have_a_page_more_than_the_pool():
    for page in (1, 16, 64):
        workload = SGLANG.workload(context=100, batch=3, block_size=page)
        found = sglang.allocate(model(full()), workload)
        size = 3 * -(-100 // page) * page
        assert found.usable_tokens == size
        assert found.bytes_total == (size + page) * TOKEN
    assert sglang.allocate(model(full()), SGLANG.workload(context=1)).gaps == (
        "The buffers have 1 slot more than there are tokens, for what padded tokens write.",
    )


def test_a_common_prefix_is_kept_once_in_whole_pages():
    workload = SGLANG.workload(context=100, batch=4, shared_prefix=50, block_size=16)
    assert sglang.pool_tokens(workload) == 48 + 4 * 64


def test_a_given_pool_that_is_too_small_says_so():
    found = sglang.allocate(model(full()), SGLANG.workload(context=1000, batch=4, cells=1500))
    assert found.usable_tokens == 1500
    assert found.gaps[1] == (
        "The pool has room for 1500 of the 4000 tokens asked for: sequences wait for one another."
    )


def test_windows_have_a_pool_of_their_own_in_few_models():
    layers = (window(128), full())
    for model_type, slots in (("gpt_oss", 801), ("gemma3_text", 1001)):
        found = sglang.allocate(
            model(*layers, model_type=model_type), SGLANG.workload(context=1000)
        )
        assert [layer.bytes_total for layer in found.per_layer] == [slots * TOKEN, 1001 * TOKEN]
    off = SGLANG.workload(context=1000, hybrid=False)
    assert sglang.allocate(model(*layers, model_type="gpt_oss"), off).bytes_total == 2002 * TOKEN
    tenth = SGLANG.workload(context=1000, swa_ratio=0.1)
    assert sglang.window_tokens(model(*layers, model_type="gpt_oss"), tenth) == 100


def test_the_latent_is_whole_on_every_device_and_the_indexer_has_scales():
    workload = SGLANG.workload(context=63, tp=8, k_format="bf16")
    assert sglang.allocate(model(latent()), workload).bytes_total == 64 * 576 * 2
    sparse = sglang.allocate(model(latent(indexer_dim=128)), workload)
    assert sparse.bytes_total == 64 * (576 * 2 + 132)


def test_states_have_a_slot_to_spare():
    found = sglang.allocate(
        model(delta_net()), SGLANG.workload(context=1, batch=4, tp=2, k_format="bf16")
    )
    assert found.state_bytes == 5 * (15360 * 2 + 24 * 128 * 128 * 4)
    half = SGLANG.workload(context=1, batch=4, tp=2, k_format="bf16", state_format="bf16")
    assert sglang.allocate(model(delta_net()), half).state_bytes == 5 * (15360 + 24 * 128**2) * 2


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"k_format": "q4_0"},
            "SGLang has no cache format q4_0: choose float32, float16, bfloat16, fp8.",
        ),
        (
            {"k_format": "fp8", "v_format": "bf16"},
            "SGLang keeps K and V in one format, not fp8 and bfloat16: leave out V's.",
        ),
    ],
)
def test_refuses_what_it_has_not(settings, sentence):
    with pytest.raises(AllocationError) as refused:
        sglang.allocate(model(full()), SGLANG.workload(context=16, **settings))
    assert str(refused.value) == sentence
