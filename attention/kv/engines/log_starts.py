"""An engine's lines in a log, start by start: what one start printed says nothing of another.

Logs grow: a server that failed is started again, a second model is loaded. A start ends where its
engine announces itself anew, or prints again what it prints once, after lines of the cache.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from attention.kv.checks import ShapeError
from attention.kv.engines.log_reading import Basis, Finding, Log
from attention.kv.read.catalog import find_model
from attention.kv.shape import ModelShape

MOST_NAMES = 40  # tried in the catalog; a name that is not found takes milliseconds
_RANK = re.compile(r"\((?:EngineCore|Worker)_DP(\d{1,4})")
_HUB_CACHE = re.compile(r"models--([\w.-]{1,100}?)--([\w.-]{1,100})")
_FILE_ENDING = re.compile(r"(-\d{5}-of-\d{5})?\.gguf$", re.IGNORECASE)


class Starts:
    """Reads one engine's lines.

    Args:
        log: whose lines.
        basis: what they are recomputed from; each start gets one of its own.
    """

    def __init__(self, log: Log, basis: Basis) -> None:
        self.log, self.basis = log, basis
        self.findings: list[Finding] = []
        self.models: list[ModelShape] = []
        self.facts: dict[str, int | list[int]] = {}
        self.n_starts = 0
        self._names: dict[str, ModelShape | None] = {}
        self._open()

    @property
    def n_findings(self) -> int:
        """Figures read so far."""
        return len(self.findings) + len(self._found)

    def take(self, line: str) -> None:
        """Read the line; of a next start, after ending the one before."""
        announced = self.reader.begun and self.log.starts.search(line)
        if announced or self.reader.repeats(line):
            self.end()
            self._open()
        # The last name above the cache holds: one before it may be of a start that failed.
        if not self.reader.begun or self.own.named is None:
            self.own.named = self._named_in(line) or self.own.named
        self._found += self.reader.take(line)

    def end(self) -> None:
        """End the start that is being read; one without any figure does not count."""
        self._found += self.reader.end()
        if not self._found:
            return
        self.n_starts += 1
        self.facts |= self.reader.facts
        self.findings += [
            replace(finding, engine=self.log.engine, start=self.n_starts) for finding in self._found
        ]
        if self.own.known is not None:
            self.models.append(self.own.known)

    def _open(self) -> None:
        self.own = replace(self.basis)
        self.reader = self.log.reader(self.own)
        self._found: list[Finding] = []

    def _named_in(self, line: str) -> ModelShape | None:
        """The model of the catalog that the line names."""
        match = self.log.names.search(line)
        if match is None:
            return None
        text = next(name for name in match.groups() if name)
        if text not in self._names and len(self._names) < MOST_NAMES:
            self._names[text] = None
            for name in names_in(text):
                with suppress(ShapeError):
                    self._names[text] = find_model(name)
                    break
        return self._names.get(text)


def rank_by_rank(lines: Iterable[str]) -> Iterator[str]:
    """The lines with those of data-parallel ranks (vLLM's ``EngineCore_DP1``) one rank after
    another, instead of as they came: each rank has memory and a cache of its own.

    What the server says above them holds for every rank, and is repeated.
    """
    kept = list(lines)
    ranks = [match and int(match[1]) for match in map(_RANK.search, kept)]
    first, *others = sorted({rank for rank in ranks if rank is not None}) or [0]
    for rank in (first, *others):
        for line, of in zip(kept, ranks, strict=True):
            is_said_again = of is None and (rank == first or "KV cache" not in line)
            if of == rank or is_said_again:
                yield line


def names_in(text: str) -> Iterator[str]:
    """What a model may be called, by a path, a file or a Hub id: the likeliest first.

    ``/root/.cache/huggingface/hub/models--Qwen--Qwen3-8B/snapshots/b968826d`` is Qwen/Qwen3-8B,
    ``/models/Qwen3-8B/`` Qwen3-8B, ``C:\\\\models\\\\gemma-2-9b.gguf`` gemma-2-9b.
    """
    if match := _HUB_CACHE.search(text):
        yield f"{match[1]}/{match[2]}"
        return
    yield _FILE_ENDING.sub("", text.strip().replace("\\", "/").rstrip("/"))
