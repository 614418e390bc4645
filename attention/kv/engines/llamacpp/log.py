"""llama.cpp's cache lines, and those of its ik_llama.cpp fork, recomputed."""

from fractions import Fraction

from attention.kv.engines.llamacpp.cells import padded
from attention.kv.engines.llamacpp.log_header import Header
from attention.kv.engines.llamacpp.log_lines import CacheLine, cache_line
from attention.kv.engines.llamacpp.log_rows import check_rows, check_size
from attention.kv.engines.llamacpp.log_source import Source
from attention.kv.engines.llamacpp.log_states import check_states
from attention.kv.engines.log_reading import Basis, Finding, decimal
from attention.sentence import Sentence


class Reader:
    """Checks each line of a cache by itself; a header is that of the cache lines below it."""

    def __init__(self, basis: Basis) -> None:
        self.basis, self.header = basis, Header()
        self.facts: dict[str, int | list[int]] = {}
        self.begun = False
        self.kv_layers: int | None = None

    def repeats(self, line: str) -> bool:
        """Never: a model may have several caches, and a process several contexts."""
        return False

    def take(self, line: str) -> list[Finding]:
        """The line's sizes, recomputed; empty where it says nothing of a cache."""
        self.header.read(line)
        self.facts |= self.header.numbers
        cache = cache_line(line)
        if cache is None:
            return []
        self.begun = True
        source = Source(self.header, self.basis)
        if source.keeps_states_alone:
            cache = cache.as_state()
        findings = check(cache, source, self.kv_layers)
        self.kv_layers = None if cache.is_state else cache.layers
        return findings

    def end(self) -> list[Finding]:
        """Nothing: no line needs another below it."""
        return []


def check(line: CacheLine, source: Source, kv_layers: int | None) -> list[Finding]:
    """The line's parts, recomputed.

    Args:
        kv_layers: layers of the cache line before it, which a state line does not count.
    """
    findings = [_total(line)] if line.parts else []
    findings += _cells(line, source.header)
    if line.is_state:
        return findings + check_states(line, source, kv_layers)
    if not line.parts:
        return [*findings, check_size(line, source)]
    return findings + [check_rows(line, *part, source) for part in line.parts]


def _cells(line: CacheLine, header: Header) -> list[Finding]:
    """The cells of a window cache, from n_swa, -np and -ub; other caches have n_ctx."""
    n_ctx, n_swa, batch = (header.one(name) for name in ("n_ctx", "n_swa", "n_ubatch"))
    full = n_ctx and line.cells and line.cells * line.streams >= n_ctx
    if line.is_state or not line.cells or not n_ctx or not n_swa or not batch or full:
        return []
    in_pool = line.sequences if line.streams == 1 else 1
    cells = min(n_ctx, padded(n_swa * in_pool + batch, 256))
    agrees = cells == line.cells
    cause = Sentence(
        "Another micro-batch (-ub), number of sequences (-np) or version makes room otherwise."
    )
    return [
        Finding(
            line=line.text,
            what=Sentence("cells of windows"),
            printed=Sentence("{cells} cells", cells=line.cells),
            computed=Sentence("{cells} cells", cells=cells),
            agrees=agrees,
            formula=Sentence(
                "{n_swa} window · {in_pool} + {batch} micro-batch, rounded up to 256",
                n_swa=n_swa,
                in_pool=in_pool,
                batch=batch,
            ),
            cause="" if agrees else cause,
        )
    ]


def _total(line: CacheLine) -> Finding:
    """Whether the parts add up to the size, as far as rounding lets it be seen."""
    total = sum((decimal(mib) for _, _, mib in line.parts), Fraction())
    off = abs(total - decimal(line.total))
    names = " + ".join(mib for _, _, mib in line.parts)
    agrees = off <= Fraction(1, 100) * max(1, len(line.parts) - 1)
    return Finding(
        line=line.text,
        what="size",
        printed=f"{line.total} MiB",
        computed=f"{float(total):.2f} MiB",
        agrees=agrees,
        formula=f"{names} MiB",
        cause="" if agrees else Sentence("The parts do not add up to the size: a part is missing."),
    )
