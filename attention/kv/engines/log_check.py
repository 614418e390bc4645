"""Cache lines of an engine's log, recomputed: do they agree, and if not, why?

llama.cpp prints its model's dims above its cache lines, so that a pasted log can be checked by
itself. vLLM and SGLang print its name, which the catalog may know; else, and for Ollama, a model
has to be given.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from attention.kv.checks import ShapeError, shortened
from attention.kv.engines import ENGINES, LOGS
from attention.kv.engines.log_reading import (
    LARGEST_LOG,
    MOST_FINDINGS,
    Basis,
    Finding,
    LogError,
    lines_of,
)
from attention.kv.read.catalog import find_model
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.sentence import Sentence

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


def check_log(text: str, shape: ModelShape | None = None, **settings: Value) -> LogCheck:
    """Find the cache lines of a log and recompute them.

    Args:
        text: the log, or a part of it: llama.cpp's header lines let it be checked alone.
        shape: the model, where the log does not say its dims; it goes before what the log says.
        settings: fields of a :class:`~attention.kv.workload.Workload` and settings of engines that
            the log does not say: ``tp``, ``block_size``, ``k_format``, ``context``, …

    Raises:
        LogError: no text, over 5,000,000 characters, no cache line in it, or a setting that no
            engine has.
        ValueError: a setting that cannot be, as its engine raises it.
    """
    if len(text) > LARGEST_LOG:
        raise LogError(
            "the log has {n_text} characters, more than {largest_log}: keep the part around the "
            "cache line.",
            n_text=len(text),
            largest_log=LARGEST_LOG,
        )
    for name in settings:
        if not any(engine.heeds(name) for engine in ENGINES.values()):
            raise LogError(
                "{name} is no setting of any engine: leave it out.", name=shortened(name)
            )
    basis = Basis(shape=shape, known=shape, settings=settings)
    found, facts = _read(text, basis)
    if not found:
        titles = [log.title for log in LOGS]
        raise LogError(
            "the log has no cache line of {choices} or {titles}: paste the lines that the engine "
            "printed when it started.",
            choices=", ".join(titles[:-1]),
            titles=titles[-1],
        )
    findings = tuple(finding for _, finding in found)
    if shape is not None and shape.keeps_nothing:
        findings = tuple(_of_another(finding, shape) for finding in findings)
    return LogCheck(
        engines=tuple(sorted({engine for engine, _ in found})),
        findings=findings[:MOST_FINDINGS],
        facts=facts,
        model=basis.known.name if basis.known else None,
        cut=max(0, len(findings) - MOST_FINDINGS),
    )


def _of_another(finding: Finding, shape: ModelShape) -> Finding:
    """A line of a cache, held against a model that keeps none: an encoder, say."""
    why = Sentence("{name} keeps no cache: the line is of another model.", name=shape.name)
    return replace(finding, computed=None, agrees=False, formula="", cause=why)


def _read(text: str, basis: Basis) -> tuple[list[tuple[str, Finding]], dict[str, int | list[int]]]:
    """Every finding with its engine, and the facts: line by line, each shown to every reader."""
    readers = [(log.engine, log.reader(basis)) for log in LOGS]
    found: list[tuple[str, Finding]] = []
    for line in lines_of(text):
        if len(found) > 2 * MOST_FINDINGS:
            break
        if not _OF_INTEREST.search(line):
            continue
        if basis.known is None and (match := _MODEL.search(line)):
            with suppress(ShapeError):
                basis.known = find_model(match[1])
        for engine, reader in readers:
            found += [(engine, finding) for finding in reader.take(line)]
    facts: dict[str, int | list[int]] = {}
    for engine, reader in readers:
        found += [(engine, finding) for finding in reader.end()]
        facts |= reader.facts
    return found, facts
