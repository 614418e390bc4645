"""vLLM's lines on its cache, V0 and V1, taken apart.

Lines (``vllm/v1/core/kv_cache_utils.py``, ``vllm/v1/worker/gpu_worker.py``; V0:
``vllm/executor/executor_base.py``, ``vllm/worker/worker.py``)::

    Available KV cache memory: 37.42 GiB
    GPU KV cache size: 350,304 tokens
    Maximum concurrency for 16,000 tokens per request: 21.89x
    … 4.54 GiB KV cache is needed, which is larger than the available KV cache memory …
    # GPU blocks: 4741, # CPU blocks: 4681
    … the rest of the memory reserved for KV Cache is 4.05GiB.
    Memory profiling results: … kv_cache_size=4.05GiB gpu_memory_utilization=0.90.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from attention.kv.engines.log_reading import decimal, shown, whole
from attention.kv.engines.vllm import log_starts
from attention.kv.formats import FormatError, stored_format
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
    "block_size": re.compile(rf"Setting attention block size to {_NUMBER} tokens"),
}
_SETTINGS = {
    "tp": re.compile(r"tensor_parallel_size=(\d{1,5})"),
    "block_size": re.compile(r"block_size=(\d{1,6})\b"),
    "max_model_len": re.compile(r"max_seq_len=(\d{1,12})"),
    "max_batched_tokens": re.compile(r"max_num_batched_tokens=(\d{1,9})"),
    "k_format": re.compile(r"kv_cache_dtype=['\"]?([\w.]{1,40})"),
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
        log_starts.read_v0(line, self.settings)
        for name, pattern in _SETTINGS.items():
            if match := pattern.search(line):
                self.settings[name] = match[1]
        for name, pattern in _PATTERNS.items():
            if not (match := pattern.search(line)):
                continue
            values = match.groups(default="")
            # Of several devices the one with the least memory decides for all.
            if name == "available" and self._has_less(decimal(values[0])):
                continue
            if name not in self.found or name in ("needed", "available"):
                self.found[name] = (shown(line), values)

    def _has_less(self, gib: Fraction) -> bool:
        known = self.values("available")
        return bool(known) and decimal(known[0]) <= gib

    def values(self, name: str) -> tuple[str, ...]:
        return self.found[name][1] if name in self.found else ()

    def workload(self) -> dict[str, Value]:
        """What a workload has of it, by name."""
        said: dict[str, Value] = {
            "context": int(self.settings.get("max_model_len", 4096)) or 4096,
            "max_batched_tokens": int(self.settings.get("max_batched_tokens", 2048)) or 2048,
        }
        length = self.values("concurrency")
        if length and whole(length[0]):
            said["context"] = whole(length[0])
        for name in ("tp", "block_size"):
            if number := int(self.settings.get(name, 0)):
                said[name] = number
        with suppress(FormatError):  # "auto", or one that is not known here
            said["k_format"] = stored_format(self.settings.get("k_format")).name
        return said
