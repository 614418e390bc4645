"""The header of a GGUF file: its metadata and the sizes of its tensors, never their numbers.

Format: ``ggml/docs/gguf.md``, versions 2 and 3. Everything is counted against the length of the
file, so a header that lies about its lengths is refused before anything of that size is made.

A tokenizer's lists are counted and not kept, see ``values.py``. A header may come without what is
in them, *cut*: the page's browser sends it so, tens of kilobytes instead of the eight million bytes
of a vocabulary.
"""

import math
import mmap
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.gguf.values import Values

MAGIC = b"GGUF"
MOST_KEYS = 65_536
MOST_TENSORS = 262_144
LONGEST_KEY = 65_535
# ggml.h, enum ggml_type: names of the formats of tensors.
TENSOR_TYPES = {
    0: "f32",
    1: "f16",
    2: "q4_0",
    3: "q4_1",
    6: "q5_0",
    7: "q5_1",
    8: "q8_0",
    10: "q2_k",
    11: "q3_k",
    12: "q4_k",
    13: "q5_k",
    14: "q6_k",
    16: "iq2_xxs",
    17: "iq2_xs",
    18: "iq3_xxs",
    19: "iq1_s",
    20: "iq4_nl",
    21: "iq3_s",
    22: "iq2_s",
    23: "iq4_xs",
    29: "iq1_m",
    30: "bf16",
    34: "tq1_0",
    35: "tq2_0",
    39: "mxfp4",
}


@dataclass
class Header:
    """What stands before the tensors' numbers.

    Args:
        metadata: key -> number, text, list of numbers, or :class:`Counted`.
        parameters: numbers in all tensors of this file.
        tensor_formats: format -> numbers stored in it.
        tensors: of each its name, its sizes (columns first), and its format.
    """

    version: int
    metadata: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
    tensor_formats: Counter[str] = field(default_factory=Counter)
    tensors: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)


def read_header(path: str | Path) -> Header:
    """Read the header of a GGUF file, of either byte order.

    Raises:
        ShapeError: no such file, no GGUF, an old or unknown version, or a header that does not
            hold what it says.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            _require_magic(file.read(4), path.name)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _header(Values(data))
    except (OSError, ValueError) as error:
        if isinstance(error, ShapeError):
            raise
        raise ShapeError("{path} cannot be read.", path=shortened(str(path))) from error


def parse_cut_header(data: bytes, name: str) -> Header:
    """Read a header whose counted lists are left out, each right behind its length.

    Args:
        name: of the file that it was cut from.

    Raises:
        ShapeError: as :func:`read_header`.
    """
    _require_magic(data[:4], name)
    return _header(Values(data, is_cut=True))


def _require_magic(begin: bytes, name: str) -> None:
    if begin != MAGIC:
        raise ShapeError("{name} is no GGUF file: it does not begin so.", name=shortened(name))


def _header(values: Values) -> Header:
    header = Header(values.version())
    n_tensors = values.count("tensors", MOST_TENSORS)
    n_keys = values.count("metadata entries", MOST_KEYS)
    for _ in range(n_keys):
        key = values.text("a key", LONGEST_KEY)
        value = values.value(values.number("I"), key)
        if key in header.metadata:
            raise ShapeError("the GGUF header has the key {key} twice.", key=shortened(key))
        header.metadata[key] = value
    for _ in range(n_tensors):
        _tensor(values, header)
    return header


def _tensor(values: Values, header: Header) -> None:
    name = values.text("a tensor's name", LONGEST_KEY)
    n_dims = values.number("I")
    if n_dims > 4:
        raise ShapeError(
            "the GGUF header has a tensor of {n_dims} axes, more than 4.", n_dims=n_dims
        )
    sizes = tuple(values.number("Q") for _ in range(n_dims))
    numbers = math.prod(sizes)
    kind = values.number("I")
    values.number("Q")  # where its numbers lie
    if numbers > 2**48:
        raise ShapeError(
            "the GGUF header has a tensor of {numbers} numbers, more than 2^48.",
            numbers=numbers,
        )
    stored = TENSOR_TYPES.get(kind, f"type {kind}")
    header.parameters += numbers
    header.tensor_formats[stored] += numbers
    header.tensors.append((name, sizes, stored))
