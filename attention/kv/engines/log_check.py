"""Cache lines of an engine's log, recomputed: do they agree, and if not, why?

llama.cpp prints its model's dims above its cache lines, so that a pasted log can be checked by
itself. vLLM and SGLang print its name, which the catalog may know; else, and for Ollama, a model
has to be given.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from attention.kv.checks import ShapeError
from attention.kv.engines.llamacpp import log as llamacpp
from attention.kv.engines.llamacpp.log_header import Header
from attention.kv.engines.llamacpp.log_lines import cache_line
from attention.kv.engines.log_reading import (
    LARGEST_LOG,
    MOST_FINDINGS,
    Finding,
    LogError,
    lines_of,
)
from attention.kv.engines.ollama import log as ollama
from attention.kv.engines.sglang import log as sglang
from attention.kv.engines.vllm import log as vllm
from attention.kv.read.catalog import find_model
from attention.kv.shape import ModelShape

_OF_INTEREST = re.compile(r"[=:] ?.|GiB|size")  # every line that is read has one of them
_MODEL = re.compile(r"\bmodel(?:_path)?='([\w./ -]{1,120})'")


@dataclass(frozen=True, kw_only=True)
class LogCheck:
    """What was found in a log.

    Args:
        engines: whose lines there are, in order of their names.
        findings: every figure, as printed and as computed.
        facts: what the log says of the model and the context.
        model: the known model whose dims were taken, because the log names it or it was given.
        cut: how many further findings were left out.
    """

    engines: tuple[str, ...]
    findings: tuple[Finding, ...]
    facts: Mapping[str, int | list[int]]
    model: str | None = None
    cut: int = 0

    @property
    def agrees(self) -> bool | None:
        """True if all that could be compared agree, False if any does not, None without any."""
        compared = [finding.agrees for finding in self.findings if finding.agrees is not None]
        return all(compared) if compared else None


def check_log(text: str, shape: ModelShape | None = None, **settings: int | str) -> LogCheck:
    """Find the cache lines of a log and recompute them.

    Args:
        text: the log, or a part of it: llama.cpp's header lines let it be checked alone.
        shape: the model, where the log does not say its dims; it goes before what the log says.
        settings: fields of a :class:`~attention.kv.workload.Workload` that the log does not say:
            ``tp``, ``block_size``, ``k_format``, ``context``, …

    Raises:
        LogError: no text, over 5,000,000 characters, or no cache line in it.
        ValueError: a setting that cannot be, as its engine raises it.
    """
    if len(text) > LARGEST_LOG:
        raise LogError(
            f"the log has {len(text)} characters, more than {LARGEST_LOG}: keep the part around "
            "the cache line."
        )
    reader = _Reader(shape, settings)
    for line in lines_of(text):
        reader.take(line)
    found = reader.findings()
    if not found:
        raise LogError(
            "the log has no cache line of llama.cpp, vLLM, SGLang or Ollama: paste the lines that "
            "the engine printed when it started."
        )
    findings = tuple(finding for _, finding in found)
    return LogCheck(
        engines=tuple(sorted({engine for engine, _ in found})),
        findings=findings[:MOST_FINDINGS],
        facts=reader.facts,
        model=reader.known.name if reader.known else None,
        cut=max(0, len(findings) - MOST_FINDINGS),
    )


class _Reader:
    """Line by line: a header is that of the cache lines below it."""

    def __init__(self, shape: ModelShape | None, settings: dict) -> None:
        self.shape, self.settings = shape, settings
        self.known = shape  # or the catalog's, where vLLM or SGLang names a model that is in it
        self.header = Header()
        self.facts: dict[str, int | list[int]] = {}
        self.vllm = vllm.VllmLog({}, {})
        self.ollama = ollama.OllamaLog()
        self.said: dict[str, int] = {}
        self.found: list[tuple[str, Finding]] = []
        self.kv_layers: int | None = None

    def take(self, line: str) -> None:
        if len(self.found) > 2 * MOST_FINDINGS or not _OF_INTEREST.search(line):
            return
        self.header.read(line)
        self.facts |= self.header.numbers
        self.said |= sglang.setting(line)
        self._find_model(line)
        self.vllm.take(line)
        self._llama_cpp(line)
        given = {**self.said, **self.settings}
        self._add("sglang", sglang.check(line, self.known, given))
        self.ollama.take(line)

    def findings(self) -> list[tuple[str, Finding]]:
        of_vllm = vllm.check(self.vllm, self.known, self.settings) if self.vllm.found else []
        of_ollama = ollama.check(self.ollama, self.shape, self.settings)
        return [
            *self.found,
            *(("vllm", finding) for finding in of_vllm),
            *(("ollama", finding) for finding in of_ollama),
        ]

    def _llama_cpp(self, line: str) -> None:
        cache = cache_line(line)
        if cache is None:
            return
        self._add("llama.cpp", llamacpp.check(cache, self.header, self.shape, self.kv_layers))
        self.kv_layers = None if cache.is_state else cache.layers

    def _find_model(self, line: str) -> None:
        if self.known is None and (match := _MODEL.search(line)):
            with suppress(ShapeError):
                self.known = find_model(match[1])

    def _add(self, engine: str, findings: list[Finding]) -> None:
        self.found += [(engine, finding) for finding in findings]
