"""Cache lines of an engine's log, recomputed: do they agree, and if not, why?

llama.cpp prints its model's dims above its cache lines, so that a pasted log can be checked by
itself. vLLM, SGLang and Ollama print its name, which the catalog may know; else a model has to be
given. Where a log has several starts, each is checked by itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from attention.kv.checks import shortened
from attention.kv.engines import ENGINES, LOGS
from attention.kv.engines.log_reading import (
    LARGEST_LOG,
    MOST_FINDINGS,
    Basis,
    Finding,
    LogError,
    lines_of,
)
from attention.kv.engines.log_starts import Starts, rank_by_rank
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.sentence import Sentence

_OF_INTEREST = re.compile(r"[=:] ?.|GiB|size|--\w|\b(?:serve|run) ")  # all that is read has one


@dataclass(frozen=True, kw_only=True)
class LogCheck:
    """What was found in a log.

    Args:
        engines: whose lines there are, in order of their names.
        findings: every figure, as printed and as computed, start by start.
        facts: what the log says of the model and the context; of the last start that says it.
        models: names of the known models whose dims were taken, because the log names them or they
            were given.
        starts: for each engine, how many of its starts the log has.
        cut: how many further findings were left out.
    """

    engines: tuple[str, ...]
    findings: tuple[Finding, ...]
    facts: Mapping[str, int | list[int]]
    models: tuple[str, ...] = ()
    starts: Mapping[str, int]
    cut: int = 0

    @property
    def agrees(self) -> bool | None:
        """True if all that could be compared agree, False if any does not, None without any."""
        compared = [finding.agrees for finding in self.findings if finding.agrees is not None]
        return all(compared) if compared else None

    @property
    def model(self) -> str | None:
        """The models' names together; None without any."""
        return ", ".join(self.models) or None


def check_log(text: str, shape: ModelShape | None = None, **settings: Value) -> LogCheck:
    """Find the cache lines of a log and recompute them.

    Args:
        text: the log, or a part of it: llama.cpp's header lines let it be checked alone.
        shape: the model, which goes before what the log says.
        settings: fields of a :class:`~attention.kv.workload.Workload` and settings of engines that
            go before what the log says: ``tp``, ``block_size``, ``k_format``, ``context``, …

    Raises:
        LogError: no text, over 5,000,000 characters, no cache line in it, or a setting that no
            engine has.
        ValueError: a setting that cannot be, as its engine raises it.
    """
    return check(text, Basis(given=shape, settings=settings))


def check(text: str, basis: Basis) -> LogCheck:
    """As :func:`check_log`, from what may hold where the log says nothing, too."""
    if len(text) > LARGEST_LOG:
        raise LogError(
            "the log has {n_text} characters, more than {largest_log}: keep the part around the "
            "cache line.",
            n_text=len(text),
            largest_log=LARGEST_LOG,
        )
    for name in (*basis.settings, *basis.fallback.settings):
        if not any(engine.heeds(name) for engine in ENGINES.values()):
            raise LogError(
                "{name} is no setting of any engine: leave it out.", name=shortened(name)
            )
    found = _read(text, basis)
    if not found:
        titles = [log.title for log in LOGS]
        raise LogError(
            "the log has no cache line of {choices} or {titles}: paste the lines that the engine "
            "printed when it started.",
            choices=", ".join(titles[:-1]),
            titles=titles[-1],
        )
    findings = tuple(finding for starts in found for finding in starts.findings)
    models = [model for starts in found for model in starts.models]
    if models and all(model.keeps_nothing for model in models):
        findings = tuple(_of_another(finding, models[0]) for finding in findings)
    return LogCheck(
        engines=tuple(sorted(starts.log.engine for starts in found)),
        findings=findings[:MOST_FINDINGS],
        facts={name: fact for starts in found for name, fact in starts.facts.items()},
        models=tuple(dict.fromkeys(one.name for starts in found for one in starts.models)),
        starts={starts.log.engine: starts.n_starts for starts in found},
        cut=max(0, len(findings) - MOST_FINDINGS),
    )


def _of_another(finding: Finding, shape: ModelShape) -> Finding:
    """A line of a cache, held against a model that keeps none: an encoder, say."""
    why = Sentence("{name} keeps no cache: the line is of another model.", name=shape.name)
    return replace(finding, computed=None, agrees=False, formula="", cause=why)


def _read(text: str, basis: Basis) -> list[Starts]:
    """The engines that have lines in the log: each line is shown to every engine's reader."""
    engines = [Starts(log, basis) for log in LOGS]
    for line in rank_by_rank(filter(_OF_INTEREST.search, lines_of(text))):
        if sum(starts.n_findings for starts in engines) > 2 * MOST_FINDINGS:
            break
        for starts in engines:
            starts.take(line)
    for starts in engines:
        starts.end()
    return [starts for starts in engines if starts.findings]
