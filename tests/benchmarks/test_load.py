"""How long a language model takes to load, in a process of its own, imports told apart."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.real import fetched

ROOT = Path(__file__).parents[2]
LIMIT = 3.0  # seconds
CODE = """
import time
began = time.perf_counter()
from attention.models.huggingface import checkpoint
imported = time.perf_counter()
checkpoint.load({name!r}, device="cpu")
print(imported - began, time.perf_counter() - imported)
"""


@pytest.mark.benchmark
@pytest.mark.parametrize("name", ["smollm2", "minilm"])
def test_a_fetched_model_loads_within_three_seconds(name):
    fetched(name)
    runs = []
    for _ in range(3):
        result = subprocess.run(
            [sys.executable, "-c", CODE.format(name=name)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        runs.append(tuple(map(float, result.stdout.split())))
    imports, load = (min(column) for column in zip(*runs, strict=True))
    print(f"\n{name}: loaded in {load:.2f} s, after {imports:.2f} s of imports; best of 3")
    assert load <= LIMIT
