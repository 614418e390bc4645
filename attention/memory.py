"""Bytes of a key-value cache, counted in whole bits.

    2 · n_layers · n_kv_heads · head_dim · seq_len · batch · bytes of a number

The 2 is for K and V. They may have number formats and head_dims of their own; the sum is then
taken over both. It holds where every layer keeps every token: no sliding window, no layer that
shares another's cache, no latent attention.
"""

from dataclasses import dataclass

from attention.config import either, nearest_divisors
from attention.errors import HeadcountError

LARGEST_COUNT = 2**40  # far beyond any model, and still quick to find divisors of
LARGEST_SIZE = 2**63 - 1  # bytes that a 64-bit size can say


class KVMemoryError(HeadcountError):
    """A size that cannot be counted. The message names the value and what would work."""


@dataclass(frozen=True)
class NumberFormat:
    """How a number is stored: its name, its bits, and other names for it."""

    name: str
    bits: int
    aliases: tuple[str, ...]
    note: str = ""


_PAYLOAD_ONLY = "{name} counts the payload only: scales and zero points are excluded."

FORMATS = (
    NumberFormat("float32", 32, ("fp32", "f32")),
    NumberFormat("float16", 16, ("fp16", "f16")),
    NumberFormat("bfloat16", 16, ("bf16",)),
    NumberFormat("fp8", 8, ("float8", "e4m3", "e5m2", "fp8_e4m3", "fp8_e5m2"), _PAYLOAD_ONLY),
    NumberFormat("int8", 8, (), _PAYLOAD_ONLY),
    NumberFormat("int4", 4, (), _PAYLOAD_ONLY),
)


def parse_format(name: str) -> NumberFormat:
    """The format of that name or alias, in upper or lower case.

    Raises:
        KVMemoryError: there is none.
    """
    for known in FORMATS:
        if isinstance(name, str) and name.lower() in (known.name, *known.aliases):
            return known
    choices = ", ".join(known.name for known in FORMATS)
    raise KVMemoryError(f"number format {name!r} is unknown: choose {choices}.")


@dataclass(frozen=True, kw_only=True)
class KVShape:
    """What of a model's shape decides its cache.

    Args:
        n_layers: layers, each with a cache of its own.
        n_kv_heads: key-value heads of a layer.
        head_dim: numbers in a key.
        v_head_dim: numbers in a value; left out, as many as in a key.

    Raises:
        KVMemoryError: a value is no whole number from 1 to 2^40.
    """

    n_layers: int
    n_kv_heads: int
    head_dim: int
    v_head_dim: int | None = None

    def __post_init__(self) -> None:
        if self.v_head_dim is None:
            object.__setattr__(self, "v_head_dim", self.head_dim)
        for name in ("n_layers", "n_kv_heads", "head_dim", "v_head_dim"):
            require_count(name, getattr(self, name))


def require_count(name: str, value: object) -> None:
    """Refuse what cannot count things: no int, bool, below 1, above 2^40.

    Raises:
        KVMemoryError: naming ``name`` and the value.
    """
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int or not 1 <= value <= LARGEST_COUNT:
        raise KVMemoryError(f"{name} {value!r} is not a whole number from 1 to {LARGEST_COUNT}.")


def bytes_per_token(
    shape: KVShape, k_format: str = "float16", v_format: str | None = None
) -> int | float:
    """Bytes that one token of one sequence takes in all layers, K and V.

    Args:
        k_format, v_format: names of number formats; V's is K's where it is left out.

    Returns:
        A whole number, or one that ends in .5 (an odd count of int4), exactly.

    Raises:
        KVMemoryError: an unknown format, or more than a 64-bit size can say.
    """
    return _whole_bytes(_bits_per_token(shape, k_format, v_format))


