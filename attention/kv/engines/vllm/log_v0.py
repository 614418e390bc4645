"""vLLM V0's lines, recomputed: blocks of one size, without groups.

Read in vLLM 0.2 to 0.8 (``vllm/worker/worker.py``, ``determine_num_available_blocks``): so many
blocks as the memory left on the GPU holds, and as the swap space on the host holds
(``--swap-space``, 4 GiB for each device unless it is set); the fewest of all workers.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from attention.kv.engines import parts
from attention.kv.engines.log_reading import GIB, Finding, decimal, interval, whole
from attention.kv.engines.vllm import pool
from attention.kv.engines.vllm.log_causes import NO_BLOCKS, other_size
from attention.kv.engines.vllm.log_lines import Asked, Lines
from attention.kv.engines.vllm.settings import BLOCK_SIZE
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Sentence

SWAP_SPACE = 4  # GiB
BLOCK_SIZES = (16, 32, 64, 128)  # 16 unless set; 64 for FlashMLA, 128 on Gaudi
PADDED_HEAD = 256  # of K and of V, where latent attention was kept expanded (deepseek_v2.py, 0.6)


def check(lines: Lines, asked: Asked | None) -> list[Finding]:
    """The blocks that the memory has room for, and the concurrency that the blocks give."""
    line, (gpu, _) = lines.found["blocks"]
    finding = Finding(line=line, what="blocks", printed=Sentence("{printed} blocks", printed=gpu))
    if asked is None:
        cause = Sentence("The log does not say the model's dims: give the model to compare them.")
        findings = [replace(finding, cause=cause)]
    else:
        rows = [row for row in _rows(*_on_one_device(lines, asked)) if row]
        findings = _compared(lines, finding, rows) if rows else [replace(finding, cause=NO_BLOCKS)]
    if "concurrency" in lines.found:
        findings.append(_concurrency(lines))
    return findings


def _on_one_device(lines: Lines, asked: Asked) -> Asked:
    """The layers of the device that has the most, where layers are divided (pipeline parallel)."""
    shape, workload = asked
    stages = max(1, int(lines.settings.get("pp", 1)))
    if stages == 1:
        return asked
    return shape.with_(n_layers=-(-shape.n_layers // stages)), workload


def _rows(shape: ModelShape, workload: Workload) -> Iterator[int]:
    """Bytes of a block: as it is now; with 16 tokens; of every head's K and V (before 0.7)."""
    yield pool.v0_block_bytes(shape, workload)
    latent = [layer for layer in shape.layers if layer.grows and layer.latent_rank]
    if not latent or workload[BLOCK_SIZE]:
        return
    sixteen = replace(workload, settings=(*workload.settings, (BLOCK_SIZE, BLOCK_SIZES[0])))
    yield pool.v0_block_bytes(shape, sixteen)
    heads = sum(parts.heads_of_one_device(layer.n_kv_heads, workload.tp) for layer in latent)
    yield int(heads * 2 * PADDED_HEAD * BLOCK_SIZES[0] * workload.k.bytes_per_number)


def _compared(lines: Lines, finding: Finding, rows: list[int]) -> list[Finding]:
    """Blocks on the GPU and on the host, each by the first of ``rows`` that gives what is printed.

    Args:
        rows: bytes of a block, as different versions have them.
    """
    gpu, cpu = (whole(text) for text in lines.values("blocks"))
    swap = decimal(lines.settings.get("swap_space", str(SWAP_SPACE))) * GIB
    available = lines.values("available")
    least, most = interval(available[0], GIB) if available else (0, 0)

    def fits(row: int) -> bool:
        return cpu == swap // row if not available else least // row <= gpu <= most // row

    row = next((row for row in rows if fits(row)), rows[0])
    of_gpu = _of_memory(finding, available[0], gpu, row) if available else _told(finding, gpu, row)
    return [of_gpu, _swapped(lines, finding, cpu, row)] if cpu else [of_gpu]


def _of_memory(finding: Finding, available: str, blocks: int, row: int) -> Finding:
    """The blocks that the memory, as printed, has room for."""
    few, many = (int(n // row) for n in interval(available, GIB))
    agrees = few <= blocks <= many
    return replace(
        finding,
        computed=Sentence("{few} to {many} blocks", few=few, many=many),
        agrees=agrees,
        formula=Sentence(
            "{available} GiB, rounded, over {row} bytes a block", available=available, row=row
        ),
        cause="" if agrees else other_size(blocks, few, many),
    )


def _told(finding: Finding, blocks: int, row: int) -> Finding:
    """The memory that the blocks take, where the log does not say what was available."""
    return replace(
        finding,
        formula=Sentence(
            "{blocks} blocks · {row} bytes a block = {gib} GiB",
            blocks=blocks,
            row=row,
            gib=f"{blocks * row / GIB:.2f}",
        ),
        cause=Sentence("The log does not say the memory that was available."),
    )


def _swapped(lines: Lines, finding: Finding, cpu: int, row: int) -> Finding:
    """The blocks on the host, from the swap space."""
    said = lines.settings.get("swap_space")
    space = decimal(said) if said else Fraction(SWAP_SPACE)
    blocks = int(space * GIB // row)
    other = next((n for n in range(1, 1025) if n * GIB // row == cpu), None)
    # Another space than usual may have been asked for, where the log does not say it.
    agrees = True if blocks == cpu else None if said is None and other else False
    cause = other_size(cpu, blocks, blocks)
    if agrees is None:
        cause = Sentence(
            "It fits a swap space of {other} GiB, not the usual {space}: the log does not say it.",
            other=other,
            space=SWAP_SPACE,
        )
    return replace(
        finding,
        what=Sentence("blocks on the host"),
        printed=Sentence("{printed} blocks", printed=cpu),
        computed=Sentence("{printed} blocks", printed=blocks),
        agrees=agrees,
        formula=Sentence(
            "{space} GiB of swap space over {row} bytes a block", space=f"{float(space):g}", row=row
        ),
        cause="" if agrees else cause,
    )


def _concurrency(lines: Lines) -> Finding:
    """From the lines alone: no model is needed."""
    printed_blocks = lines.values("blocks")[0]
    line, (length, before, after) = lines.found["concurrency"]
    printed, said = f"{before}{after}", lines.settings.get("block_size")
    digits = len(after[1:])

    def computed(size: int) -> str:
        sequences = Fraction(whole(printed_blocks) * size, max(1, whole(length)))
        return f"{float(sequences):.{digits}f}"

    sizes = (int(said),) if said else BLOCK_SIZES
    wanted = printed.replace(",", "")
    size = next((size for size in sizes if computed(size) == wanted), sizes[0])
    agrees = computed(size) == wanted
    return Finding(
        line=line,
        what="concurrency",
        printed=f"{printed}x",
        computed=f"{computed(size)}x",
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
