"""The parts of a llama.cpp line that are rows of K and V, or of a latent."""

from attention.kv.engines.llamacpp.allocate import printed_mib
from attention.kv.engines.llamacpp.log_causes import find_cause
from attention.kv.engines.llamacpp.log_findings import (
    compared,
    two_digits,
    unknown,
    unknown_format,
    without_model,
)
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.llamacpp.log_source import Source
from attention.kv.engines.log_reading import Finding, decimal
from attention.kv.formats import FormatError, StoredFormat, stored_format
from attention.sentence import Sentence

_NO_CONTEXT = Sentence(
    "The log does not say {missing}: give it to compare.", missing=Sentence("the context")
)


def check_size(line: CacheLine, source: Source) -> Finding:
    """A size alone, as 2023's versions print it: K and V in float16."""
    half = stored_format("f16")
    rows = list(zip(source.widths("k"), source.widths("v"), strict=False))
    cells = source.cells(line)
    if not rows:
        return unknown(line, "size", line.total, without_model(Sentence("the model's header")))
    if not cells:
        return unknown(line, "size", line.total, _NO_CONTEXT)
    (k, v), n = _fitting(
        [(row, n) for n in cells for row in rows],
        lambda pair: (sum(pair[0][0]) + sum(pair[0][1])) * pair[1] * half.bytes_per_number,
        line.total,
    )
    n_bytes = (sum(k) + sum(v)) * n * half.bytes_per_number
    formula = Sentence(
        "({k} + {v} numbers of all layers) · {cells} cells · {stored}",
        k=sum(k),
        v=sum(v),
        cells=n,
        stored=half.text,
    )
    return compared(line, "size", line.total, n_bytes, formula, "")


def check_rows(line: CacheLine, letter: str, name: str, mib: str, source: Source) -> Finding:
    """One part of the line: rows in every cell of every stream."""
    try:
        stored = stored_format(name)
    except FormatError:
        return unknown_format(line, letter, mib, name)
    if line.layers == 0:
        return compared(line, letter, mib, 0, Sentence("0 layers"), "")
    rows, cells = _row_choices(line, letter, mib, source), source.cells(line)
    if not rows:
        return _without_model(line, letter, mib, stored, cells)
    if not any(cells):
        return _without_context(line, letter, mib, stored, source)
    widths, n = _fitting(
        [(row, n) for n in cells for row in rows],
        lambda pair: sum(pair[0]) * pair[1] * line.streams * stored.bytes_per_number,
        mib,
    )
    n_bytes = sum(widths) * n * line.streams * stored.bytes_per_number
    formula = _formula(widths, n, line.streams, stored)
    if printed_mib(n_bytes) == two_digits(mib):
        return compared(line, letter, mib, n_bytes, formula, "")
    cause = find_cause(decimal(mib), widths, n, line.streams, stored, source.header)
    return compared(line, letter, mib, n_bytes, formula, cause)


def _fitting(choices, n_bytes, mib):
    """The first of the choices that gives the printed size, else the first."""
    wanted = two_digits(mib)
    return next((one for one in choices if printed_mib(n_bytes(one)) == wanted), choices[0])


def _row_choices(line: CacheLine, letter: str, mib: str, source: Source) -> list[list[int]]:
    """Widths of the line's layers: all of the model's, or as many as the line counts."""
    if letter in ("c^KV", "kv^T"):
        header = source.header
        rank, rope = header.one("n_lora_kv"), header.one("n_rot")
        if rank and rope:
            width = rank + (rope if letter == "c^KV" else 0)
            return [[width] * (line.layers or header.one("n_layer") or 0)]
        letter = "K" if letter == "c^KV" else "V"
    choices = source.widths(letter.lower())
    if letter == "V" and decimal(mib) == 0 and (choices or line.layers):
        return [[0] * (line.layers or len(choices[0]))]
    return [choice for widths in choices for choice in _choices(widths, line.layers)]


def _choices(widths: list[int], wanted: int | None) -> list[list[int]]:
    """``wanted`` layers of those: all, or of one width, where the cache has fewer."""
    if wanted is None or wanted == len(widths):
        return [widths]
    alike = sorted(set(widths), key=lambda width: (-widths.count(width), width))
    return [[width] * wanted for width in alike[:32]]


def _without_model(
    line: CacheLine, letter: str, mib: str, stored: StoredFormat, cells: list[int]
) -> Finding:
    """What the line says by itself: the width of a row that would give its size."""
    if not any(cells) or not line.layers:
        missing = Sentence("the model's header (n_layer, n_embd_k_gqa, n_ctx)")
        return unknown(line, letter, mib, without_model(missing))
    places = cells[0] * line.streams * line.layers
    width = round(decimal(mib) * 2**20 / (places * stored.bytes_per_number))
    n_bytes = width * places * stored.bytes_per_number
    fits = printed_mib(n_bytes) == two_digits(mib)
    return Finding(
        line=line.text,
        what=letter,
        printed=f"{mib} MiB",
        computed=f"{printed_mib(n_bytes)} MiB" if fits else None,
        agrees=None,
        formula=_formula([width] * line.layers, cells[0], line.streams, stored) if fits else "",
        cause=Sentence(
            "The log has no header of the model: a row of {width} numbers was worked out from the "
            "size itself.",
            width=width,
        )
        if fits
        else Sentence(
            "The log has no header of the model, and no whole number of numbers a row gives this."
        ),
    )


def _without_context(
    line: CacheLine, letter: str, mib: str, stored: StoredFormat, source: Source
) -> Finding:
    """What the model and the sizes say together: the cells that would give them."""
    cells = _implied_cells(line, source)
    if cells is None:
        return unknown(line, letter, mib, _NO_CONTEXT)
    rows = _row_choices(line, letter, mib, source)
    widths = _fitting(
        rows, lambda row: sum(row) * cells * line.streams * stored.bytes_per_number, mib
    )
    n_bytes = sum(widths) * cells * line.streams * stored.bytes_per_number
    return Finding(
        line=line.text,
        what=letter,
        printed=f"{mib} MiB",
        computed=f"{printed_mib(n_bytes)} MiB",
        formula=_formula(widths, cells, line.streams, stored),
        cause=Sentence(
            "The log does not say the context: {cells} cells were worked out from the size itself.",
            cells=cells,
        ),
    )


def _implied_cells(line: CacheLine, source: Source) -> int | None:
    """The cells at which the model gives every size of the line; None where none do."""
    try:
        parts = [(*part, stored_format(part[1]).bytes_per_number) for part in line.parts]
    except FormatError:
        return None
    letter, _, mib, size = parts[0]
    for widths in _row_choices(line, letter, mib, source):
        row = sum(widths) * line.streams * size
        cells = round(decimal(mib) * 2**20 / row) if row else 0
        if cells and all(
            any(
                printed_mib(sum(other) * cells * line.streams * each) == two_digits(text)
                for other in _row_choices(line, name, text, source)
            )
            for name, _, text, each in parts
        ):
            return cells
    return None


def _formula(widths: list[int], cells: int, streams: int, stored: StoredFormat) -> str:
    alike = len(set(widths)) == 1
    rows = (
        Sentence("{n} layers · {width} numbers", n=len(widths), width=widths[0])
        if alike
        else Sentence("{sum} numbers of {n} layers", n=len(widths), sum=sum(widths))
    )
    beside = Sentence(" · {streams} streams", streams=streams) if streams > 1 else ""
    return Sentence(
        "{rows} · {cells} cells{beside} · {text}",
        rows=rows,
        cells=cells,
        beside=beside,
        text=stored.text,
    )
