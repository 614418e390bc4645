"""Where the weights go: one device, or several and the disk."""

import inspect

import pytest
import torch
from safetensors.torch import save_file

from attention.devices import DeviceError
from attention.models.huggingface import placement
from attention.models.huggingface.checkpoint import load
from tests.models import tiny

place = inspect.unwrap(placement.place)  # itself, whatever a run pretends


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.zeros(300, 100, dtype=torch.bfloat16), "b": torch.zeros(7)}, path)
    return path


def pretend(monkeypatch, device, free, bf16=True):
    monkeypatch.setattr(placement, "pick_device", lambda name: device)
    monkeypatch.setattr(placement, "free_memory", lambda: free)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)


def test_the_numbers_of_every_file_are_counted(file, tmp_path):
    other = tmp_path / "b.safetensors"
    save_file({"c": torch.zeros(5, 5)}, other)
    assert place([file, other], "cpu", "auto").numbers == 30_032


@pytest.mark.parametrize(
    ("device", "stored", "bf16", "chosen"),
    [
        ("cpu", torch.bfloat16, True, torch.float32),
        ("cuda", torch.bfloat16, True, torch.bfloat16),
        ("cuda", torch.float16, True, torch.float16),
        ("cuda", torch.float32, True, torch.bfloat16),
        ("cuda", torch.float32, False, torch.float16),
        ("mps", torch.float32, False, torch.float16),
    ],
)
def test_half_precision_on_a_gpu(monkeypatch, tmp_path, device, stored, bf16, chosen):
    pretend(monkeypatch, device, {0: 10**9, "cpu": 10**9}, bf16)
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.zeros(30, 10, dtype=stored)}, path)
    assert place([path], "auto", "auto").dtype == chosen
    assert place([path], "auto", "float32").dtype == torch.float32


def test_what_fits_goes_to_one_device(monkeypatch, file):
    pretend(monkeypatch, "cuda", {0: 10**6, 1: 10**6, "cpu": 10**9})
    placed = place([file], "auto", "auto")
    assert not placed.spread
    assert placed.arguments() == {"dtype": torch.bfloat16, "device_map": {"": "cuda"}}


def test_what_fits_no_gpu_alone_is_spread_over_all_of_them(monkeypatch, file):
    pretend(monkeypatch, "cuda", {0: 50_000, 1: 50_000, "cpu": 10**9})
    given = place([file], "auto", "auto").arguments("spare")
    assert given["device_map"] == "auto"
    assert given["max_memory"] == {0: 40_000, 1: 40_000, "cpu": 800_000_000}


def test_what_does_not_fit_the_memory_waits_on_disk(monkeypatch, file):
    pretend(monkeypatch, "cpu", {0: 10**9, "cpu": 100_000})
    given = place([file], "auto", "auto").arguments("spare")
    assert (given["device_map"], given["max_memory"]) == ("auto", {"cpu": 80_000})


def test_a_spread_model_weighs_as_it_does_on_one_device(monkeypatch, tmp_path, capfd):
    folder, whole = tiny.make("llama", tmp_path), tiny.load_tiny("llama")
    monkeypatch.setattr(placement, "free_memory", lambda: {"cpu": 350_000})
    model = load(str(folder), device="cpu")
    assert capfd.readouterr() == ("", "")
    assert model.device == "cpu + disk"
    assert any(p.device.type == "meta" for p in model.model.parameters())
    ids = list(range(50, 70))
    for _ in range(2):  # weights come and go
        torch.testing.assert_close(model.run(ids), whole.run(ids))
    trace, theirs = model.trace(ids, layer=2), whole.trace(ids, layer=2)
    torch.testing.assert_close(trace.weights, theirs.weights)
    torch.testing.assert_close(trace.output, theirs.output)
    assert model.measure_cache(ids) == model.cache_formula(20) == whole.cache_formula(20)
    assert model.split_error(trace, layer=2) is None or model.split_error(trace, layer=2) < 1e-5


def test_free_memory_is_what_accelerate_finds():
    assert placement.free_memory()["cpu"] > 10**8


def test_an_unknown_device_or_format(file):
    with pytest.raises(DeviceError, match="device 'tpu' is unknown"):
        place([file], "tpu", "auto")
    with pytest.raises(DeviceError, match="number format 'int3' is unknown"):
        place([file], "cpu", "int3")


@pytest.mark.gpu
def test_a_model_larger_than_the_gpu_is_spread(gpu, monkeypatch, tmp_path):
    if gpu != "cuda":
        pytest.skip("accelerate spreads over CUDA devices")
    folder, whole = tiny.make("llama", tmp_path), tiny.load_tiny("llama")
    monkeypatch.setattr(placement, "free_memory", lambda: {0: 250_000, "cpu": 10**9})
    model = load(str(folder), device="cuda", dtype="float32")
    assert model.device == "cpu + cuda:0"
    ids = list(range(50, 70))
    torch.testing.assert_close(model.run(ids).cpu(), whole.run(ids).cpu(), rtol=1e-3, atol=1e-3)
