"""``--pretend-auto``: language models in bfloat16 on the CPU, as a GPU would have them.

On a GPU ``auto`` is half precision. So a test names its device, or holds for either format: the
pages, whose visitors name none. What names no device at all is found by a run with
``HEADCOUNT_DEVICE=none``, in which ``auto`` is refused.
"""

from functools import wraps

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pretend-auto", action="store_true", help="auto chooses as on a GPU")


def pytest_configure(config: pytest.Config) -> None:
    """Where it is used: a folder's conftest may have imported that before."""
    if not config.getoption("--pretend-auto"):
        return
    from attention.models.huggingface import checkpoint  # noqa: PLC0415 (it loads transformers)

    place = checkpoint.place

    @wraps(place)
    def pretend(files, device, dtype):
        return place(files, device, "bfloat16" if device == dtype == "auto" else dtype)

    checkpoint.place = pretend


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--pretend-auto"):
        skip = pytest.mark.skip(reason="tells what is seen in float32")
        for item in items:
            if item.get_closest_marker("float32"):
                item.add_marker(skip)
