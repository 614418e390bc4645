"""How devices share a model: which ways make up their number, and what the fullest holds."""

import pytest

from attention.kv import engines
from attention.kv.fit.budget import Budget, Deployment
from attention.kv.fit.division import ALONE, Division, FitError, Ways, divide
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.share import fullest_share
from attention.kv.fit.total import fits
from attention.kv.fit.weights import weights_of
from attention.kv.read.catalog import find_model
from attention.kv.workload import Workload

LLAMA, DEEPSEEK = find_model("Llama-3.1-8B"), find_model("DeepSeek-V3")
H200 = find_gpu("H200")


@pytest.mark.parametrize(
    ("n", "ways", "text"),
    [
        (1, Ways(), ""),
        (8, Ways(), "TP 8"),
        (3, Ways(), "PP 3"),  # 32 heads do not divide by 3
        (6, Ways(), "TP 2 · PP 3"),
        (8, Ways(pp=2), "TP 4 · PP 2"),
        (8, Ways(dp=8), "DP 8"),
        (8, Ways(dp=4, ep=True), "TP 2 · DP 4 · EP"),
        (8, Ways(tp=2), "TP 2 · PP 4"),
        (8, Ways(tp=2, pp=2), "TP 2 · PP 2 · DP 2"),
        (8, Ways(tp=2, pp=2, dp=2), "TP 2 · PP 2 · DP 2"),
    ],
)
def test_ways_make_up_the_number(n, ways, text):
    division = divide(LLAMA, "vllm", n, ways)
    assert (division.text, division.n_devices) == (text, n)


@pytest.mark.parametrize(
    ("engine", "n", "ways", "message"),
    [
        ("vllm", 8, Ways(pp=3), "tp, pp and dp take 3 devices together, and 8 is no multiple of "
         "that: choose another number of devices."),
        ("vllm", 16, Ways(tp=2, pp=2, dp=2), "tp, pp and dp take 8 devices together, and 16 is no "
         "multiple of that: choose another number of devices."),
        ("vllm", 3, Ways(tp=3), "32 query heads do not divide over 3 devices: choose a number of "
         "devices that divides 32."),
        ("sglang", 33, Ways(pp=33), "each device gets whole layers, and 32 are too few for 33 "
         "devices: choose at most as many."),
        ("llama.cpp", 2, Ways(dp=2), "llama.cpp gives each device whole layers: leave out tp, dp "
         "and ep, and choose pp 2 or leave it out."),
    ],
)  # fmt: skip
def test_ways_that_cannot_be_are_one_sentence(engine, n, ways, message):
    with pytest.raises(FitError) as error:
        divide(LLAMA, engine, n, ways)
    assert str(error.value) == message


def test_a_way_is_a_whole_number_from_1():
    with pytest.raises(FitError) as error:
        Ways(pp=0)
    assert str(error.value) == "pp 0 is not a whole number from 1 to 1099511627776."


def held(shape, division, engine="vllm", batch=8):
    workload = division.on_each(Workload(context=4096, batch=batch))
    allocation = engines.get(engine)(shape, workload)
    return fullest_share(shape, weights_of(shape), allocation, division, engine)


def test_latents_are_copied_by_tp_and_divided_by_dp():
    """DeepSeek-V3 on 8 devices: 8 users' latents on each, or one user's."""
    whole = held(DEEPSEEK, ALONE).cache
    assert held(DEEPSEEK, Division(tp=8)).cache == whole
    assert held(DEEPSEEK, Division(dp=8)).cache == whole / 8


def test_dp_divides_experts_alone_and_tp_nearly_all():
    tp, dp = held(DEEPSEEK, Division(tp=8)).weights, held(DEEPSEEK, Division(dp=8)).weights
    total = weights_of(DEEPSEEK).n_bytes
    experts = sum(part.size for part in weights_of(DEEPSEEK).parts if part.matrix.is_expert)
    assert dp == pytest.approx(experts / 8 + (total - experts), rel=1e-6)
    assert total / 8 < tp < 1.02 * total / 8


def test_whole_experts_are_rounded_up():
    sliced = held(DEEPSEEK, Division(tp=1, dp=24)).weights
    whole = held(DEEPSEEK, Division(tp=1, dp=24, ep=True)).weights
    experts = sum(part.size for part in weights_of(DEEPSEEK).parts if part.matrix.is_expert)
    assert whole - sliced == pytest.approx(float(experts * (11 - 256 / 24) / 256), rel=1e-6)


@pytest.mark.parametrize("pp", [1, 2, 3, 5, 8, 32])
def test_stages_hold_all_of_it_together_and_the_fullest_counts(pp):
    shares = held(LLAMA, Division(pp=pp))
    few, many = 32 // pp, -(-32 // pp)
    linear = sum(m.numbers for m in LLAMA.matrices if m.layers) * 2
    table = LLAMA.vocab * LLAMA.d_model * 2
    assert linear * few / 32 <= shares.weights <= linear * many / 32 + 2 * table + 8192
    whole = held(LLAMA, ALONE).cache
    assert shares.cache in (whole * few / 32, whole * many / 32)


def test_a_model_that_no_card_holds_fits_over_three():
    """Llama-3.3-70B in 4 bits on 3 × RTX 3090."""
    shape = find_model("Llama-3.3-70B")
    budget = Budget(gpu=find_gpu("RTX 3090"), n_gpus=3)
    fit = fits(Deployment(shape, Workload(context=8192), budget, "vllm", weights_of(shape, "awq")))
    assert (fit.holds, fit.division.text) == (True, "PP 3")
    assert "; on each of 3 devices 1410" in fit.terms[0].text
