"""What vLLM's lines say of its settings: the engine's config, its arguments, and what it decided.

Lines (``vllm/v1/engine/core.py``, ``vllm/config/vllm.py``, ``vllm/config/scheduler.py``,
``vllm/entrypoints/``)::

    Initializing a V1 LLM engine (v0.23.0) with config: model='…', … tensor_parallel_size=2, …
    non-default args: {'model_tag': '…', 'kv_cache_dtype': 'fp8', 'max_num_batched_tokens': 2496}
    vllm serve … --tensor-parallel-size 2 --no-enable-prefix-caching
    Chunked prefill is enabled with max_num_batched_tokens=8192.
    Asynchronous scheduling is enabled.
    Mamba cache mode is set to 'align' for … by default when prefix caching is enabled
    Setting attention block size to 1568 tokens to ensure that …
"""

import re
from collections.abc import Mapping
from contextlib import suppress

from attention.kv.formats import FormatError, stored_format
from attention.kv.settings import Value

_ON = {"True": True, "true": True, "enabled": True, "False": False, "false": False,
       "disabled": False}  # fmt: skip


def _said(names: str, value: str) -> str:
    """A setting as an argument, a field of a config, or an entry of a dictionary."""
    dashed = names.replace("_", "[_-]")
    return rf"(?<![\w-])(?:--|['\"])?(?:{dashed})['\"]?(?:=|: |[ ]){{1,2}}['\"]?({value})"


_NUMBERS = {
    "tp": _said(r"tensor_parallel_size|-tp", r"\d{1,5}"),
    "dcp": _said(r"decode_context_parallel_size|-dcp", r"\d{1,5}"),
    "pcp": _said(r"prefill_context_parallel_size|-pcp", r"\d{1,5}"),
    "block_size": _said("block_size", r"\d{1,6}") + r"\b|attention block size to (\d{1,6})",
    "max_model_len": _said("max_seq_len|max_model_len", r"\d{1,12}")
    + r"|max seq len \((\d{1,12})\)",
    "max_batched_tokens": _said("max_num_batched_tokens", r"\d{1,9}"),
    "speculative_tokens": _said("num_spec_tokens|num_speculative_tokens", r"\d{1,3}"),
}
_WORDS = {
    "vllm_version": r"(?:LLM engine \(|(?:vLLM|█).{0,60}version:? )v?(\d{1,3}\.\d[\w.+]{0,40})",
    "k_format": _said("kv_cache_dtype", r"[\w.]{1,40}"),
    "state_format": _said("mamba_ssm_cache_dtype", r"[\w.]{1,40}"),
    "method": r"(?:speculative.{0,40}method['\"]?(?:=|: ?)['\"]?)(\w{1,30})",
    "prefix_caching": _said("enable_prefix_caching", "[Tt]rue|[Ff]alse"),
    "async_scheduling": r"Asynchronous scheduling is (enabled|disabled)",
    "hybrid": _said("disable_hybrid_kv_cache_manager", "[Tt]rue|[Ff]alse"),
}
_PATTERNS = {name: re.compile(text) for name, text in (_NUMBERS | _WORDS).items()}
# Flags without a value, and what is decided where a model has recurrent layers.
_FLAGS = (
    (re.compile(r"--enable-prefix-caching\b"), "prefix_caching", "True"),
    (re.compile(r"Mamba cache mode is set to '(?:align|all)'"), "prefix_caching", "True"),
    (re.compile(r"--no-enable-prefix-caching\b|when prefix caching is disabled"),
     "prefix_caching", "False"),
    (re.compile(r"--no-async-scheduling\b"), "async_scheduling", "False"),
    (re.compile(r"--disable-hybrid-kv-cache-manager\b"), "hybrid", "True"),
)  # fmt: skip
# A line that says a setting has one of them; lines of a server at work have none.
_OF_INTEREST = ("parallel", "-tp", "-dcp", "-pcp", "block", "max_", "max-", "max seq", "spec",
                "LLM engine", "version", "cache_dtype", "cache-dtype", "prefix", "sync", "amba",
                "hybrid")  # fmt: skip
_NO_LAYERS = ("ngram", "suffix", "ngram_gpu")  # ways to draft that keep no cache


def read(line: str, settings: dict[str, str]) -> None:
    """Put what the line says of settings into ``settings``, as printed."""
    if not any(word in line for word in _OF_INTEREST):
        return
    for name, pattern in _PATTERNS.items():
        if match := pattern.search(line):
            settings[name] = next(text for text in match.groups() if text)
    for pattern, name, text in _FLAGS:
        if pattern.search(line):
            settings[name] = text


def workload_of(settings: Mapping[str, str]) -> dict[str, Value]:
    """Fields of a workload and settings of vLLM that were printed, by name."""
    said: dict[str, Value] = {}
    for name in _NUMBERS:
        number = int(settings.get(name, "0").replace(",", ""))
        if number:
            said["context" if name == "max_model_len" else name] = number
    for name in ("k_format", "state_format"):
        with suppress(FormatError):  # "auto", or one that is not known here
            said[name] = stored_format(settings.get(name)).name
    # A build from source without tags calls itself 0.1.dev: it says nothing.
    if not settings.get("vllm_version", "0.1.dev").startswith("0.1.dev"):
        said["vllm_version"] = settings["vllm_version"]
    if settings.get("method") in _NO_LAYERS:
        said["draft_layers"] = 0
    if (caches := _ON.get(settings.get("prefix_caching", ""))) is not None:
        said["prefix_caching"] = "on" if caches else "off"
    if (steps := _ON.get(settings.get("async_scheduling", ""))) is not None:
        said["async_scheduling"] = steps
    if (without := _ON.get(settings.get("hybrid", ""))) is not None:
        said["hybrid"] = not without
    return said
