"""vLLM's cache lines, V0 and V1, recomputed.

Lines (``vllm/v1/core/kv_cache_utils.py``, ``vllm/v1/worker/gpu_worker.py``; V0:
``vllm/executor/executor_base.py``, ``vllm/worker/worker.py``)::

    Available KV cache memory: 37.42 GiB
    GPU KV cache size: 350,304 tokens
    Maximum concurrency for 16,000 tokens per request: 21.89x
    … 4.54 GiB KV cache is needed, which is larger than the available KV cache memory …
    # GPU blocks: 4741, # CPU blocks: 4681
    … the rest of the memory reserved for KV Cache is 4.05GiB.

No line says the model's dims: without a shape the lines can only be compared with one another.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from attention.kv.engines.log_reading import GIB, Finding, decimal, interval, shown, whole
from attention.kv.engines.vllm import allocate as vllm
from attention.kv.formats import FormatError, stored_format
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

_GIB = r"(\d{1,9}(?:\.\d{1,4})?) {0,4}GiB"
_NUMBER = r"(\d[\d,]{0,18})"
_PATTERNS = {
    "tokens": re.compile(rf"GPU KV cache size: {_NUMBER} tokens"),
    "concurrency": re.compile(
        rf"Maximum concurrency for {_NUMBER} tokens per request: {_NUMBER}(\.\d{{1,4}})?x"
    ),
    "available": re.compile(
        rf"(?:Available KV cache memory: |memory reserved for KV Cache is ){_GIB}"
    ),
    "needed": re.compile(rf"\(?{_GIB} KV cache is needed"),
    "blocks": re.compile(rf"# (?:GPU|cuda|CUDA) blocks: {_NUMBER}, # CPU blocks: {_NUMBER}"),
    "block_size": re.compile(rf"Setting attention block size to {_NUMBER} tokens"),
}
_SETTINGS = {
    "tp": re.compile(r"tensor_parallel_size=(\d{1,5})"),
    "block_size": re.compile(r"block_size=(\d{1,6})\b"),
    "max_model_len": re.compile(r"max_seq_len=(\d{1,12})"),
    "max_batched_tokens": re.compile(r"max_num_batched_tokens=(\d{1,9})"),
    "k_format": re.compile(r"kv_cache_dtype=['\"]?([\w.]{1,40})"),
}


@dataclass
class VllmLog:
    """What the lines said last: value and the line that it stands in."""

    found: dict[str, tuple[str, tuple[str, ...]]]
    settings: dict[str, str]

    def take(self, line: str) -> None:
        """Read a line."""
        for name, pattern in _SETTINGS.items():
            if match := pattern.search(line):
                self.settings[name] = match[1]
        for name, pattern in _PATTERNS.items():
            if not (match := pattern.search(line)):
                continue
            values = match.groups(default="")
            # Of several devices the one with the least memory decides for all.
            if name == "available" and self._has_less(decimal(values[0])):
                continue
            if name not in self.found or name in ("needed", "available"):
                self.found[name] = (shown(line), values)

    def _has_less(self, gib: Fraction) -> bool:
        known = self.values("available")
        return bool(known) and decimal(known[0]) <= gib

    def values(self, name: str) -> tuple[str, ...]:
        return self.found[name][1] if name in self.found else ()


def check(log: VllmLog, shape: ModelShape | None, given: dict) -> list[Finding]:
    """The lines, recomputed.

    Args:
        given: fields of a workload that the user sets; they go before what the log says.
    """
    workload = None if shape is None else _workload(log, given)
    if "blocks" in log.found:
        return _check_v0(log, shape, workload)
    findings = []
    if "tokens" in log.found:
        findings.append(_tokens(log, shape, workload))
    if "concurrency" in log.found:
        findings.append(_concurrency(log, shape, workload))
    if "needed" in log.found:
        findings.append(_needed(log, shape, workload))
    if not findings and "available" in log.found:
        line, (gib,) = log.found["available"]
        findings.append(
            Finding(line=line, what="memory", printed=f"{gib} GiB", cause="It is what the GPU has "
                    "left, measured: no arithmetic gives it.")
        )  # fmt: skip
    return findings


def _workload(log: VllmLog, given: dict) -> Workload:
    settings = log.settings
    length = log.values("concurrency")
    said = {
        "tp": int(settings.get("tp", 1)) or 1,
        "context": int(settings.get("max_model_len", 4096)) or 4096,
        "max_batched_tokens": int(settings.get("max_batched_tokens", 2048)) or 2048,
    }
    if length and whole(length[0]):
        said["context"] = whole(length[0])
    if int(settings.get("block_size", 0)):
        said["block_size"] = int(settings["block_size"])
    with suppress(FormatError):  # "auto", or one that is not known here
        said["k_format"] = stored_format(settings.get("k_format")).name
    return Workload(**{**said, **{k: v for k, v in given.items() if v is not None}})


def _tokens(log: VllmLog, shape, workload) -> Finding:
    line, (text,) = log.found["tokens"]
    tokens, available = whole(text), log.values("available")
    finding = Finding(line=line, what="tokens", printed=f"{text} tokens")
    if not available:
        return replace(finding, cause="The log does not say the memory that was available.")
    least, most = interval(available[0], GIB)
    if shape is None:
        per_token = (least + most) / 2 / tokens if tokens else Fraction()
        return replace(
            finding,
            formula=f"{available[0]} GiB / {tokens} tokens = about {float(per_token):.0f} bytes a "
            "token on each device",
            cause="The log does not say the model's dims: give the model to compare them.",
        )
    few, many = (vllm.pool(shape, workload, int(n)) for n in (least, most))
    agrees = few.tokens <= tokens <= many.tokens
    return replace(
        finding,
        computed=f"{few.tokens:,} to {many.tokens:,} tokens",
        agrees=agrees,
        formula=f"{available[0]} GiB, rounded, over {_row(shape, workload)}",
        cause="" if agrees else _why(tokens, few.tokens, many.tokens),
    )


def _row(shape: ModelShape, workload: Workload) -> str:
    groups = vllm.sort_layers(shape, workload)
    n = len(groups.groups)
    return f"{groups.row} bytes a block, shared by {n} {'group' if n == 1 else 'groups'}"


def _concurrency(log: VllmLog, shape, workload) -> Finding:
    line, (length, before, after) = log.found["concurrency"]
    printed, tokens = f"{before}{after}".replace(",", ""), log.values("tokens")
    finding = Finding(line=line, what="concurrency", printed=f"{printed}x")
    if not tokens:
        return replace(finding, cause="The log does not say the size of the cache in tokens.")
    if shape is None:
        choices = [Fraction(whole(tokens[0]), max(1, whole(length)))]
        formula = f"{tokens[0]} tokens / {length} tokens"
    else:
        groups = vllm.sort_layers(shape, workload).groups
        sizes = [spec.block_size for spec, _ in groups if spec.kind != "state"]
        blocks = whole(tokens[0]) // min(sizes, default=1) * len(groups)
        each = vllm.blocks_of_one_sequence(shape, workload)
        # The tokens were rounded down to blocks that all groups have.
        choices = [Fraction(blocks + more, each) for more in range(len(groups))]
        formula = f"{blocks} blocks / {each} blocks of a sequence"
    digits = len(after[1:])
    texts = [f"{float(choice):.{digits}f}" for choice in choices]
    agrees = printed in texts
    return replace(
        finding,
        computed=f"{printed if agrees else texts[0]}x",
        agrees=None if shape is None and not agrees else agrees,
        formula=formula,
        cause="" if agrees else _why_concurrency(shape),
    )


def _why_concurrency(shape: ModelShape | None) -> str:
    if shape is None:
        return (
            "Windows or recurrent layers take fewer blocks for a sequence than its tokens have: "
            "give the model to compare them."
        )
    return "A sequence takes another number of blocks: max_num_batched_tokens may differ."


def _needed(log: VllmLog, shape, workload) -> Finding:
    line, (gib,) = log.found["needed"]
    finding = Finding(line=line, what="needed", printed=f"{gib} GiB")
    if shape is None:
        return replace(finding, cause="The log does not say the model's dims: give the model.")
    n_bytes = vllm.needed_bytes(shape, workload)
    digits = len(gib.partition(".")[2])
    computed = f"{n_bytes / GIB:.{digits}f}"
    agrees = computed == gib
    return replace(
        finding,
        computed=f"{computed} GiB",
        agrees=agrees,
        formula=f"{vllm.blocks_of_one_sequence(shape, workload)} blocks · {_row(shape, workload)}",
        cause="" if agrees else "The context, max_num_batched_tokens or tp may differ.",
    )


def _check_v0(log: VllmLog, shape, workload) -> list[Finding]:
    line, (gpu, _) = log.found["blocks"]
    finding = Finding(line=line, what="blocks", printed=f"{gpu} blocks")
    findings, available = [], log.values("available")
    if shape is None:
        findings.append(replace(finding, cause="The log does not say the model's dims: give the "
                                "model to compare them."))  # fmt: skip
    elif available:
        few, many = (
            vllm.v0_pool(shape, workload, int(n)).blocks for n in interval(available[0], GIB)
        )
        agrees = few <= whole(gpu) <= many
        row = vllm.v0_block_bytes(shape, workload)
        findings.append(
            replace(finding, computed=f"{few} to {many} blocks", agrees=agrees,
                    formula=f"{available[0]} GiB, rounded, over {row} bytes a block",
                    cause="" if agrees else _why(whole(gpu), few, many))
        )  # fmt: skip
    if "concurrency" in log.found:
        line, (length, whole_part, rest) = log.found["concurrency"]
        size = int(log.settings.get("block_size", 16))
        blocks = Fraction(whole(gpu) * size, whole(length))
        computed = f"{float(blocks):.{len(rest[1:]) or 0}f}"
        agrees = computed == f"{whole_part}{rest}".replace(",", "")
        findings.append(
            Finding(line=line, what="concurrency", printed=f"{whole_part}{rest}x",
                    computed=f"{computed}x", agrees=agrees,
                    formula=f"{gpu} blocks · {size} tokens / {length} tokens",
                    cause="" if agrees else f"Blocks may have another size than {size} tokens.")
        )  # fmt: skip
    return findings


def _why(found: int, least: int, most: int) -> str:
    times = found / max(1, (least + most) / 2)
    for factor, cause in (
        (2, "It is twice as many: one byte a number (fp8), or two devices (tp)."),
        (0.5, "It is half as many: two bytes a number where one was taken, or half the devices."),
    ):
        if abs(times / factor - 1) < 0.02:
            return cause
    if 0.9 < times < 1:
        return (
            f"It is {times:.3f} times as many: a draft head or further layers keep a cache too, "
            "or another device had less memory."
        )
    return f"It is {times:.3f} times as many: tp, the number format or the model may differ."
