"""A pruning curve of SmolLM2: ``-m benchmark -s``."""

import time

import pytest
import torch

from attention import pruning
from attention.models.huggingface.checkpoint import load
from tests.models.real import fetched

pytestmark = pytest.mark.benchmark


def test_eleven_points_of_smollm2_within_a_minute():
    fetched("smollm2")
    model = load("smollm2", device="cpu", dtype="float32")
    rows = torch.randint(100, 40_000, (4, 256), generator=torch.Generator().manual_seed(0))
    start, processor = time.perf_counter(), time.process_time()
    found = pruning.prune(model, rows)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    print(f"\n11 points of 4 × 256 tokens: {seconds:.0f} s, {processor:.0f} s of the processors")
    assert len(found.points) == 11
    assert seconds <= 60
