"""Rules by which layers are arranged, where a config does not list them.

Read in transformers 5.24, ``models/*/configuration_*.py``, the ``__post_init__`` of each class.
"""

from collections.abc import Callable

from attention.kv.checks import ShapeError, require_number, shortened
from attention.kv.read.fields import Fields
from attention.kv.read.names import NAMES
from attention.sentence import Sentence

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"
LINEAR, CONV, INDEXED = "linear_attention", "conv", "indexed_attention"
HYBRID, HYBRID_SLIDING = "hybrid", "hybrid_sliding"
CROSS, SPARSE_M3 = "cross_attention", "minimax_m3_sparse"
CSA, HCA = "compressed_sparse_attention", "heavily_compressed_attention"

WINDOW_LETTERS = {"L": SLIDING, "G": FULL}  # exaone4

Rule = Callable[[Fields, int], list[str]]


def every(
    period: int,
    *names: str,
    of: str = FULL,
    rest: str = SLIDING,
    at: int | None = -1,
    last: bool = False,
    first: int = 0,
) -> Rule:
    """A rule: one layer of each ``period`` is ``of``, the others ``rest``.

    Args:
        names: fields that may give the period; one may be letters, such as ``"LLLG"``.
        at: which one; None where ``attn_layer_offset`` says it.
        last: whether the last layer is ``of`` in any case.
        first: so many layers at the start are ``of`` in any case.
    """

    def rule(fields: Fields, n_layers: int) -> list[str]:
        step, pattern = period, None
        for name in names:
            value, origin = fields.value(name)
            if isinstance(value, str):
                pattern = value
            elif value:
                step = require_number(f"{fields.path}{name}", value)
            if origin:
                fields.origins["layers"] = origin
                break
        if pattern is not None:
            return _letters(fields, names[0], pattern, n_layers)
        offset = _offset(fields) if at is None else at
        types = [of if i % step == offset % step else rest for i in range(n_layers)]
        types[:first] = [of] * min(first, n_layers)
        return [*types[:-1], of] if last else types

    return rule


def _offset(fields: Fields) -> int:
    return fields.number("attn_layer_offset", "attn_layer_offset", least=0) or 0


def _letters(fields: Fields, name: str, pattern: str, n_layers: int) -> list[str]:
    if not pattern or set(pattern) - WINDOW_LETTERS.keys():
        raise ShapeError(
            "{path}{name} {pattern} is not made of L and G.",
            path=fields.path,
            name=name,
            pattern=shortened(pattern),
        )
    # transformers (exaone4) reads the length alone: the last layer of each is global.
    return every(len(pattern))(fields, n_layers)


def cycle(*types: str, start: tuple[str, ...] = ()) -> Rule:
    """A rule: those types over and over, after those of ``start``."""

    def rule(_fields: Fields, n_layers: int) -> list[str]:
        rest = [types[i % len(types)] for i in range(max(0, n_layers - len(start)))]
        return [*start, *rest][:n_layers]

    return rule


def from_the_end(period: int) -> Rule:
    """A rule: the last layer is full, and each ``period`` before it; the others slide."""

    def rule(_fields: Fields, n_layers: int) -> list[str]:
        return [SLIDING if (n_layers - 1 - i) % period else FULL for i in range(n_layers)]

    return rule


def qwen(fields: Fields, n_layers: int) -> list[str]:
    """Windows only where ``use_sliding_window`` says so, and from ``max_window_layers`` on."""
    if windows_are_off(fields) or not fields.number("window", least=0):
        return [FULL] * n_layers
    first = fields.number("max_window_layers", "max_window_layers", least=0) or 0
    return [SLIDING if i >= first else FULL for i in range(n_layers)]


def windows_are_off(fields: Fields) -> bool:
    """Whether ``use_sliding_window`` is false; a window that is given all the same is named."""
    value, _ = fields.value("use_sliding_window")
    name, window = fields.given(*NAMES["window"])
    if value is False and name and window:
        fields.assume(
            Sentence(
                "{path}{name} {window} does not apply: use_sliding_window is off.",
                path=fields.path,
                name=name,
                window=shortened(window),
            )
        )
    return value is False


def llama4(fields: Fields, n_layers: int) -> list[str]:
    """Chunks, but not in the layers without positions (``no_rope_layers``: 0, every fourth)."""
    if not fields.number("chunk"):
        return [FULL] * n_layers
    chunked = ropes(fields, n_layers)
    return [CHUNKED if rope else FULL for rope in chunked]


def ropes(fields: Fields, n_layers: int) -> list[bool]:
    """Which layers have positions: ``no_rope_layers`` says 1 for those that do."""
    listed = fields.listed("no_rope_layers")
    if listed:
        fields.origins["layers"] = f"{fields.path}no_rope_layers"
        if len(listed) < n_layers:
            raise ShapeError(
                "{path}no_rope_layers has {n_listed} entries, but there are {n_layers} layers.",
                path=fields.path,
                n_listed=len(listed),
                n_layers=n_layers,
            )
        return [bool(entry) for entry in listed[:n_layers]]
    step = fields.number("no_rope_layer_interval", "no_rope_layer_interval") or 4
    return [bool((i + 1) % step) for i in range(n_layers)]


def has_rope(fields: Fields, index: int) -> bool:
    """Whether that layer has positions: as :func:`ropes`, of a list that may be left out."""
    listed = fields.listed("no_rope_layers")
    if listed and index < len(listed):
        return bool(listed[index])
    step = fields.number("no_rope_layer_interval", "no_rope_layer_interval") or 4
    return bool((index + 1) % step)


def full_is_indexed(_fields: Fields, types: list[str]) -> list[str]:
    """Checkpoints whose ``"full_attention"`` is chosen by an indexer, as the class has it."""
    return [INDEXED if name == FULL else name for name in types]


def all_of(layer_type: str) -> Rule:
    """A rule: every layer is of that type."""
    return cycle(layer_type)
