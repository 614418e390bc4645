"""SGLang's cache lines, recomputed. No line says the model's dims; one names the model."""

from dataclasses import replace
from fractions import Fraction

from attention.kv.engines.log_reading import GIB, Basis, Finding, decimal
from attention.kv.engines.sglang import ENGINE
from attention.kv.engines.sglang.log_lines import PoolLine, Server, pool_line
from attention.kv.engines.sglang.log_pools import Pool, pools_of
from attention.kv.formats import FormatError, stored_format
from attention.sentence import Sentence


class Reader:
    """Checks each pool by itself, with what the lines above said of the server."""

    def __init__(self, basis: Basis) -> None:
        self.basis, self.server = basis, Server()
        self.facts: dict[str, int | list[int]] = {}
        self.read: set[tuple] = set()  # pools, by their tokens and sizes
        self.tokens: set[int] = set()  # of pools that agreed

    @property
    def begun(self) -> bool:
        """Whether a line of the cache was read."""
        return bool(self.read)

    def repeats(self, line: str) -> bool:
        """Never: every device prints its pools, in any order."""
        return False

    def take(self, line: str) -> list[Finding]:
        """The line's sizes, recomputed; empty where it says nothing of a cache."""
        self.server.read(line)
        pool = pool_line(line)
        if pool is None or (pool.count, pool.sizes) in self.read:
            return []  # another device's pool of the same size
        drafts = self.server.drafts or pool.count in self.tokens
        self.read.add((pool.count, pool.sizes))
        findings = self._check(pool, drafts=drafts)
        if any(finding.agrees for finding in findings):
            self.tokens.add(pool.count)
        return findings

    def end(self) -> list[Finding]:
        """Nothing: no line needs another below it."""
        return []

    def _check(self, line: PoolLine, *, drafts: bool) -> list[Finding]:
        findings = [
            Finding(line=line.text, what=what, printed=f"{size} GB") for what, size in line.sizes
        ]
        if self.basis.known is None or not line.count:
            unit = "state" if line.is_state else "token"
            return [_alone(finding, line.count, unit) for finding in findings]
        said = self.server.workload()
        if line.number_format:
            try:
                said["k_format"] = stored_format(line.number_format).name
            except FormatError:
                cause = Sentence(
                    "The size of a block of {name!r} is not known.", name=line.number_format
                )
                return [replace(finding, cause=cause) for finding in findings]
        pools = list(
            pools_of(
                line, self.basis.known, self.server, self.basis.of(ENGINE, said), drafts=drafts
            )
        )
        pool = _fitting(line, pools)
        second = line.count in self.tokens and drafts
        return [_compared(finding, pool, second=second) for finding in findings]


def _fitting(line: PoolLine, pools: list[Pool]) -> Pool:
    """The pool that gives every size; else the model's own that is nearest."""

    def fits(pool: Pool) -> bool:
        return all(_gb(pool.n_bytes(what), size) == size for what, size in line.sizes)

    def off(pool: Pool) -> Fraction:
        what, size = line.sizes[0]
        wanted, n_bytes = decimal(size) * GIB, pool.n_bytes(what)
        low, high = sorted((max(wanted, Fraction(1)), max(n_bytes, Fraction(1))))
        return high / low

    if not line.sizes:
        return pools[0]
    own = [pool for pool in pools if not pool.is_draft and not pool.assumed]
    return next((pool for pool in pools if fits(pool)), None) or min(own, key=off)


def _gb(n_bytes: Fraction, like: str) -> str:
    """Gigabytes of 2^30, with as many digits as ``like``."""
    return f"{float(n_bytes / GIB):.{len(like.partition('.')[2])}f}"


def _alone(finding: Finding, count: int, unit: str) -> Finding:
    size = finding.printed.removesuffix(" GB")
    each = decimal(size) * GIB / max(1, count)
    return replace(
        finding,
        formula=Sentence(
            "{size} GB / {count} {unit}s = about {each} bytes a {unit} on each device",
            size=size,
            count=count,
            unit=unit,
            each=round(each),
        ),
        cause=Sentence("The log does not say the model's dims: give the model to compare them."),
    )


def _compared(finding: Finding, pool: Pool, *, second: bool) -> Finding:
    """The size beside the pool's.

    Args:
        second: whether the model's own pool of as many tokens was read before.
    """
    size = finding.printed.removesuffix(" GB")
    parts, n_bytes = pool.of(finding.what), pool.n_bytes(finding.what)
    computed = _gb(n_bytes, size)
    agrees: bool | None = computed == size
    cause = "" if agrees else _why(decimal(size), n_bytes)
    if agrees and pool.assumed:
        agrees = None
        cause = Sentence(
            "It fits {name}; the log does not say the number format: give it to compare.",
            name=pool.assumed,
        )
    if second and not agrees:
        agrees, computed = None, ""
        cause = Sentence(
            "A second pool of as many tokens: a draft model's, whose dims are its own."
        )
    first = parts[0].text if parts else Sentence("nothing of the kind")
    return replace(
        finding,
        computed=f"{computed} GB" if computed else None,
        agrees=agrees,
        formula=Sentence(
            "{what}: {n_parts} layers · {first}", what=pool.what, n_parts=len(parts), first=first
        ),
        cause=cause,
    )


def _why(size: Fraction, n_bytes: Fraction) -> str:
    times = float(size * GIB / n_bytes) if n_bytes else 0.0
    return Sentence(
        "It is {times:.3f} times that: tp, the number format, the page size or the model may "
        "differ.",
        times=times,
    )
