import pytest
import torch

from attention.devices import DeviceError, parse_dtype, pick_device


@pytest.fixture(autouse=True)
def _none_named(monkeypatch):
    monkeypatch.delenv("HEADCOUNT_DEVICE")


@pytest.fixture
def machine(monkeypatch):
    """Pretends that the machine has, or lacks, CUDA and MPS."""

    def has(*, cuda, mps):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return has


@pytest.mark.parametrize(
    ("cuda", "mps", "picked"),
    [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_fastest_that_is_there(machine, cuda, mps, picked):
    machine(cuda=cuda, mps=mps)
    assert pick_device("auto") == picked
    assert pick_device() == picked
    assert pick_device(picked) == picked
    assert pick_device("cpu") == "cpu"


def test_auto_is_what_the_environment_names(machine, monkeypatch):
    machine(cuda=True, mps=False)
    monkeypatch.setenv("HEADCOUNT_DEVICE", "cpu")
    assert (pick_device("auto"), pick_device("cuda")) == ("cpu", "cuda")
    monkeypatch.setenv("HEADCOUNT_DEVICE", "mps")
    with pytest.raises(DeviceError, match="device 'mps' is not on this machine: choose auto, cuda"):
        pick_device("auto")
    for none in ("", "auto"):
        monkeypatch.setenv("HEADCOUNT_DEVICE", none)
        assert pick_device("auto") == "cuda"


def test_refuses_what_is_not_on_this_machine(machine):
    machine(cuda=False, mps=True)
    with pytest.raises(DeviceError) as refused:
        pick_device("cuda")
    assert str(refused.value) == "device 'cuda' is not on this machine: choose auto, mps, cpu."


def test_refuses_an_unknown_name(machine):
    machine(cuda=False, mps=False)
    with pytest.raises(DeviceError) as refused:
        pick_device("tpu")
    assert str(refused.value) == "device 'tpu' is unknown: choose auto, cuda, mps, cpu."


def test_number_formats():
    assert parse_dtype("bfloat16") is torch.bfloat16
    with pytest.raises(DeviceError) as refused:
        parse_dtype("int8")
    assert str(refused.value) == (
        "number format 'int8' is unknown: choose float32, float16, bfloat16."
    )


@pytest.mark.gpu
def test_auto_is_the_gpu_where_there_is_one(gpu):
    assert pick_device("auto") == gpu
    assert torch.zeros(1, device=pick_device("auto")).device.type == gpu
