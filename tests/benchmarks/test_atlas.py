"""The whole atlas of SmolLM2: three sets of probes, the re-initialised twin, ordinary text."""

import time

import pytest

from attention import atlas
from attention.models.huggingface import checkpoint
from tests.models.real import fetched

LIMIT = 120  # seconds on two CPU cores


@pytest.mark.benchmark
def test_smollm2_within_two_minutes() -> None:
    model = checkpoint.load(str(fetched("smollm2")), device="cpu")
    started, cpu = time.perf_counter(), time.process_time()
    found = atlas.measure(model)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"\natlas of {found.model}: {seconds:.0f} s, {cpu:.0f} s of the processors")
    assert seconds <= LIMIT
