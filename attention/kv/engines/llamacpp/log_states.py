"""The parts of a llama.cpp line that are recurrent states: R, of convolutions, and S."""

from attention.kv.engines.llamacpp.allocate import printed_mib
from attention.kv.engines.llamacpp.log_findings import compared, two_digits, unknown
from attention.kv.engines.llamacpp.log_header import Header
from attention.kv.engines.llamacpp.log_lines import CacheLine
from attention.kv.engines.log_reading import Finding
from attention.kv.formats import FormatError, stored_format
from attention.kv.shape import ModelShape
from attention.sentence import Sentence


def check_state(
    line: CacheLine,
    letter: str,
    name: str,
    mib: str,
    header: Header,
    shape: ModelShape | None,
    kv_layers: int | None,
) -> Finding:
    """One part of the line: a state of each sequence in the layers that keep one.

    Args:
        kv_layers: layers of the cache line before it, which the line counts and keep none.
    """
    try:
        stored = stored_format(name)
    except FormatError:
        return unknown(line, letter, mib, Sentence("the size of {name!r}", name=name))
    numbers, layers = _state_numbers(line, letter, header, shape, kv_layers)
    if numbers is None:
        return unknown(
            line, letter, mib, Sentence("the model's ssm_d_conv, ssm_d_inner and ssm_d_state")
        )
    rows = line.sequences * (1 + line.snapshots)
    n_bytes = numbers * layers * rows * stored.bytes_per_number
    formula = Sentence(
        "{layers} layers · {numbers} numbers · {sequences} sequences{value} · {text}",
        layers=layers,
        numbers=numbers,
        sequences=line.sequences,
        value=f" · (1 + {line.snapshots}) snapshots" if line.snapshots else "",
        text=stored.text,
    )
    cause = (
        ""
        if printed_mib(n_bytes) == two_digits(mib)
        else (
            Sentence(
                "The state of a layer is another than the header says, or fewer layers have one."
            )
        )
    )
    return compared(line, letter, mib, n_bytes, formula, cause)


def _state_numbers(
    line: CacheLine,
    letter: str,
    header: Header,
    shape: ModelShape | None,
    kv_layers: int | None,
) -> tuple[int | None, int]:
    """Numbers of one layer's state, and how many layers keep it."""
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
