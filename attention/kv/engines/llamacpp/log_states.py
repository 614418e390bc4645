"""The parts of a llama.cpp line that are recurrent states: R, of convolutions, and S."""

from fractions import Fraction

from attention.kv.engines.llamacpp.allocate import printed_mib
from attention.kv.engines.llamacpp.log_findings import (
    compared,
    two_digits,
    unknown,
    unknown_format,
    without_model,
)
from attention.kv.engines.llamacpp.log_header import Header
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.llamacpp.log_source import Source
from attention.kv.engines.log_reading import Finding
from attention.kv.formats import FormatError, stored_format
from attention.sentence import Sentence

_STATES = {"R": "convolution", "S": "recurrent"}


def check_states(line: CacheLine, source: Source, kv_layers: int | None) -> list[Finding]:
    """The line's parts, each the state of every sequence in the layers that keep one.

    Args:
        kv_layers: layers of the cache line before it, which the line counts and keep none.
    """
    parts = line.parts or (("size", "f32", line.total),)
    numbers = {letter: _numbers(letter, source) for letter, _, _ in parts}
    known = {letter: n for letter, n in numbers.items() if n is not None}
    layers = _kept_by_model(source)
    if layers is None:
        layers = _layers_of_line(line, parts, source, known, kv_layers)
    return [_finding(line, part, known.get(part[0]), layers, source) for part in parts]


def _finding(
    line: CacheLine,
    part: tuple[str, str, str],
    numbers: int | None,
    layers: int,
    source: Source,
) -> Finding:
    letter, name, mib = part
    try:
        stored = stored_format(name)
    except FormatError:
        return unknown_format(line, letter, mib, name)
    if numbers is None:
        return unknown(line, letter, mib, _without_states(source))
    n_bytes = _rows(line, source) * numbers * layers * stored.bytes_per_number
    formula = Sentence(
        "{layers} layers · {numbers} numbers · {sequences} sequences{value} · {text}",
        layers=layers,
        numbers=numbers,
        sequences=source.sequences(line),
        value=f" · (1 + {line.snapshots}) snapshots" if line.snapshots else "",
        text=stored.text,
    )
    differs = Sentence(
        "The state of a layer is another than the header says, or fewer layers have one."
    )
    cause = "" if printed_mib(n_bytes) == two_digits(mib) else differs
    return compared(line, letter, mib, n_bytes, formula, cause)


def _rows(line: CacheLine, source: Source) -> int:
    """States of a layer: one for each sequence, and those kept to go back to."""
    return source.sequences(line) * (1 + line.snapshots)


def _without_states(source: Source) -> str:
    if source.shape is not None:
        return Sentence("The model keeps no recurrent state: give the log's own model.")
    return without_model(Sentence("the model's ssm_d_conv, ssm_d_inner and ssm_d_state"))


def _numbers(letter: str, source: Source) -> int | None:
    """Numbers of one layer's state; of all its states for a size without parts."""
    if source.shape is None:
        return _numbers_of_header(letter, source.header)
    if not source.states:
        return None
    wanted = _STATES.get(letter)
    states = source.states[0]
    return sum(state.numbers for state in states if wanted is None or state.name == wanted)


def _numbers_of_header(letter: str, header: Header) -> int | None:
    conv, inner, state = (header.one(f"ssm_d_{part}") for part in ("conv", "inner", "state"))
    if not conv or not inner or not state:
        return None
    group = header.one("ssm_n_group") or 0
    sizes = {"R": (conv - 1) * (inner + 2 * group * state), "S": state * inner}
    return sizes.get(letter, sum(sizes.values()))


def _kept_by_model(source: Source) -> int | None:
    """Layers that keep a state, where a model says it."""
    return None if source.shape is None else len(source.states)


def _layers_of_line(
    line: CacheLine,
    parts: tuple[tuple[str, str, str], ...],
    source: Source,
    numbers: dict[str, int],
    kv_layers: int | None,
) -> int:
    """Layers that keep a state: the line's, less those of the cache line before it.

    A state line by itself counts all layers of a hybrid model and does not say which keep keys:
    it is then as many as give every printed size, if any number does.
    """
    layers = line.layers or source.header.one("n_layer") or 0
    if kv_layers is not None and kv_layers < layers:
        return layers - kv_layers
    for fewer in range(min(layers, 4096), 0, -1):
        if all(_fits(part, numbers, fewer * _rows(line, source)) for part in parts):
            return fewer
    return layers


def _fits(part: tuple[str, str, str], numbers: dict[str, int], n: int) -> bool:
    """Whether ``n`` states of that kind have the printed size."""
    letter, name, mib = part
    try:
        size = stored_format(name).bytes_per_number
    except FormatError:
        return False
    return printed_mib(Fraction(numbers.get(letter, 0) * n) * size) == two_digits(mib)
