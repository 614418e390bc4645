"""llama.cpp's cache lines, and those of its ik_llama.cpp fork, recomputed."""

from fractions import Fraction

from attention.kv.engines.llamacpp.allocate import padded, printed_mib
from attention.kv.engines.llamacpp.log_causes import find_cause
from attention.kv.engines.llamacpp.log_header import Header, widths_of_shape
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.log_reading import Finding, decimal
from attention.kv.formats import FormatError, StoredFormat, stored_format
from attention.kv.shape import ModelShape


def check(
    line: CacheLine, header: Header, shape: ModelShape | None, kv_layers: int | None
) -> list[Finding]:
    """The line's parts, recomputed from the header above it, or from a shape.

    Args:
        kv_layers: layers of the cache line before it, which a state line does not count.
    """
    findings = [_total(line)] if line.parts else [_bare(line, header, shape)]
    findings += _cells(line, header)
    for letter, name, mib in line.parts:
        if letter in ("R", "S"):
            findings.append(_state(line, letter, name, mib, header, shape, kv_layers))
        else:
            findings.append(_rows(line, letter, name, mib, header, shape))
    return findings


def _cells(line: CacheLine, header: Header) -> list[Finding]:
    """The cells of a window cache, from n_swa, -np and -ub; other caches have n_ctx."""
    n_ctx, n_swa, batch = (header.one(name) for name in ("n_ctx", "n_swa", "n_ubatch"))
    full = n_ctx and line.cells and line.cells * line.streams >= n_ctx
    if line.is_state or not line.cells or not n_ctx or not n_swa or not batch or full:
        return []
    in_pool = line.sequences if line.streams == 1 else 1
    cells = min(n_ctx, padded(n_swa * in_pool + batch, 256))
    agrees = cells == line.cells
    cause = "Another micro-batch (-ub), number of sequences (-np) or version makes room otherwise."
    return [
        Finding(
            line=line.text,
            what="cells of windows",
            printed=f"{line.cells} cells",
            computed=f"{cells} cells",
            agrees=agrees,
            formula=f"{n_swa} window · {in_pool} + {batch} micro-batch, rounded up to 256",
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
        cause="" if agrees else "The parts do not add up to the size: a part is missing.",
    )


def _bare(line: CacheLine, header: Header, shape: ModelShape | None) -> Finding:
    """A size alone, as 2023's versions print it: K and V in float16."""
    half = stored_format("f16")
    k, v = (_widths(letter, header, shape, latent=False) for letter in "kv")
    cells = line.cells or header.cells
    if not k or not cells:
        return _unknown(line, "size", line.total, "the model's header")
    n_bytes = (sum(k) + sum(v)) * cells * half.bytes_per_number
    return _compared(line, "size", line.total, n_bytes, f"({sum(k)} + {sum(v)} numbers of all "
                     f"layers) · {cells} cells · {half.text}", "")  # fmt: skip


def _widths(letter: str, header: Header, shape: ModelShape | None, *, latent: bool) -> list[int]:
    if shape is not None:
        return widths_of_shape(shape, letter, latent=latent)
    return header.widths(letter)


def _rows(
    line: CacheLine, letter: str, name: str, mib: str, header: Header, shape: ModelShape | None
) -> Finding:
    try:
        stored = stored_format(name)
    except FormatError:
        return _unknown(line, letter, mib, f"the size of a block of {name!r}")
    cells = line.cells or header.cells
    widths = _row_widths(line, letter, header, shape, mib, stored, cells)
    if not cells or not widths:
        return _without_model(line, letter, mib, stored, cells)
    places = cells * line.streams
    n_bytes = sum(widths) * places * stored.bytes_per_number
    formula = _formula(widths, cells, line.streams, stored)
    if printed_mib(n_bytes) == _plain(mib):
        return _compared(line, letter, mib, n_bytes, formula, "")
    cause = find_cause(decimal(mib), widths, cells, line.streams, stored, header, padded=padded)
    return _compared(line, letter, mib, n_bytes, formula, cause)


def _row_widths(line, letter, header, shape, mib, stored, cells) -> list[int]:
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
        if printed_mib(n_bytes) == _plain(mib):
            return widths
    return candidates[0] if candidates else []


def _choices(widths: list[int], wanted: int | None) -> list[list[int]]:
    """``wanted`` layers of those: all, or of one width, where the cache has fewer."""
    if not widths or wanted is None or wanted == len(widths):
        return [widths] if widths else []
    alike = sorted(set(widths), key=lambda width: (-widths.count(width), width))
    return [[width] * wanted for width in alike[:32]]


def _without_model(line, letter, mib, stored: StoredFormat, cells: int | None) -> Finding:
    """What the line says by itself: the width of a row that would give its size."""
    if not cells or not line.layers:
        return _unknown(line, letter, mib, "the model's header (n_layer, n_embd_k_gqa, n_ctx)")
    places = cells * line.streams * line.layers
    width = round(decimal(mib) * 2**20 / (places * stored.bytes_per_number))
    n_bytes = width * places * stored.bytes_per_number
    fits = printed_mib(n_bytes) == _plain(mib)
    return Finding(
        line=line.text,
        what=letter,
        printed=f"{mib} MiB",
        computed=f"{printed_mib(n_bytes)} MiB" if fits else None,
        agrees=None,
        formula=_formula([width] * line.layers, cells, line.streams, stored) if fits else "",
        cause="The log has no header of the model: a row of "
        f"{width} numbers was worked out from the size itself."
        if fits
        else "The log has no header of the model, and no whole number of numbers a row gives this.",
    )


def _state(line, letter, name, mib, header, shape, kv_layers) -> Finding:
    try:
        stored = stored_format(name)
    except FormatError:
        return _unknown(line, letter, mib, f"the size of {name!r}")
    numbers, layers = _state_numbers(line, letter, header, shape, kv_layers)
    if numbers is None:
        return _unknown(line, letter, mib, "the model's ssm_d_conv, ssm_d_inner and ssm_d_state")
    rows = line.sequences * (1 + line.snapshots)
    n_bytes = numbers * layers * rows * stored.bytes_per_number
    formula = (
        f"{layers} layers · {numbers} numbers · {line.sequences} sequences"
        f"{f' · (1 + {line.snapshots}) snapshots' if line.snapshots else ''} · {stored.text}"
    )
    cause = (
        ""
        if printed_mib(n_bytes) == _plain(mib)
        else ("The state of a layer is another than the header says, or fewer layers have one.")
    )
    return _compared(line, letter, mib, n_bytes, formula, cause)


def _state_numbers(line, letter, header, shape, kv_layers) -> tuple[int | None, int]:
    layers = line.layers or 0
    if kv_layers is not None and kv_layers < layers:
        layers -= kv_layers
    if shape is not None:
        name = "convolution" if letter == "R" else "recurrent"
        keeping = [layer for layer in shape.layers if layer.states]
        states = [s for layer in keeping for s in layer.states if s.name == name]
        per_layer = states[0].numbers if states else 0
        return (per_layer, len(keeping)) if keeping else (None, layers)
    conv, inner, state = (header.one(f"ssm_d_{part}") for part in ("conv", "inner", "state"))
    if not conv or not inner or not state:
        return None, layers
    group = header.one("ssm_n_group") or 0
    return ((conv - 1) * (inner + 2 * group * state) if letter == "R" else state * inner), layers


def _formula(widths: list[int], cells: int, streams: int, stored: StoredFormat) -> str:
    alike = len(set(widths)) == 1
    rows = f"{len(widths)} layers · {widths[0]} numbers" if alike else f"{sum(widths)} numbers"
    rows += "" if alike else f" of {len(widths)} layers"
    beside = f" · {streams} streams" if streams > 1 else ""
    return f"{rows} · {cells} cells{beside} · {stored.text}"


def _compared(line, what, mib, n_bytes, formula, cause) -> Finding:
    computed = printed_mib(n_bytes)
    return Finding(
        line=line.text,
        what=what,
        printed=f"{mib} MiB",
        computed=f"{computed} MiB",
        agrees=computed == _plain(mib),
        formula=f"{formula} = {computed} MiB",
        cause=cause,
    )


def _unknown(line, what, mib, missing: str) -> Finding:
    return Finding(
        line=line.text,
        what=what,
        printed=f"{mib} MiB",
        cause=f"Nothing to compare with: the log does not say {missing}, and no model was given.",
    )


def _plain(mib: str) -> str:
    return f"{float(decimal(mib)):.2f}"
