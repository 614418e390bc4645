"""vLLM V0's lines, recomputed: blocks of one size, without groups."""

from dataclasses import replace
from fractions import Fraction

from attention.kv.engines.log_reading import GIB, Finding, interval, whole
from attention.kv.engines.vllm import pool
from attention.kv.engines.vllm.log_causes import NO_BLOCKS, other_size
from attention.kv.engines.vllm.log_lines import Asked, Lines


def check(lines: Lines, asked: Asked | None) -> list[Finding]:
    """The blocks that the memory has room for, and the concurrency that the blocks give."""
    findings = _blocks(lines, asked)
    if "concurrency" in lines.found:
        findings.append(_concurrency(lines))
    return findings


def _blocks(lines: Lines, asked: Asked | None) -> list[Finding]:
    line, (printed, _) = lines.found["blocks"]
    finding = Finding(line=line, what="blocks", printed=f"{printed} blocks")
    available = lines.values("available")
    if asked is None:
        cause = "The log does not say the model's dims: give the model to compare them."
        return [replace(finding, cause=cause)]
    if not available:
        return []
    shape, workload = asked
    least, most = (int(n) for n in interval(available[0], GIB))
    row = pool.v0_block_bytes(shape, workload)
    if not row:
        return [replace(finding, cause=NO_BLOCKS)]
    few, many = (pool.v0_blocks(shape, workload, n) for n in (least, most))
    agrees = few <= whole(printed) <= many
    return [
        replace(
            finding,
            computed=f"{few} to {many} blocks",
            agrees=agrees,
            formula=f"{available[0]} GiB, rounded, over {row} bytes a block",
            cause="" if agrees else other_size(whole(printed), few, many),
        )
    ]


def _concurrency(lines: Lines) -> Finding:
    """From the lines alone: no model is needed."""
    printed_blocks = lines.values("blocks")[0]
    line, (length, before, after) = lines.found["concurrency"]
    printed, size = f"{before}{after}", int(lines.settings.get("block_size", 16))
    sequences = Fraction(whole(printed_blocks) * size, max(1, whole(length)))
    computed = f"{float(sequences):.{len(after[1:])}f}"
    agrees = computed == printed.replace(",", "")
    return Finding(
        line=line,
        what="concurrency",
        printed=f"{printed}x",
        computed=f"{computed}x",
        agrees=agrees,
        formula=f"{printed_blocks} blocks · {size} tokens / {length} tokens",
        cause="" if agrees else f"Blocks may have another size than {size} tokens.",
    )
