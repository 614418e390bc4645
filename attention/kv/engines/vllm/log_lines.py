"""vLLM's lines on its cache, V0 and V1, taken apart.

Lines (``vllm/v1/core/kv_cache_utils.py``, ``vllm/v1/worker/gpu_worker.py``; V0:
``vllm/executor/executor_base.py``, ``vllm/worker/worker.py``)::

    Available KV cache memory: 37.42 GiB
    GPU KV cache size: 350,304 tokens
    Maximum concurrency for 16,000 tokens per request: 21.89x
    GPU KV cache size: 569,878 tokens, Maximum concurrency for 131,072 tokens per request: 4.35x
    … 4.54 GiB KV cache is needed, which is larger than the available KV cache memory …
    # GPU blocks: 4741, # CPU blocks: 4681
    … the rest of the memory reserved for KV Cache is 4.05GiB.
    Memory profiling results: … kv_cache_size=4.05GiB gpu_memory_utilization=0.90.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from attention.kv.engines.log_reading import decimal, shown, whole
from attention.kv.engines.vllm import log_settings, log_starts
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

Asked = tuple[ModelShape, Workload]  # what lines are recomputed from

_GIB = r"(\d{1,9}(?:\.\d{1,4})?) {0,4}GiB"
_NUMBER = r"(\d[\d,]{0,18})"
_PATTERNS = {
    "tokens": re.compile(rf"GPU KV cache size: {_NUMBER} tokens"),
    "concurrency": re.compile(
        rf"Maximum concurrency for {_NUMBER} tokens per request: {_NUMBER}(\.\d{{1,4}})?x"
    ),
    "available": re.compile(
        rf"(?:Available KV cache memory: |memory reserved for KV Cache is |kv_cache_size=){_GIB}"
    ),
    "needed": re.compile(rf"\(?{_GIB} KV cache is needed"),
    "blocks": re.compile(rf"# \w{{1,20}} blocks: {_NUMBER}, # CPU blocks: {_NUMBER}"),
}


@dataclass
class Lines:
    """What the lines said last.

    Args:
        found: by what they say: the line, and its values as printed.
        settings: of the server, as printed.
    """

    found: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """Read a line."""
        log_settings.read(line, self.settings)
        log_starts.read_v0(line, self.settings)
        for name, pattern in _PATTERNS.items():
            if not (match := pattern.search(line)):
                continue
            values = match.groups(default="")
            # Of several devices the one with the least memory decides for all.
            if name == "available" and self._has_less(decimal(values[0])):
                continue
            if name not in self.found or name in ("needed", "available"):
                self.found[name] = (shown(line), values)

    @property
    def in_one_line(self) -> bool:
        """Whether tokens and concurrency stand in one line, as since 0.28."""
        lines = [self.found[name][0] for name in ("tokens", "concurrency") if name in self.found]
        return len(lines) == 2 and lines[0] == lines[1]

    def _has_less(self, gib: Fraction) -> bool:
        known = self.values("available")
        return bool(known) and decimal(known[0]) <= gib

    def values(self, name: str) -> tuple[str, ...]:
        return self.found[name][1] if name in self.found else ()

    def workload(self) -> dict[str, Value]:
        """What a workload has of it, by name."""
        said = log_settings.workload_of(self.settings)
        length = self.values("concurrency")
        if length and whole(length[0]):
            said["context"] = whole(length[0])
        return said
