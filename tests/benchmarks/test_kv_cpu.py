"""CPU time of ``python -m attention kv``, a process of its own: ``-m benchmark -s``."""

import resource

import pytest

from tests.cli.run import run
from tests.cli.test_kv import arguments

pytestmark = pytest.mark.benchmark


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


CATALOG = ("kv", "--model", "Llama-3-8B")


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        (arguments(), "numbers given"),
        (CATALOG, "a model of the catalog"),
        ((*CATALOG, "--engine", "vllm", "--tp", "8"), "the same in vLLM"),
    ],
)
def test_kv_answers_in_less_than_0_3_seconds_of_cpu_time(asked, how):
    seconds = []
    for _ in range(5):
        before = cpu_seconds()
        assert run(*asked, "--json").returncode == 0
        seconds.append(cpu_seconds() - before)
    print(f"\nkv, {how}: {min(seconds):.3f} to {max(seconds):.3f} s of CPU time")
    assert max(seconds) < 0.3
