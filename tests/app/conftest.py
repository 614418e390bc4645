"""Shared by the tests of the pages that need no browser: what AppTest does over and over, once."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from app import garbage


@pytest.fixture(scope="session", autouse=True)
def _what_stays() -> Iterator[None]:
    """Streamlit reads what every installed package says of itself for each page that is opened,
    half of what a page costs here. And what stays in memory was put aside before the first test:
    nobody looks at it again whenever a model is loaded."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        patch.setattr(garbage, "settle", gc.collect)
        yield
