"""SGLang's cache lines, recomputed.

Lines (``python/sglang/srt/mem_cache/memory_pool.py``)::

    KV Cache is allocated. #tokens: 46611, K size: 1.42 GB, V size: 1.42 GB
    KV Cache is allocated. #tokens: 46611, KV size: 2.84 GB
    Mamba Cache is allocated. max_mamba_cache_size: 186, conv_state size: 0.10GB, ssm_state …

"GB" are 2^30 bytes. No line says the model's dims.
"""

import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from attention.kv.allocation import Allocation
from attention.kv.engines.log_reading import GIB, Basis, Finding, decimal, shown, whole
from attention.kv.engines.sglang import ENGINE
from attention.kv.formats import FormatError, stored_format
from attention.kv.settings import Value
from attention.sentence import Sentence

_POOL = re.compile(r"KV Cache is allocated\.[^#]{0,80}#tokens: {0,4}(\d[\d,]{0,18})")
_STATES = re.compile(r"Mamba Cache is allocated\. max_mamba_cache_size: (\d{1,9})")
_SIZE = re.compile(r"\b(K|V|KV|conv_state|ssm_state) size: {0,4}(\d{1,9}\.\d{1,4}) ?GB")
_SETTINGS = {
    "tp": re.compile(r"\btp_size=(\d{1,5})\b"),
    "block_size": re.compile(r"\bpage_size=(\d{1,6})\b"),
}
_FORMAT = re.compile(r"\bkv_cache_dtype='([\w.]{1,40})'|Using KV cache dtype: ([\w.]{1,40})")
_NAMES = {"conv_state": "convolution", "ssm_state": "recurrent"}


class Reader:
    """Checks each line of the cache by itself, with what the lines above said of the server."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.facts: dict[str, int | list[int]] = {}
        self.said: dict[str, Value] = {}

    def take(self, line: str) -> list[Finding]:
        """The line's sizes, recomputed; empty where it says nothing of a cache."""
        self.said |= _said(line)
        pool, states = _POOL.search(line), _STATES.search(line)
        match = pool or states
        if not match:
            return []
        count, settings = whole(match[1]), {**self.said, **self.basis.of(ENGINE)}
        findings = []
        for what, size in _SIZE.findall(line):
            finding = Finding(line=shown(line), what=what, printed=f"{size} GB")
            if self.basis.known is None or not count:
                findings.append(_alone(finding, size, count, "token" if pool else "state"))
                continue
            settings |= {"cells": count} if pool else {"batch": count}
            workload = ENGINE.workload(**{"context": 1, **settings})
            findings.append(_compared(finding, size, ENGINE.allocate(self.basis.known, workload)))
        return findings

    def end(self) -> list[Finding]:
        """Nothing: no line needs another below it."""
        return []


def _said(line: str) -> dict[str, Value]:
    """What a line says of how the server was set up."""
    matches = {name: pattern.search(line) for name, pattern in _SETTINGS.items()}
    said: dict[str, Value] = {
        name: int(match[1]) for name, match in matches.items() if match and int(match[1])
    }
    if match := _FORMAT.search(line):
        with suppress(FormatError):  # "auto", or one that is not known here
            said["k_format"] = stored_format(match[1] or match[2]).name
    return said


def _alone(finding: Finding, size: str, count: int, unit: str) -> Finding:
    each = decimal(size) * GIB / max(1, count)
    return replace(
        finding,
        formula=Sentence(
            "{size} GB / {count} {unit}s = about {each:.0f} bytes a {unit} on each device",
            size=size,
            count=count,
            unit=unit,
            each=float(each),
        ),
        cause=Sentence("The log does not say the model's dims: give the model to compare them."),
    )


def _compared(finding: Finding, size: str, allocation: Allocation) -> Finding:
    wanted = {"K": ("k",), "V": ("v",), "KV": ("k", "v", "other")}.get(finding.what, ("state",))
    name = _NAMES.get(finding.what)
    parts = [
        part
        for layer in allocation.per_layer
        for part in layer.parts
        if part.slot in wanted and (name is None or part.what == name)
    ]
    n_bytes = sum((part.n_bytes for part in parts), Fraction())
    digits = len(size.partition(".")[2])
    computed = f"{float(n_bytes / GIB):.{digits}f}"
    agrees = computed == size
    first = parts[0].text if parts else Sentence("nothing of the kind")
    return replace(
        finding,
        computed=f"{computed} GB",
        agrees=agrees,
        formula=Sentence("{n_parts} layers · {first}", n_parts=len(parts), first=first),
        cause="" if agrees else _why(decimal(size), n_bytes),
    )


def _why(size: Fraction, n_bytes: Fraction) -> str:
    times = float(size * GIB / n_bytes) if n_bytes else 0.0
    return Sentence(
        "It is {times:.3f} times that: tp, the number format, the page size or the model may "
        "differ.",
        times=times,
    )
