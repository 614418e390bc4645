"""The parts of a llama.cpp line that are rows of K and V, or of a latent."""

from attention.kv.engines.llamacpp.allocate import printed_mib
from attention.kv.engines.llamacpp.log_causes import find_cause
from attention.kv.engines.llamacpp.log_findings import compared, two_digits, unknown
from attention.kv.engines.llamacpp.log_header import Header, widths_of_shape
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.log_reading import Finding, decimal
from attention.kv.formats import FormatError, StoredFormat, stored_format
from attention.kv.shape import ModelShape
from attention.sentence import Sentence


def check_size(line: CacheLine, header: Header, shape: ModelShape | None) -> Finding:
    """A size alone, as 2023's versions print it: K and V in float16."""
    half = stored_format("f16")
    k, v = (_widths(letter, header, shape, latent=False) for letter in "kv")
    cells = line.cells or header.cells
    if not k or not cells:
        return unknown(line, "size", line.total, Sentence("the model's header"))
    n_bytes = (sum(k) + sum(v)) * cells * half.bytes_per_number
    formula = Sentence(
        "({k} + {v} numbers of all layers) · {cells} cells · {stored}",
        k=sum(k),
        v=sum(v),
        cells=cells,
        stored=half.text,
    )
    return compared(line, "size", line.total, n_bytes, formula, "")


def _widths(letter: str, header: Header, shape: ModelShape | None, *, latent: bool) -> list[int]:
    if shape is not None:
        return widths_of_shape(shape, letter, latent=latent)
    return header.widths(letter)


def check_rows(
    line: CacheLine, letter: str, name: str, mib: str, header: Header, shape: ModelShape | None
) -> Finding:
    """One part of the line: rows in every cell of every stream."""
    try:
        stored = stored_format(name)
    except FormatError:
        return unknown(line, letter, mib, Sentence("the size of a block of {name!r}", name=name))
    cells = line.cells or header.cells
    widths = _row_widths(line, letter, header, shape, mib, stored, cells)
    if not cells or not widths:
        return _without_model(line, letter, mib, stored, cells)
    places = cells * line.streams
    n_bytes = sum(widths) * places * stored.bytes_per_number
    formula = _formula(widths, cells, line.streams, stored)
    if printed_mib(n_bytes) == two_digits(mib):
        return compared(line, letter, mib, n_bytes, formula, "")
    cause = find_cause(decimal(mib), widths, cells, line.streams, stored, header)
    return compared(line, letter, mib, n_bytes, formula, cause)


def _row_widths(
    line: CacheLine,
    letter: str,
    header: Header,
    shape: ModelShape | None,
    mib: str,
    stored: StoredFormat,
    cells: int | None,
) -> list[int]:
    """The widths of the line's layers: all of the model's, or as many as the line counts."""
    if letter in ("c^KV", "kv^T"):
        rank, rope = header.one("n_lora_kv"), header.one("n_rot")
        if rank and rope:
            width = rank + (rope if letter == "c^KV" else 0)
            return [width] * (line.layers or header.one("n_layer") or 0)
        letter = "k" if letter == "c^KV" else "v"
    by_letter = {"K": "k", "V": "v"}
    key = by_letter.get(letter, letter)
    choices = [_widths(key, header, shape, latent=True), _widths(key, header, shape, latent=False)]
    if key == "v" and decimal(mib) == 0:
        return [0] * (line.layers or len(choices[0]))
    candidates = [c for widths in choices for c in _choices(widths, line.layers)]
    for widths in candidates:
        n_bytes = sum(widths) * (cells or 0) * line.streams * stored.bytes_per_number
        if printed_mib(n_bytes) == two_digits(mib):
            return widths
    return candidates[0] if candidates else []


def _choices(widths: list[int], wanted: int | None) -> list[list[int]]:
    """``wanted`` layers of those: all, or of one width, where the cache has fewer."""
    if not widths or wanted is None or wanted == len(widths):
        return [widths] if widths else []
    alike = sorted(set(widths), key=lambda width: (-widths.count(width), width))
    return [[width] * wanted for width in alike[:32]]


def _without_model(
    line: CacheLine, letter: str, mib: str, stored: StoredFormat, cells: int | None
) -> Finding:
    """What the line says by itself: the width of a row that would give its size."""
    if not cells or not line.layers:
        return unknown(
            line, letter, mib, Sentence("the model's header (n_layer, n_embd_k_gqa, n_ctx)")
        )
    places = cells * line.streams * line.layers
    width = round(decimal(mib) * 2**20 / (places * stored.bytes_per_number))
    n_bytes = width * places * stored.bytes_per_number
    fits = printed_mib(n_bytes) == two_digits(mib)
    return Finding(
        line=line.text,
        what=letter,
        printed=f"{mib} MiB",
        computed=f"{printed_mib(n_bytes)} MiB" if fits else None,
        agrees=None,
        formula=_formula([width] * line.layers, cells, line.streams, stored) if fits else "",
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
