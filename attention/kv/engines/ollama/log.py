"""Ollama's cache lines, recomputed.

Lines (``ml/device.go``, ``llm/server.go``, ``runner/ollamarunner/runner.go``; before, in
``llm/memory.go``; llama.cpp's own lines are read apart)::

    … msg="kv cache" device=CUDA0 size="1.9 GiB"
    … msg=offload library=cuda … memory.required.kv="896.0 MiB" …
    … msg=load request="{Operation:commit … Parallel:1 BatchSize:512 … KvSize:8192 KvCacheType: …
    … --ctx-size 8192 --batch-size 512 --parallel 4 …

One line for each device; they are added up. ``KvSize`` and ``--ctx-size`` are the context of one
request times the number of parallel requests.
"""

import re
from dataclasses import replace

from attention.kv.allocation import Allocation
from attention.kv.engines.llamacpp import ENGINE
from attention.kv.engines.log_reading import Basis, Finding, decimal, interval, shown
from attention.kv.engines.ollama.forms import Load, forms_of
from attention.kv.formats import FormatError, stored_format
from attention.sentence import Sentence

_SIZE = r'"?(\d{1,9}(?:\.\d{1,4})?) (B|KiB|MiB|GiB)'
_DEVICE = re.compile(rf'msg="kv cache" device=([\w.:-]{{1,60}}) size={_SIZE}')
_OFFLOAD = re.compile(rf"memory\.required\.kv={_SIZE}")
_NUMBERS = {
    "kv_size": re.compile(r"--ctx-size (\d{1,12})|\bKvSize:(\d{1,12})"),
    "parallel": re.compile(r"--parallel (\d{1,6})|\bParallel:(\d{1,6})"),
    "batch": re.compile(r"--batch-size (\d{1,9})|\bBatchSize:(\d{1,9})"),
}
_FORMAT = re.compile(r"--kv-cache-type (\w{1,20})|\bKvCacheType:(\w{1,20})")
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


class Reader:
    """Keeps the last line of each device, and checks them together at the end."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.facts: dict[str, int | list[int]] = {}
        self.devices: dict[str, tuple[str, str, str]] = {}  # the line, the size and its unit
        self.estimate: tuple[str, str, str] | None = None  # likewise, of all devices
        self.asked: dict[str, int] = {}
        self.number_format: str | None = None

    @property
    def begun(self) -> bool:
        """Whether a device's line was read; an estimate stands above the start's own line."""
        return bool(self.devices)

    def repeats(self, line: str) -> bool:
        """Whether the line is a next start's estimate."""
        return bool(self.devices or self.estimate) and bool(_OFFLOAD.search(line))

    def take(self, line: str) -> list[Finding]:
        """Read a line; nothing can be checked before the last."""
        for name, pattern in _NUMBERS.items():
            if (match := pattern.search(line)) and int(match[1] or match[2]):
                self.asked[name] = int(match[1] or match[2])
        if match := _FORMAT.search(line):
            self.number_format = match[1] or match[2]
        if match := _DEVICE.search(line):
            # Said again, it is another try at dividing the layers over the devices.
            if match[1] in self.devices:
                self.devices = {}
            self.devices[match[1]] = (shown(line), match[2], match[3])
        elif match := _OFFLOAD.search(line):
            self.estimate = (shown(line), match[1], match[2])
        return []

    def end(self) -> list[Finding]:
        """The devices' sizes together, recomputed; empty where there are none."""
        rows = list(self.devices.values()) or ([self.estimate] if self.estimate else [])
        if not rows:
            return []
        printed = " + ".join(f"{size} {unit}" for _, size, unit in rows)
        finding = Finding(line=rows[0][0], what="cache", printed=printed)
        load, shape = self._load(), self.basis.known
        if shape is None or load is None:
            missing = Sentence("the model's dims") if shape is None else Sentence("the context")
            cause = Sentence("The log does not say {missing}: give it to compare.", missing=missing)
            return [replace(finding, cause=cause)]
        given = {name: value for name, value in self.basis.settings.items() if ENGINE.heeds(name)}
        forms = forms_of(shape, load, given)
        return [_compared(finding, [row[1:] for row in rows], list(forms))]

    def _load(self) -> Load | None:
        """What the runner was asked for; what is given goes before it."""
        said: dict = {"context": self.asked.get("kv_size"), "n_ubatch": self.asked.get("batch")}
        if self.number_format:
            try:
                said["k_format"] = stored_format(self.number_format).name
            except FormatError:
                said["k_format"] = "float16"  # Ollama falls back to it
        asked = self.basis.of(ENGINE, {name: n for name, n in said.items() if n})
        parallel = self.asked.get("parallel") or int(asked.get("batch", 1))
        if not asked.get("context"):
            return None
        return Load(
            kv_size=int(asked["context"]),
            parallel=parallel,
            batch=int(asked.get("n_ubatch", 512)),
            number_format=str(asked.get("k_format", "float16")),
        )


def _compared(finding: Finding, sizes: list[tuple[str, str]], forms: list[Allocation]) -> Finding:
    """The sizes of all devices, each with its unit, beside the first form that gives them."""
    ends = [interval(size, UNITS[unit]) for size, unit in sizes]
    least, most = (sum(end) for end in zip(*ends, strict=True))
    fitting = [form for form in forms if least <= form.bytes_total <= most]
    allocation = fitting[0] if fitting else forms[0]
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
        agrees=bool(fitting),
        formula=allocation.formula,
        cause="" if fitting else cause,
    )
