"""The most memory that a process has held, for tests that start one to measure it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Of this process since it was started.

    Not ru_maxrss of :mod:`resource`, which a process inherits from the one that started it.
    """
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def measured(code: str) -> list[float]:
    """The numbers that ``code`` prints in a process of its own; it may import :func:`peak_mb`."""
    if not STATUS.exists():
        pytest.skip("peak memory is read from /proc, which is Linux's")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [float(value) for value in done.stdout.split()]
