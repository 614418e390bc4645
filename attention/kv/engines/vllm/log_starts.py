"""Where a vLLM start begins in a log, what names its model, and what V0 says of the server."""

import re
from collections.abc import Container

STARTS = re.compile(r"Initializing an? (?:V[01] )?LLM engine|vLLM (?:API )?server version")
NAMES = re.compile(
    r"""\bmodel(?:_tag)?['"]?[=:] ?['"]([^'"]{1,300})['"]|\bvllm serve ([\w./:~-]{1,300})"""
    r"|vllm.{1,300}--model[= ]([\w./:~-]{1,300})"
)
_FIGURES = ("tokens", "concurrency", "needed", "blocks")
_BEFORE = re.compile(
    r"KV cache memory: |reserved for KV Cache is |kv_cache_size=|Setting attention block size to "
)
_BLOCKS = re.compile(r"# \w{1,20} blocks: \d")
_V0 = {
    "pp": re.compile(r"pipeline_parallel_size=(\d{1,5})"),
    "swap_space": re.compile(r"swap_space=(\d{1,6}(?:\.\d{1,4})?)"),
}


def repeats(line: str, found: Container[str]) -> bool:
    """Whether the line comes before a figure that was read: it is another start's.

    Args:
        found: the figures that were read, by name.
    """
    if _BEFORE.search(line) and any(name in found for name in _FIGURES):
        return True
    return "blocks" in found and bool(_BLOCKS.search(line))


def read_v0(line: str, settings: dict[str, str]) -> None:
    """Put what V0 is asked besides into ``settings``, as printed."""
    for name, pattern in _V0.items():
        if match := pattern.search(line):
            settings[name] = match[1]
