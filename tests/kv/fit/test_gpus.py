"""The table of accelerators: every row whole, with sources, and in its maker's own proportions."""

import pytest

from attention.kv.engines import ENGINES
from attention.kv.fit.gpus import GB, Gpu, GpuError, find_gpu, list_gpus

GPUS = {gpu.name: gpu for gpu in list_gpus()}
# Published elsewhere than in the table's sources: FLOPs for a byte.
# Baseten, "A guide to LLM inference and performance" (2023): an A10's is 208.3.
RIDGES = {"NVIDIA A10": 208.3}


@pytest.mark.parametrize("name", GPUS)
def test_a_row_is_whole_and_names_its_sources(name):
    gpu = GPUS[name]
    assert gpu.sources and all(len(source) > 20 for source in gpu.sources)
    assert gpu.flops_16bit or "no 16-bit FLOPS" in gpu.note
    # An order of magnitude away from these, a unit was mistaken.
    assert 16 * GB <= gpu.advertised_bytes <= 512 * GB
    assert 250 * GB <= gpu.bandwidth_bytes_per_s <= 8000 * GB
    if gpu.flops_16bit:
        assert 60 <= gpu.flops_16bit / 1e12 <= 2500
        assert 50 <= gpu.ridge <= 520


@pytest.mark.parametrize("name", [name for name, gpu in GPUS.items() if gpu.driver_bytes])
def test_a_driver_reports_about_what_is_advertised_in_gigabytes_or_gibibytes(name):
    gpu = GPUS[name]
    assert gpu.memory_bytes == gpu.driver_bytes
    assert 0.93 * gpu.advertised_bytes <= gpu.driver_bytes <= 1.08 * gpu.advertised_bytes
    assert gpu.driver_bytes % 2**20 == 0


@pytest.mark.parametrize("name", [name for name, gpu in GPUS.items() if gpu.flops_8bit])
def test_8_bits_are_twice_as_fast_as_16_and_never_a_sparse_number(name):
    gpu = GPUS[name]
    if name == "Intel Gaudi 3":  # its matrix units do both at one rate
        assert gpu.flops_8bit == gpu.flops_16bit
    else:
        assert gpu.flops_8bit / gpu.flops_16bit == pytest.approx(2, rel=0.03)


@pytest.mark.parametrize("name", RIDGES)
def test_the_ridge_is_the_one_that_others_publish(name):
    assert GPUS[name].ridge == pytest.approx(RIDGES[name], abs=0.05)


def test_h100_in_words():
    gpu = find_gpu("h100")
    assert gpu.memory_text == "81,559 MiB as its driver reports (80 GB as advertised)"
    assert gpu.memory_bytes == 81559 * 2**20
    assert find_gpu("H100 PCIe").memory_text == "80 GB as advertised (1 GB = 10^9 bytes)"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nvidia geforce rtx-4090", "NVIDIA RTX 4090"),
        ("4090", "NVIDIA RTX 4090"),
        ("MI300X", "AMD Instinct MI300X"),
        ("A100", "NVIDIA A100 80GB SXM"),
        ("m4 max", "Apple M4 Max 128GB"),
    ],
)
def test_names_in_the_wild(text, name):
    assert find_gpu(text).name == name


def test_every_name_and_alias_finds_its_own_row():
    for gpu in list_gpus():
        for name in (gpu.name, *gpu.aliases):
            assert find_gpu(name) is gpu, name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a10x", "GPU 'a10x' is not known: did you mean NVIDIA A10, NVIDIA A100 80GB SXM?"),
        (
            "<b>",
            "GPU '<b>' is not known: did you mean NVIDIA V100 SXM2 32GB, NVIDIA A100 40GB, NVIDIA "
            "A100 80GB PCIe, NVIDIA A100 80GB SXM, NVIDIA H100 SXM?",
        ),
        (
            "zzzz",
            "GPU 'zzzz' is not known: choose one of the table, assets/gpus.json, or give its "
            "numbers.",
        ),
        (
            None,
            "GPU None is not known: choose one of the table, assets/gpus.json, or give its "
            "numbers.",
        ),
    ],
)
def test_an_unknown_gpu_is_one_sentence(text, message):
    with pytest.raises(GpuError) as error:
        find_gpu(text)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "80", 2**200])
def test_numbers_of_ones_own_are_checked(value):
    with pytest.raises(GpuError, match=r"^the GPU's memory .* is not a whole number from 1 to "):
        Gpu(name="mine", advertised_bytes=value, bandwidth_bytes_per_s=1)
    with pytest.raises(GpuError, match=r"^the GPU's 16-bit FLOPS .* is not a whole number"):
        Gpu(name="mine", advertised_bytes=1, bandwidth_bytes_per_s=1, flops_16bit=value)


def test_gaudi_is_not_offered_where_it_does_not_run():
    gaudi = [gpu for gpu in list_gpus() if "Gaudi" in gpu.name]
    assert {gpu.maker for gpu in gaudi} == {"Intel Gaudi"}
    for engine, runs in (("llama.cpp", False), ("vllm", True), ("transformers", True)):
        makers = ENGINES[engine].makers
        assert ("Intel Gaudi" in makers) is runs
        assert "Intel" in makers
