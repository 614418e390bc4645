"""Runs the command line as a person does: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """``python -m attention ARGUMENTS`` from the root of the repository."""
    return subprocess.run(
        [sys.executable, "-m", "attention", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
