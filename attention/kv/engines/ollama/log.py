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
from dataclasses import dataclass, field

from attention.kv import engines
from attention.kv.engines.log_reading import Finding, decimal, interval, shown
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

_SIZE = r'"?(\d{1,9}(?:\.\d{1,4})?) (KiB|MiB|GiB)'
_DEVICE = re.compile(rf'msg="kv cache" device=([\w.:-]{{1,60}}) size={_SIZE}')
_OFFLOAD = re.compile(rf"memory\.required\.kv={_SIZE}")
_CONTEXT = re.compile(r"--ctx-size (\d{1,12})|KvSize:(\d{1,12})")
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@dataclass
class OllamaLog:
    """What the lines said last: for each device the line, the size and its unit."""

    devices: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    context: int | None = None

    def take(self, line: str) -> None:
        """Read a line."""
        if match := _CONTEXT.search(line):
            self.context = int(match[1] or match[2])
        if match := _DEVICE.search(line):
            self.devices[match[1]] = (shown(line), match[2], match[3])
        elif match := _OFFLOAD.search(line):
            self.devices["all"] = (shown(line), match[1], match[2])


def check(log: OllamaLog, shape: ModelShape | None, given: dict) -> list[Finding]:
    """The devices' sizes together, recomputed; empty where there are none."""
    if not log.devices:
        return []
    rows = [row for name, row in log.devices.items() if name != "all"] or [log.devices["all"]]
    printed = " + ".join(f"{size} {unit}" for _, size, unit in rows)
    line, context = rows[0][0], given.get("context", log.context)
    if shape is None or not context:
        missing = "the model's dims" if shape is None else "the context"
        cause = f"The log does not say {missing}: give it to compare."
        return [Finding(line=line, what="cache", printed=printed, cause=cause)]
    settings = {"context": context, "unified": True, "pad": 32, **given}
    allocation = engines.get("llama.cpp")(shape, Workload(**settings))
    ends = [interval(size, UNITS[unit]) for _, size, unit in rows]
    least, most = (sum(end) for end in zip(*ends, strict=True))
    agrees = least <= allocation.bytes_total <= most
    unit = rows[0][2]
    digits = len(rows[0][1].partition(".")[2])
    together = sum(decimal(size) * UNITS[unit] for _, size, unit in rows)
    cause = (
        f"It is {float(together / allocation.bytes_total):.3f} times that: the context, the number "
        "of parallel requests or the format of K and V may differ."
    )
    return [
        Finding(
            line=line,
            what="cache",
            printed=printed,
            computed=f"{allocation.bytes_total / UNITS[unit]:.{digits}f} {unit}",
            agrees=agrees,
            formula=allocation.formula,
            cause="" if agrees else cause,
        )
    ]
