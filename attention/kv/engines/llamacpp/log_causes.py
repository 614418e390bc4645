"""Why a llama.cpp cache line differs: one change at a time, until one gives the printed size."""

from collections.abc import Iterator
from fractions import Fraction

from attention.kv.engines.llamacpp.allocate import FORMATS, printed_mib
from attention.kv.engines.llamacpp.cells import padded
from attention.kv.engines.llamacpp.log_header import Header
from attention.kv.formats import StoredFormat, stored_format
from attention.sentence import Sentence


def find_cause(
    mib: Fraction,
    widths: list[int],
    cells: int,
    streams: int,
    stored: StoredFormat,
    header: Header,
) -> str:
    """The likely cause, in a sentence.

    Args:
        mib: as printed.
        widths, cells, streams, stored: what the sum was made of.
    """
    wanted = f"{float(mib):.2f}"
    numbers = sum(widths) * cells * streams
    for n_bytes, cause in (
        *_other_cells(widths, cells, streams, stored),
        *_other_heads(widths, cells, streams, stored, header),
        *_other_streams(numbers, stored, header),
        *_other_layers(widths, cells, streams, stored),
        *_other_formats(numbers, stored),
    ):
        if printed_mib(n_bytes) == wanted:
            return cause
    computed = numbers * stored.bytes_per_number / 2**20
    if not computed:
        return Sentence("The model's header gives nothing to multiply.")
    times = float(mib / computed)
    return Sentence(
        "It is {times:.3f} times what the header gives, and no single change explains that.",
        times=times,
    )


def _other_formats(numbers: int, stored: StoredFormat) -> Iterator[tuple[Fraction, str]]:
    for name in FORMATS:
        if name != stored.name:
            yield (
                numbers * stored_format(name).bytes_per_number,
                Sentence(
                    "It fits {name}, not {name_2}: the line's format may be another's.",
                    name=name,
                    name_2=stored.name,
                ),
            )


def _other_cells(
    widths: list[int], cells: int, streams: int, stored: StoredFormat
) -> Iterator[tuple[Fraction, str]]:
    row = sum(widths) * streams * stored.bytes_per_number
    for pad in (256, 32):
        rounded = padded(cells, pad)
        yield (
            row * rounded,
            Sentence(
                "The context is rounded up to {rounded} cells, a multiple of {pad}.",
                rounded=rounded,
                pad=pad,
            ),
        )


def _other_layers(
    widths: list[int], cells: int, streams: int, stored: StoredFormat
) -> Iterator[tuple[Fraction, str]]:
    row = widths[0] * cells * streams * stored.bytes_per_number
    if len(set(widths)) > 1:
        return
    n = len(widths)
    for layers in [*range(n + 1, 2 * n + 1), *range(n - 1, 0, -1)]:
        why = Sentence("the others share a cache, keep a state, or lie in another cache line")
        if layers > n:
            why = Sentence("a draft head adds layers of its own")
            why = why if layers <= n + 4 else Sentence("the header may be another model's")
        yield (
            row * layers,
            Sentence("It fits {layers} layers, not {n}: {why}.", layers=layers, n=n, why=why),
        )


def _other_heads(
    widths: list[int], cells: int, streams: int, stored: StoredFormat, header: Header
) -> Iterator[tuple[Fraction, str]]:
    places = len(widths) * cells * streams * stored.bytes_per_number
    heads, kv_heads = header.one("n_head"), header.one("n_head_kv")
    if heads and kv_heads and heads != kv_heads:
        yield (
            places * widths[0] * heads / kv_heads,
            Sentence(
                "It fits {heads} KV heads, not {kv_heads}: every query head has keys of its own, "
                "as an expanded latent cache has.",
                heads=heads,
                kv_heads=kv_heads,
            ),
        )
    rank, rope = header.one("n_lora_kv"), header.one("n_rot")
    if rank and rope:
        yield (
            places * (rank + rope),
            Sentence("It fits the latent and the rotated key alone (MLA)."),
        )


def _other_streams(
    numbers: int, stored: StoredFormat, header: Header
) -> Iterator[tuple[Fraction, str]]:
    sequences = header.one("n_seq_max") or 1
    if sequences > 1:
        yield (
            numbers * sequences * stored.bytes_per_number,
            Sentence(
                "It fits {sequences} streams: the cells are those of one sequence.",
                sequences=sequences,
            ),
        )
        yield (
            numbers / Fraction(sequences) * stored.bytes_per_number,
            Sentence(
                "It fits the context divided over {sequences} sequences.", sequences=sequences
            ),
        )
