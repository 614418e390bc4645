"""vLLM's cache lines, V0 and V1, recomputed.

No line says the model's dims: without a shape the lines can only be compared with one another.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from attention.kv.allocation import AllocationError
from attention.kv.engines.log_reading import GIB, Basis, Finding, interval, whole
from attention.kv.engines.vllm import ENGINE, log_starts, log_v0, pool
from attention.kv.engines.vllm.groups import sort_layers
from attention.kv.engines.vllm.log_causes import NO_BLOCKS, other_concurrency, other_size
from attention.kv.engines.vllm.log_guess import guesses, told
from attention.kv.engines.vllm.log_lines import Asked, Lines
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload
from attention.sentence import Quantity, Sentence, joined


class Reader:
    """Keeps what the lines said last, and checks them together at the end."""

    def __init__(self, basis: Basis) -> None:
        self.basis, self.lines = basis, Lines()
        self.facts: dict[str, int | list[int]] = {}

    @property
    def begun(self) -> bool:
        """Whether a line of the cache was read."""
        return bool(self.lines.found)

    def repeats(self, line: str) -> bool:
        """Whether the line is of what precedes a figure that was read."""
        return log_starts.repeats(line, self.lines.found)

    def take(self, line: str) -> list[Finding]:
        """Read a line; nothing can be checked before the last."""
        self.lines.take(line)
        return []

    def end(self) -> list[Finding]:
        """The lines, recomputed."""
        if not self.lines.found:
            return []
        shape = self.basis.known
        if shape is None:
            return check(self.lines, None)
        said = self.basis.of(ENGINE, self.lines.workload())
        if "blocks" in self.lines.found:
            return check(self.lines, (shape, _workload(said)))
        return _likeliest(self.lines, shape, said)


def _likeliest(lines: Lines, shape: ModelShape, said: Mapping[str, Value]) -> list[Finding]:
    """The figures by the first guess with which all agree, else by the likeliest one."""
    first: list[Finding] = []
    for guess in guesses(lines, shape, said):
        with suppress(AllocationError):  # of a version that does not have the model
            found = check(lines, (shape, _workload({**guess, **said})))
            found = [_with_guess(finding, told(guess)) for finding in found]
            if all(finding.agrees is not False for finding in found):
                return found
            first = first or found
    # Nothing can be counted: the reason is said once.
    return first or check(lines, (shape, _workload(said)))


def _with_guess(finding: Finding, assumed: str) -> Finding:
    if not assumed or not finding.formula:
        return finding
    return replace(finding, formula=joined("; ", (finding.formula, assumed)))


def _workload(said: Mapping[str, Value]) -> Workload:
    return ENGINE.workload(**{"context": 4096, **said})


def check(lines: Lines, asked: Asked | None) -> list[Finding]:
    """Every figure of the lines, beside what the model and the workload give.

    Args:
        asked: model and workload; None where the model is not known.
    """
    if "blocks" in lines.found:
        return log_v0.check(lines, asked)
    checks = {"tokens": _tokens, "concurrency": _concurrency, "needed": _needed}
    findings = [
        check_one(lines, asked) for name, check_one in checks.items() if name in lines.found
    ]
    if not findings and "available" in lines.found:
        line, (gib,) = lines.found["available"]
        cause = Sentence("It is what the GPU has left, measured: no arithmetic gives it.")
        findings = [Finding(line=line, what="memory", printed=f"{gib} GiB", cause=cause)]
    return findings


def _tokens(lines: Lines, asked: Asked | None) -> Finding:
    line, (text,) = lines.found["tokens"]
    tokens, available = whole(text), lines.values("available")
    finding = Finding(line=line, what="tokens", printed=Sentence("{text} tokens", text=text))
    if not available:
        return replace(
            finding, cause=Sentence("The log does not say the memory that was available.")
        )
    least, most = interval(available[0], GIB)
    if asked is None:
        per_token = (least + most) / 2 / tokens if tokens else Fraction()
        return replace(
            finding,
            formula=Sentence(
                "{available} GiB / {tokens} tokens = about {per_token} bytes a token on each "
                "device",
                available=available[0],
                tokens=tokens,
                per_token=round(per_token),
            ),
            cause=Sentence(
                "The log does not say the model's dims: give the model to compare them."
            ),
        )
    shape, workload = asked
    few, many = (pool.make_pool(shape, workload, int(n)) for n in (least, most))
    agrees = few.tokens <= tokens <= many.tokens
    return replace(
        finding,
        computed=Sentence("{few:,} to {many:,} tokens", few=few.tokens, many=many.tokens),
        agrees=agrees,
        formula=Sentence(
            "{available} GiB, rounded, over {row}",
            available=available[0],
            row=_row(shape, workload),
        ),
        cause="" if agrees else other_size(tokens, few.tokens, many.tokens),
    )


def _row(shape: ModelShape, workload: Workload) -> str:
    groups = sort_layers(shape, workload)
    n = len(groups.groups)
    return Sentence(
        "{row} bytes a block, shared by {groups}", row=groups.row, groups=Quantity(n, "group")
    )


def _concurrency(lines: Lines, asked: Asked | None) -> Finding:
    line, (length, before, after) = lines.found["concurrency"]
    printed, tokens = f"{before}{after}".replace(",", ""), lines.values("tokens")
    finding = Finding(line=line, what="concurrency", printed=f"{printed}x")
    if not tokens:
        return replace(
            finding, cause=Sentence("The log does not say the size of the cache in tokens.")
        )
    digits = len(after[1:])
    if asked is None:
        times, formula = (
            [Fraction(whole(tokens[0]) + more, max(1, whole(length))) for more in (0, 1)],
            Sentence("{tokens} tokens / {length} tokens", tokens=tokens[0], length=length),
        )
    else:
        shape, workload = asked
        groups = sort_layers(shape, workload)
        if not groups.groups:
            return replace(finding, cause=NO_BLOCKS)
        each = pool.blocks_of_one_sequence(shape, workload)
        blocks = pool.blocks_of_tokens(whole(tokens[0]), each, groups, workload)
        times = [Fraction(n, each) for n in blocks]
        formula = Sentence(
            "{blocks} blocks / {each} blocks of a sequence", blocks=blocks[0], each=each
        )
    texts = [f"{float(n):.{digits}f}" for n in times]
    agrees = printed in texts and (
        asked is None
        or whole(tokens[0]) in {pool.tokens_of(n, each, groups, workload) for n in blocks}
    )
    return replace(
        finding,
        computed=f"{printed if printed in texts else texts[0]}x",
        agrees=None if asked is None and not agrees else agrees,
        formula=formula,
        cause="" if agrees else other_concurrency(has_model=asked is not None),
    )


def _needed(lines: Lines, asked: Asked | None) -> Finding:
    line, (gib,) = lines.found["needed"]
    finding = Finding(line=line, what="needed", printed=f"{gib} GiB")
    if asked is None:
        return replace(
            finding, cause=Sentence("The log does not say the model's dims: give the model.")
        )
    shape, workload = asked
    n_bytes = pool.needed_bytes(shape, workload)
    digits = len(gib.partition(".")[2])
    computed = f"{n_bytes / GIB:.{digits}f}"
    agrees = computed == gib
    return replace(
        finding,
        computed=f"{computed} GiB",
        agrees=agrees,
        formula=Sentence(
            "{n} blocks · {row}",
            n=pool.blocks_of_one_sequence(shape, workload),
            row=_row(shape, workload),
        ),
        cause="" if agrees else Sentence("The context, max_num_batched_tokens or tp may differ."),
    )
