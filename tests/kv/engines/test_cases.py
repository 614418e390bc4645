"""Every size that a real engine printed, to the last printed digit."""

from dataclasses import replace
from fractions import Fraction

import pytest

from attention.kv import engines
from attention.kv.engines.llamacpp import allocate as llamacpp
from attention.kv.engines.llamacpp.cells import n_streams, stream_cells, window_cells
from attention.kv.engines.shared import BLOCK_SIZE
from attention.kv.engines.vllm.pool import (
    blocks_of_one_sequence,
    make_pool,
    make_v0_pool,
    needed_bytes,
    v0_block_bytes,
    v0_blocks,
)
from attention.kv.layer import LayerKind
from tests.kv.cases import CASES, of_engine, shape_of, workload_of

GIB = 2**30
IDS = {"ids": lambda case: case["id"]}


def slot_bytes(allocation, what, *kinds):
    parts = (
        part
        for layer in allocation.per_layer
        if not kinds or layer.kind in kinds
        for part in layer.parts
    )
    return sum(part.n_bytes for part in parts if what in (part.slot, part.what))


def entries_of(allocation, ratio):
    """The layers that have that many compressed entries for the context."""
    rows = [(f[2][0], layer) for layer in allocation.per_layer for p in layer.parts
            if p.what == "compressed K" for f in [p.factors]]  # fmt: skip
    most = max((entries for entries, _ in rows), default=0)
    wanted = most if ratio == 4 else most // 32
    return replace(allocation, per_layer=tuple(layer for n, layer in rows if n == wanted))


def test_every_case_is_tested_or_says_why_not():
    assert len({case["id"] for case in CASES}) == len(CASES) == 117
    assert {case["engine"] for case in CASES} == {"llama.cpp", "vllm v0", "vllm", "sglang"}
    assert not [case for case in CASES if not case["printed"] and not case.get("unexplained")]


@pytest.mark.parametrize("case", of_engine("llama.cpp"), **IDS)
def test_llama_cpp(case):
    printed, shape, workload = case["printed"], shape_of(case), workload_of(case)
    allocation = engines.get("llama.cpp")(shape, workload)
    window, full = LayerKind.WINDOW, (LayerKind.GLOBAL, LayerKind.LATENT)
    found = {
        "k_mib": slot_bytes(allocation, "k"),
        "v_mib": slot_bytes(allocation, "v"),
        "other_mib": slot_bytes(allocation, "other"),
        "r_mib": slot_bytes(allocation, "convolution"),
        "s_mib": slot_bytes(allocation, "recurrent"),
        "full_mib": slot_bytes(allocation, "k", *full) + slot_bytes(allocation, "v", *full),
        "window_mib": slot_bytes(allocation, "k", window) + slot_bytes(allocation, "v", window),
        "raw_mib": slot_bytes(allocation, "K"),
        "csa_mib": slot_bytes(entries_of(allocation, 4), "compressed K"),
        "hca_mib": slot_bytes(entries_of(allocation, 128), "compressed K"),
        "total_mib": allocation.bytes_total,
    }
    for name, text in printed.items():
        if name in found:
            assert llamacpp.printed_mib(found[name]) == text, name
    # Ollama's estimate prints one digit.
    if "total_mib_1" in printed:
        assert f"{allocation.bytes_total / 2**20:.1f}" == printed["total_mib_1"]
    cells = {
        "cells": stream_cells(workload),
        "streams": n_streams(workload),
        "window_cells": window_cells(shape, workload),
    }
    assert {name: cells[name] for name in cells if name in printed} == {
        name: printed[name] for name in cells if name in printed
    }


def about(gib):
    """The least and most bytes that print as ``gib``, two digits."""
    return round((float(gib) - 0.005) * GIB), round((float(gib) + 0.005) * GIB)


@pytest.mark.parametrize("case", of_engine("vllm v0"), **IDS)
def test_vllm_v0(case):
    printed, shape, workload = case["printed"], shape_of(case), workload_of(case)
    if "cpu_blocks" in printed:
        swap = printed["swap_space_gib"] * GIB
        assert swap // v0_block_bytes(shape, workload) == printed["cpu_blocks"]
    blocks = printed.get("gpu_blocks")
    if "available_gib" in printed:
        least, most = (
            make_v0_pool(shape, workload, v0_blocks(shape, workload, n))
            for n in about(printed["available_gib"])
        )
        if blocks is None:  # then the concurrency is all that can be compared
            assert f"{float(least.concurrency):.2f}" <= printed["concurrency"]
            assert printed["concurrency"] <= f"{float(most.concurrency):.2f}"
            return
        assert least.blocks <= blocks <= most.blocks
    pool = make_v0_pool(shape, workload, blocks=blocks)
    if "concurrency" in printed:
        assert f"{float(pool.concurrency):.2f}" == printed["concurrency"]


@pytest.mark.parametrize("case", of_engine("vllm"), **IDS)
def test_vllm(case):
    printed, shape, workload = case["printed"], shape_of(case), workload_of(case)
    if "needed_gib" in printed:
        assert str(round(needed_bytes(shape, workload) / GIB, 2)) == printed["needed_gib"]
        return
    if "available_bytes" in printed:
        pool = make_pool(shape, workload, printed["available_bytes"])
        assert (pool.blocks, pool.tokens) == (printed["gpu_blocks"], printed["tokens"])
        assert f"{float(pool.concurrency):.2f}" == printed["concurrency"]
        return
    least, most = (make_pool(shape, workload, n) for n in about(printed["available_gib"]))
    assert least.tokens <= printed["tokens"] <= most.tokens
    assert printed["tokens"] % workload[BLOCK_SIZE] == 0
    if "concurrency" in printed:
        blocks = printed["tokens"] // workload[BLOCK_SIZE]
        at_once = Fraction(blocks, blocks_of_one_sequence(shape, workload))
        assert f"{float(at_once):.2f}" == printed["concurrency"]


@pytest.mark.parametrize("case", of_engine("sglang"), **IDS)
def test_sglang(case):
    allocation = engines.get("sglang")(shape_of(case), workload_of(case))
    found = {
        "k_gb": slot_bytes(allocation, "k"),
        "v_gb": slot_bytes(allocation, "v"),
        "conv_gb": slot_bytes(allocation, "convolution"),
        "ssm_gb": slot_bytes(allocation, "recurrent"),
    }
    for name, text in case["printed"].items():
        assert f"{float(found[name] / GIB):.2f}" == text, name
    assert allocation.usable_tokens == case["workload"]["cells"]
