"""vLLM V0's lines, recomputed: blocks of one size, without groups."""

from dataclasses import replace
from fractions import Fraction

from attention.kv.engines.log_reading import GIB, Finding, interval, whole
from attention.kv.engines.vllm import pool
from attention.kv.engines.vllm.log_causes import NO_BLOCKS, other_size
from attention.kv.engines.vllm.log_lines import Asked, Lines
from attention.sentence import Sentence


def check(lines: Lines, asked: Asked | None) -> list[Finding]:
    """The blocks that the memory has room for, and the concurrency that the blocks give."""
    findings = _blocks(lines, asked)
    if "concurrency" in lines.found:
        findings.append(_concurrency(lines))
    return findings


def _blocks(lines: Lines, asked: Asked | None) -> list[Finding]:
    line, (printed, _) = lines.found["blocks"]
    finding = Finding(
        line=line, what="blocks", printed=Sentence("{printed} blocks", printed=printed)
    )
    available = lines.values("available")
    if asked is None:
        cause = Sentence("The log does not say the model's dims: give the model to compare them.")
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
            computed=Sentence("{few} to {many} blocks", few=few, many=many),
            agrees=agrees,
            formula=Sentence(
                "{available} GiB, rounded, over {row} bytes a block",
                available=available[0],
                row=row,
            ),
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
        formula=Sentence(
            "{printed_blocks} blocks · {size} tokens / {length} tokens",
            printed_blocks=printed_blocks,
            size=size,
            length=length,
        ),
        cause=""
        if agrees
        else Sentence("Blocks may have another size than {size} tokens.", size=size),
    )
