"""What would make it fit: each change is enough, and a smaller one of its kind is not."""

from dataclasses import replace

import pytest

from attention.kv import engines
from attention.kv.fit.budget import Budget, Deployment
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.mend import changes
from attention.kv.fit.total import fits
from attention.kv.fit.weights import weights_of
from attention.kv.read.catalog import find_model


def asked(model, gpu, n_gpus, context, users, k_format="float16", engine="vllm"):
    workload = engines.ENGINES[engine].workload(context=context, batch=users, k_format=k_format)
    shape, budget = find_model(model), Budget(gpu=find_gpu(gpu), n_gpus=n_gpus)
    return Deployment(shape, workload, budget, engine, weights_of(shape, "bfloat16"))


def with_step(one, kind, value):
    workload = one.workload
    if kind == "cache":
        return replace(one, workload=replace(workload, k_format=value, v_format=None))
    if kind == "weights":
        return replace(one, weights=weights_of(one.shape, value))
    if kind == "users":
        return replace(one, workload=workload.with_batch(value))
    if kind == "context":
        return replace(one, workload=replace(workload, context=value))
    return one.over(value)


CASES = [
    ("Qwen3-30B-A3B", "4090", 2, 32_768, 20, "fp8"),
    ("Qwen3-30B-A3B", "4090", 2, 8192, 20),
    ("Llama-3.1-8B", "4090", 1, 131_072, 1),
    ("Llama-3.1-8B", "4090", 1, 8192, 8),
    ("Llama-3.1-8B", "4090", 1, 8192, 30, "float16", "llama.cpp"),
]


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_enough_and_one_more_is_not(case):
    one = asked(*case)
    assert not fits(one).holds
    found = changes(one)
    assert found
    for change in found:
        made = one
        for kind, value in change.steps:
            made = with_step(made, kind, value)
        assert fits(made).holds, change
        kind, value = change.steps[-1]
        if kind in ("users", "context"):
            assert not fits(with_step(made, kind, value + 1)).holds, change


def test_the_kinds_and_their_words():
    texts = [str(change.text) for change in changes(asked(*CASES[0]))]
    assert texts == [
        "weights in fp8 + 4 users",
        "weights in fp8 + 4 of this GPU",
        "5 of this GPU",
    ]
    kinds = {change.steps[0][0] for change in changes(asked(*CASES[3]))}
    assert kinds == {"cache", "weights", "users", "context", "gpus"}


def test_what_fits_needs_no_change():
    assert changes(asked("Llama-3.1-8B", "H100", 1, 8192, 1)) == ()
