"""``--pretend-auto``: what a machine with a GPU would show of the tests, on one without.

``auto`` is another device on every machine, and on a GPU another number format. So a test names its
device, or holds for whatever ``auto`` picks: the pages, whose visitors name none.
"""

from functools import wraps

import pytest

from attention import devices
from attention.devices import DeviceError


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pretend-auto",
        choices=("bfloat16", "refused"),
        help="bfloat16: language models on auto are in bfloat16, as on a GPU; refused: auto is no "
        "device, so that what relies on it fails",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before the first test imports what it replaces."""
    pretended = config.getoption("--pretend-auto")
    if pretended == "refused":
        _refuse()
    elif pretended == "bfloat16":
        _halve()


def _refuse() -> None:
    pick_device = devices.pick_device

    @wraps(pick_device)
    def pretend(name: str = "auto") -> str:
        if name == "auto":
            raise DeviceError("this run has no device 'auto': name one.")
        return pick_device(name)

    devices.pick_device = pretend


def _halve() -> None:
    from attention.models.huggingface import placement  # noqa: PLC0415 (it loads transformers)

    place = placement.place

    @wraps(place)
    def pretend(files, device, dtype):
        return place(files, device, "bfloat16" if device == dtype == "auto" else dtype)

    placement.place = pretend