def bytes_total(
    shape: KVShape,
    seq_len: int,
    batch: int = 1,
    k_format: str = "float16",
    v_format: str | None = None,
) -> int | float:
    """Bytes of the whole cache: every token of every sequence. As :func:`bytes_per_token`."""
    require_count("seq_len", seq_len)
    require_count("batch", batch)
    return _whole_bytes(_bits_per_token(shape, k_format, v_format) * seq_len * batch)


def ratio_to_mha(n_heads: int, n_kv_heads: int) -> int:
    """How many times smaller the cache is than with a KV head for every query head.

    Raises:
        KVMemoryError: ``n_kv_heads`` does not divide ``n_heads``.
    """
    require_count("n_heads", n_heads)
    require_count("n_kv_heads", n_kv_heads)
    if n_heads % n_kv_heads:
        works = either(nearest_divisors(n_heads, n_kv_heads))
        raise KVMemoryError(
            f"n_heads {n_heads} does not divide by n_kv_heads {n_kv_heads}: "
            f"choose n_kv_heads {works}."
        )
    return n_heads // n_kv_heads


def formula(
    shape: KVShape,
    seq_len: int,
    batch: int = 1,
    k_format: str = "float16",
    v_format: str | None = None,
) -> str:
    """The sum with its numbers filled in; K and V apart where they differ."""
    k, v = _both(k_format, v_format)
    heads = f"{_count(shape.n_layers, 'layer')} · {_count(shape.n_kv_heads, 'KV head')}"
    tokens = f"{_count(seq_len, 'token')} · {_count(batch, 'sequence')}"
    of_k = f"{shape.head_dim} head_dim · {_bytes_of(k)}"
    of_v = f"{shape.v_head_dim} head_dim · {_bytes_of(v)}"
    total = bytes_total(shape, seq_len, batch, k_format, v_format)
    if of_k == of_v:
        return (
            f"2 (K and V) · {heads} · {shape.head_dim} head_dim · {tokens} · {_bytes_of(k)}"
            f" = {_count(total, 'byte')}"
        )
    return f"{heads} · (K: {of_k} + V: {of_v}) · {tokens} = {_count(total, 'byte')}"


def assumptions(k_format: str = "float16", v_format: str | None = None) -> tuple[str, ...]:
    """What the sum takes for granted, in sentences."""
    formats = dict.fromkeys(_both(k_format, v_format))
    notes = (known.note.format(name=known.name) for known in formats if known.note)
    return ("Every layer keeps every token's keys and values.", *notes)


def in_units(n_bytes: int | float) -> str:
    """``"1.50 MiB"``: the largest unit that leaves at least 1; bytes below 1 KiB as they are."""
    size, units = n_bytes, iter(("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))
    if size < 1024:
        return _count(size, "byte")
    while size >= 1024 and (unit := next(units, None)):
        size, name = size / 1024, unit
    return f"{size:.2f} {name}"


def _both(k_format: str, v_format: str | None) -> tuple[NumberFormat, NumberFormat]:
    return parse_format(k_format), parse_format(k_format if v_format is None else v_format)


def _bits_per_token(shape: KVShape, k_format: str, v_format: str | None) -> int:
    k, v = _both(k_format, v_format)
    numbers_of_both = shape.head_dim * k.bits + shape.v_head_dim * v.bits
    return shape.n_layers * shape.n_kv_heads * numbers_of_both


def _whole_bytes(bits: int) -> int | float:
    n_bytes, rest = divmod(bits, 8)
    if n_bytes > LARGEST_SIZE:
        raise KVMemoryError(f"the cache would take {n_bytes} bytes, more than {LARGEST_SIZE}.")
    if not rest:
        return n_bytes
    if n_bytes >= 2**52:  # a float holds halves exactly below this alone
        raise KVMemoryError(
            f"{n_bytes}.5 bytes cannot be written exactly: choose an even head_dim."
        )
    return n_bytes + 0.5


def _bytes_of(known: NumberFormat) -> str:
    size = "½ byte" if known.bits == 4 else _count(known.bits // 8, "byte")
    return f"{size} ({known.name})"


def _count(n: int | float, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
