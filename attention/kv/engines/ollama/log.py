"""Ollama's cache lines, recomputed.

Lines (``ml/device.go``, ``llm/memory.go``; the runner's llama.cpp lines are read apart)::

    … msg="kv cache" device=CUDA0 size="1.9 GiB"
    … msg=offload library=cuda … memory.required.kv="896.0 MiB" …
    … --ctx-size 8192 --batch-size 512 …

One line for each device; they are added up. ``--ctx-size`` is the context of one request times the
number of parallel requests. In Ollama's own engine (``kvcache/causal.go``) window layers have
``window · parallel + batch`` cells, as llama.cpp's unified cache has.
"""

import re
from dataclasses import replace

from attention.kv.allocation import Allocation
from attention.kv.engines.llamacpp import ENGINE
from attention.kv.engines.log_reading import Basis, Finding, decimal, interval, shown
from attention.sentence import Sentence

_SIZE = r'"?(\d{1,9}(?:\.\d{1,4})?) (KiB|MiB|GiB)'
_DEVICE = re.compile(rf'msg="kv cache" device=([\w.:-]{{1,60}}) size={_SIZE}')
_OFFLOAD = re.compile(rf"memory\.required\.kv={_SIZE}")
_CONTEXT = re.compile(r"--ctx-size (\d{1,12})|KvSize:(\d{1,12})")
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


class Reader:
    """Keeps the last line of each device, and checks them together at the end."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.facts: dict[str, int | list[int]] = {}
        self.devices: dict[str, tuple[str, str, str]] = {}  # the line, the size and its unit
        self.context: int | None = None

    def take(self, line: str) -> list[Finding]:
        """Read a line; nothing can be checked before the last."""
        if match := _CONTEXT.search(line):
            self.context = int(match[1] or match[2])
        if match := _DEVICE.search(line):
            self.devices[match[1]] = (shown(line), match[2], match[3])
        elif match := _OFFLOAD.search(line):
            self.devices["all"] = (shown(line), match[1], match[2])
        return []

    def end(self) -> list[Finding]:
        """The devices' sizes together, recomputed; empty where there are none."""
        if not self.devices:
            return []
        rows = [row for name, row in self.devices.items() if name != "all"]
        rows = rows or [self.devices["all"]]
        printed = " + ".join(f"{size} {unit}" for _, size, unit in rows)
        finding = Finding(line=rows[0][0], what="cache", printed=printed)
        context = self.basis.settings.get("context", self.context)
        if self.basis.shape is None or not context:
            missing = (
                Sentence("the model's dims")
                if self.basis.shape is None
                else Sentence("the context")
            )
            return [
                replace(
                    finding,
                    cause=Sentence(
                        "The log does not say {missing}: give it to compare.", missing=missing
                    ),
                )
            ]
        asked = {"context": context, "unified": True, "pad": 32, **self.basis.of(ENGINE)}
        allocation = ENGINE.allocate(self.basis.shape, ENGINE.workload(**asked))
        return [_compared(finding, [row[1:] for row in rows], allocation)]


def _compared(finding: Finding, sizes: list[tuple[str, str]], allocation: Allocation) -> Finding:
    """The sizes of all devices, each with its unit, beside what llama.cpp would set aside."""
    ends = [interval(size, UNITS[unit]) for size, unit in sizes]
    least, most = (sum(end) for end in zip(*ends, strict=True))
    agrees = least <= allocation.bytes_total <= most
    first, unit = sizes[0]
    digits = len(first.partition(".")[2])
    together = sum(decimal(size) * UNITS[unit] for size, unit in sizes)
    times = float(together / allocation.bytes_total) if allocation.bytes_total else 0.0
    cause = Sentence(
        "It is {times:.3f} times that: the context, the number of parallel requests or the format "
        "of K and V may differ.",
        times=times,
    )
    return replace(
        finding,
        computed=f"{allocation.bytes_total / UNITS[unit]:.{digits}f} {unit}",
        agrees=agrees,
        formula=allocation.formula,
        cause="" if agrees else cause,
    )
