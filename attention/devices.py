"""Where to compute, and in which number format."""

import os

import torch

from attention.errors import HeadcountError

DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = ("float32", "float16", "bfloat16")


class DeviceError(HeadcountError):
    """A device or number format that cannot be had. The message says what can."""


def pick_device(name: str = "auto") -> str:
    """``"cuda"``, ``"mps"`` or ``"cpu"``.

    Args:
        name: ``"auto"`` takes what the environment's HEADCOUNT_DEVICE names, else the first of the
            three that is there.

    Raises:
        DeviceError: the name is unknown, or this machine has no such device.
    """
    present = [device for device in DEVICES[1:] if _is_present(device)]
    if name == "auto":
        name = os.environ.get("HEADCOUNT_DEVICE") or "auto"
    if name == "auto":
        return present[0]
    if name not in DEVICES:
        raise DeviceError(
            "device {name!r} is unknown: choose {choices}.", name=name, choices=", ".join(DEVICES)
        )
    if name not in present:
        raise DeviceError(
            "device {name!r} is not on this machine: choose auto, {choices}.",
            name=name,
            choices=", ".join(present),
        )
    return name


def parse_dtype(name: str) -> torch.dtype:
    """``"float32"``, ``"float16"`` or ``"bfloat16"`` as torch's own.

    Raises:
        DeviceError: another name.
    """
    if name not in DTYPES:
        raise DeviceError(
            "number format {name!r} is unknown: choose {choices}.",
            name=name,
            choices=", ".join(DTYPES),
        )
    return getattr(torch, name)


def _is_present(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_available()
    if device == "mps":
        return torch.backends.mps.is_available()
    return True
