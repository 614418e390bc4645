"""What fits: the edge itself, a published table, and every engine's own allocation."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv import engines
from attention.kv.allocation import AllocationError
from attention.kv.fit.budget import GIB, Budget, Deployment, FitError
from attention.kv.fit.gpus import Gpu, find_gpu, list_gpus
from attention.kv.fit.largest import (
    Heads,
    gpus_needed,
    heads_as,
    largest_context,
    most_users,
    smallest_gpu,
)
from attention.kv.fit.total import at_average, fits
from attention.kv.fit.weights import Weights, weights_of
from attention.kv.read.catalog import find_model
from attention.kv.shape import uniform
from attention.kv.workload import Workload
from tests.kv.layers import full, latent, model, window

NO_WEIGHTS = Weights(parts=(), is_estimate=False, name="none")
LLAMA = find_model("Llama-3.1-8B")
H100 = find_gpu("H100 SXM")
GB = 10**9


def budget(n_bytes, **changed):
    """All of a device of so many bytes, and nothing beside the cache."""
    gpu = Gpu(name="a", advertised_bytes=n_bytes, bandwidth_bytes_per_s=1)
    return Budget(**{"gpu": gpu, "usable": 1.0, "overhead_bytes": 0, **changed})


def palm(n_heads, n_kv_heads, head_dim):
    return uniform(n_layers=118, n_heads=n_heads, n_kv_heads=n_kv_heads, head_dim=head_dim)


# Pope et al. 2022, arXiv 2211.05102, table 1: PaLM 540B with its heads padded to 64, on 64 chips of
# 32 GiB of which 30 % hold the cache. Their numbers are rounded.
@pytest.mark.parametrize(
    ("n_kv_heads", "head_dim", "batch", "n_gpus", "printed"),
    [
        (64, 128, 128, 64, 1320),
        (64, 128, 512, 64, 330),
        (1, 256, 128, 64, 660),  # the one head is copied to each chip
        (1, 256, 512, 64, 165),
        (1, 256, 128 // 64, 1, 43_000),  # the batch is divided over the chips instead
        (1, 256, 512 // 64, 1, 10_700),
    ],
)
def test_contexts_of_palm_are_those_that_pope_et_al_print(
    n_kv_heads, head_dim, batch, n_gpus, printed
):
    answer = largest_context(
        Deployment(
            palm(64, n_kv_heads, head_dim),
            Workload(context=1, batch=batch),
            budget(32 * 2**30, usable=0.3, n_gpus=n_gpus),
            weights=NO_WEIGHTS,
        )
    )
    assert answer.value == pytest.approx(printed, rel=0.012)


def test_users_of_llama_3_70b_are_those_of_a_published_sum():
    """Austin et al. 2025, How to Scale Your Model, part 8: 16 chips of 16 GB, 140 GB of weights,
    8k tokens: 43 caches."""
    shape = uniform(n_layers=80, n_heads=64, n_kv_heads=8, head_dim=128)
    shape = shape.with_(parameters=70 * GB)
    answer = most_users(Deployment(shape, Workload(context=8192), budget(256 * GB)))
    assert answer.value == 43


LAYERS = st.one_of(st.just(full()), st.builds(window, st.integers(1, 300)), st.just(latent()))


@given(
    layers=st.lists(LAYERS, min_size=1, max_size=4),
    engine=st.sampled_from(["logical", "transformers", "vllm", "llama.cpp", "sglang"]),
    room=st.integers(1, 2_000_000),
    batch=st.integers(1, 3),
)
def test_one_token_or_user_more_does_not_fit(layers, engine, room, batch):
    shape = model(*layers)
    workload = Workload(context=50, batch=batch)
    own = budget(room)
    asked = {"engine": engine, "weights": NO_WEIGHTS}
    try:
        found = largest_context(Deployment(shape, workload, own, **asked))
        users = most_users(Deployment(shape, workload, own, **asked))
    except AllocationError:  # a mix of layers that this engine does not have
        return
    allocate = engines.get(engine)

    def taken(context, sequences):
        return allocate(shape, Workload(context=context, batch=sequences)).allocated_bytes

    if found.is_unbounded:
        assert taken(2**30, batch) <= room
    else:
        assert not found.value or taken(found.value, batch) <= room
        assert taken(found.value + 1, batch) > room
    assert not users.value or taken(50, users.value) <= room
    assert taken(50, users.value + 1) > room


@pytest.mark.slow
def test_the_largest_context_is_found_as_a_long_search_finds_it():
    """Blocks and windows make steps: every context is tried, none skipped."""
    shape = model(full(), window(37), full())
    own = budget(700_000)
    for engine in ("logical", "vllm", "llama.cpp", "transformers"):
        allocate = engines.get(engine)
        fitting = [
            context
            for context in range(1, 2000)
            if allocate(shape, Workload(context=context)).allocated_bytes <= 700_000
        ]
        found = largest_context(
            Deployment(shape, Workload(context=1), own, engine=engine, weights=NO_WEIGHTS)
        )
        assert found.value == (fitting[-1] if fitting else 0), engine
        assert fitting == list(range(1, len(fitting) + 1)), engine


def test_windows_alone_set_no_limit():
    answer = largest_context(
        Deployment(model(window(100)), Workload(context=1), budget(10**6), weights=NO_WEIGHTS)
    )
    assert answer.is_unbounded
    assert answer.note == "The memory sets no limit."


def test_a_shared_prefix_is_held_once():
    shape = model(full())  # 512 bytes a token
    own = budget(512 * 1000)
    apart = most_users(Deployment(shape, Workload(context=100), own, weights=NO_WEIGHTS))
    shared = Workload(context=100, shared_prefix=90)
    together = most_users(Deployment(shape, shared, own, weights=NO_WEIGHTS))
    assert (apart.value, together.value) == (10, 91)
    longest = largest_context(Deployment(shape, shared, own, weights=NO_WEIGHTS))
    assert longest.value == 1000


def test_the_sum_can_be_read():
    fit = fits(Deployment(LLAMA, Workload(context=8192), Budget(gpu=H100)))
    assert [term.n_bytes for term in fit.terms] == [16_060_522_496, 2**30, 2**30]
    assert fit.text == (
        "16060522496 (weights) + 1073741824 (cache) + 1073741824 (overhead) = 18208006144 ≤ "
        "76968728985 (usable) bytes"
    )
    assert fit.usable.text == (
        "81,559 MiB as its driver reports (80 GB as advertised) · 0.9 = 76968728985 bytes"
    )
    assert fit.left_bytes == 76_968_728_985 - 18_208_006_144
    assert fit.assumptions[:2] == (
        "0.9 of the memory is used, as vLLM does by default: an assumption.",
        "1 GiB is set aside on each device for the driver's context, activations and work space: "
        "an assumption; it grows with the tokens computed in one step.",
    )


def test_more_than_the_model_was_made_for_is_said():
    answer = largest_context(Deployment(LLAMA, Workload(context=1), Budget(gpu=H100)))
    assert answer.value > 131_072
    assert answer.note == "The model was made for 131072 tokens: more fit than it can use."


def test_weights_that_do_not_fit_leave_no_token():
    shape = find_model("Llama-3.1-70B")
    answer = largest_context(Deployment(shape, Workload(context=1), Budget(gpu=H100)))
    assert answer.value == 0
    assert not answer.fit.holds


def test_the_smallest_gpu_holds_it_and_no_smaller_one_does():
    workload = Workload(context=8192)
    fit = smallest_gpu(Deployment(LLAMA, workload, Budget(gpu=H100)))
    assert fit.holds
    for gpu in list_gpus():
        if gpu.memory_bytes < fit.budget.gpu.memory_bytes:
            assert not fits(Deployment(LLAMA, workload, Budget(gpu=gpu))).holds, gpu.name
    assert (
        smallest_gpu(Deployment(find_model("Llama-3.1-405B"), workload, Budget(gpu=H100))) is None
    )


@pytest.mark.parametrize(
    ("engine", "wanted"),
    # 812 GB of weights, 72 GB a device with the overhead: 12, of which 4 share 128 query heads
    # and each has a third of the layers; llama.cpp divides layers alone.
    [
        ("logical", (12, "TP 4 · PP 3")),
        ("vllm", (12, "TP 4 · PP 3")),
        ("sglang", (12, "TP 4 · PP 3")),
        ("llama.cpp", (12, "PP 12")),
    ],
)
def test_gpus_for_llama_405b(engine, wanted):
    shape = find_model("Llama-3.1-405B")
    answer = gpus_needed(Deployment(shape, Workload(context=8192), Budget(gpu=H100), engine=engine))
    assert (answer.value, answer.fit.division.text) == wanted


def test_a_model_can_run_out_of_divisions():
    shape = model(full(), full()).with_(parameters=2**40)
    answer = gpus_needed(Deployment(shape, Workload(context=8192), Budget(gpu=H100)))
    assert answer.value is None
    assert answer.note == (
        "8 is the largest number that its heads and layers divide over, and too few."
    )


def test_devices_that_share_heads_copy_them_where_they_run_out():
    """A cache of 8 KV heads is no smaller on 16 devices than on 8."""
    workload = Workload(context=4096)
    shape = LLAMA.with_(parameters=1)
    cache = {
        n: fits(Deployment(shape, workload, Budget(gpu=H100, n_gpus=n))).terms[1].n_bytes
        for n in (1, 8, 16)
    }
    assert cache[8] * 8 == cache[1]
    assert cache[16] == cache[8]


def test_llama_cpp_divides_layers_and_the_fullest_device_counts():
    shape = model(full(), full(), full(), window(256)).with_(parameters=4000)
    workload = Workload(context=1024)
    alone = fits(Deployment(shape, workload, Budget(gpu=H100), engine="llama.cpp")).allocation
    sizes = [layer.bytes_total for layer in alone.per_layer]
    fit = fits(Deployment(shape, workload, Budget(gpu=H100, n_gpus=3), engine="llama.cpp"))
    # The output is one more layer: 2, 2 and it alone.
    assert fit.terms[1].n_bytes == max(sizes[0] + sizes[1], sizes[2] + sizes[3])
    with pytest.raises(FitError) as error:
        fits(Deployment(shape, workload, Budget(gpu=H100, n_gpus=5), engine="llama.cpp"))
    assert str(error.value) == (
        "each device gets whole layers, and 4 are too few for 5 devices: choose at most as many."
    )


def test_heads_as_mha_and_mqa():
    for shape in (LLAMA, find_model("Gemma-3-27B"), find_model("DeepSeek-V3")):
        mha, mqa = heads_as(shape, Heads.MHA), heads_as(shape, Heads.MQA)
        assert heads_as(shape, Heads.AS_IS) is shape
        for layer, all_heads, one in zip(shape.layers, mha.layers, mqa.layers, strict=True):
            assert all_heads.n_kv_heads == layer.n_heads
            assert one.n_kv_heads == 1
            assert all_heads.window == one.window == layer.window
    ideal = [
        engines.get("logical")(heads_as(LLAMA, heads), Workload(context=100)).bytes_total
        for heads in Heads
    ]
    assert ideal[0] == 4 * ideal[1] == 32 * ideal[2]


def test_fewer_kv_heads_never_hold_less():
    workload = Workload(context=1, batch=4)
    own = Budget(gpu=find_gpu("L40S"))
    for name in ("Llama-3.1-8B", "Gemma-3-12B", "Qwen3-8B"):
        shape = find_model(name)
        found = [
            largest_context(Deployment(heads_as(shape, heads), workload, own)).value
            for heads in Heads
        ]
        assert found == sorted(found), name


@pytest.mark.parametrize("usable", [0, -0.5, 1.01, float("nan"), float("inf"), True, "0.9", None])
def test_a_share_that_cannot_be_is_one_sentence(usable):
    with pytest.raises(FitError) as error:
        Budget(gpu=H100, usable=usable)
    assert str(error.value) == f"usable {usable!r} is not above 0 and up to 1."


def test_other_values_that_cannot_be():
    with pytest.raises(FitError) as error:
        Budget(gpu=H100, n_gpus=0)
    assert str(error.value) == "n_gpus 0 is not a whole number from 1 to 1099511627776."
    with pytest.raises(FitError, match=r"^overhead_bytes -1 is not a whole number from 0 to "):
        Budget(gpu=H100, overhead_bytes=-1)
    with pytest.raises(FitError) as error:
        fits(Deployment(LLAMA, Workload(context=1), Budget(gpu=H100), offload_bytes=-1))
    assert str(error.value).startswith("offload_bytes -1 is not a whole number from 0 to ")
    apple = Budget(gpu=find_gpu("M4 Max"))
    with pytest.raises(FitError) as error:
        fits(Deployment(LLAMA, Workload(context=1), apple, engine="vllm"))
    assert str(error.value) == (
        "vllm does not run on Apple M4 Max 128GB: choose another GPU or engine."
    )


def test_a_cache_beyond_any_size_is_refused_in_a_sentence_and_the_search_still_ends():
    huge = Workload(context=2**40, batch=2**30)
    with pytest.raises(AllocationError, match=r"^the cache would take .* bytes, more than "):
        fits(Deployment(LLAMA, huge, Budget(gpu=H100)))
    assert (
        largest_context(Deployment(LLAMA, Workload(context=1, batch=2**40), Budget(gpu=H100))).value
        == 0
    )


def test_the_format_of_the_weights_is_kept():
    weights = weights_of(LLAMA, "q4_k_m")
    fit = fits(
        Deployment(LLAMA, Workload(context=8192), Budget(gpu=find_gpu("T4")), weights=weights)
    )
    assert fit.terms[0].n_bytes == weights.n_bytes
    assert fit.holds
    assert not fits(Deployment(LLAMA, Workload(context=8192), Budget(gpu=find_gpu("T4")))).holds


def test_the_smallest_gpu_is_one_that_the_engine_runs_on():
    asked = Deployment(find_model("Llama-3.1-70B"), Workload(context=8192), Budget(gpu=H100))
    found = {
        engine: smallest_gpu(replace(asked, engine=engine)).budget.gpu.name
        for engine in ("llama.cpp", "vllm")
    }
    assert found == {"llama.cpp": "Apple M2 Ultra 192GB", "vllm": "NVIDIA B200 SXM"}
    two = smallest_gpu(replace(asked, budget=Budget(gpu=H100, n_gpus=2)))
    assert (two.budget.n_gpus, two.holds) == (2, True)
    assert two.budget.gpu.memory_bytes < 100 * GB


def test_what_lies_on_the_host_is_not_on_the_devices():
    workload = Workload(context=8192, batch=8)
    asked = Deployment(LLAMA, workload, Budget(gpu=H100, n_gpus=2), engine="vllm")
    all_here, some = (fits(replace(asked, offload_bytes=n)) for n in (0, 2 * GIB))
    assert all_here.terms[1].n_bytes - some.terms[1].n_bytes == GIB
    assert some.terms[1].text.endswith("; less 1073741824 bytes in the host's memory")
    assert fits(replace(asked, offload_bytes=99 * GIB)).terms[1].n_bytes == 0
    assert most_users(replace(asked, offload_bytes=16 * GIB)).value > most_users(asked).value


def test_users_at_their_average_are_more_than_at_their_full_context():
    asked = Deployment(LLAMA, Workload(context=8192, shared_prefix=1024), Budget(gpu=H100))
    half, quarter = at_average(asked), at_average(asked, 2048)
    assert (half.workload.context, half.workload.shared_prefix) == (4096, 512)
    assert (quarter.workload.context, quarter.workload.shared_prefix) == (2048, 256)
    full_users, half_users = (most_users(each).value for each in (asked, half))
    assert half_users == pytest.approx(2 * full_users, rel=0.05)
    assert at_average(asked, 10**6).workload.context == 8192
