"""How a checkpoint stores its matrices: bits of a number, and what lies beside them.

A :class:`Layout` is one way (8-bit numbers with a scale for each block of 128 · 128), a
:class:`Checkpoint` says which matrices are stored in which: what a config's
``quantization_config`` says, or what a format is usually made like.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache

from attention.kv.matrices import Matrix
from attention.sentence import Quantity, Sentence

PLACES = (
    "model.layers.{i}.",
    "model.language_model.layers.{i}.",
    "language_model.model.layers.{i}.",
)


# What the modules of some models are called instead.
SPELLINGS = (
    ("mlp.", "feed_forward."), ("mlp.", "block_sparse_moe."), ("mlp.", "ffn."),
    ("self_attn.", "attn."), ("shared_experts.", "shared_expert."),
    ("mlp.shared_experts.", "feed_forward.shared_expert."),
    ("mlp.gate", "feed_forward.router"), ("mlp.gate", "mlp.router"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Numbers of a few bits, and scales of their own.

    Args:
        name: what it is called: ``"fp8"``.
        bits: of one number.
        block: rows and columns that share a scale; 0 stands for all there are.
        scale: bytes of a scale; 0 for none.
        zero_bits: of a zero point beside each scale.
        column_bytes: beside each column, such as GPTQ's ``g_idx``.
    """

    name: str
    bits: Fraction | int
    block: tuple[int, int] = (0, 0)
    scale: Fraction | int = 0
    zero_bits: int = 0
    column_bytes: int = 0

    def size_of(self, matrix: Matrix) -> Fraction:
        """Bytes of all of its copies in all of its layers."""
        rows, columns = matrix.rows, matrix.columns
        size = Fraction(rows * columns * self.bits, 8)
        if self.scale or self.zero_bits:
            blocks = -(-rows // (self.block[0] or rows)) * -(-columns // (self.block[1] or columns))
            size += blocks * self.scale + Fraction(blocks * self.zero_bits, 8)
        size += columns * self.column_bytes
        return size * matrix.count

    @property
    def text(self) -> str:
        """``"4 bits (awq: 2 bytes and a zero point of 4 bits for 128 numbers)"``."""
        bits = Quantity(int(self.bits) if self.bits == int(self.bits) else float(self.bits), "bit")
        name = Sentence(self.name)
        if not self.scale or not all(self.block):
            return Sentence("{bits} ({name})", bits=bits, name=name)
        beside = Sentence(
            "{bits} ({name}, {scale} for {block} numbers)",
            bits=bits,
            name=name,
            scale=Quantity(float(self.scale) if self.scale != int(self.scale) else int(self.scale),
                           "byte"),
            block=self.block[0] * self.block[1],
        )  # fmt: skip
        return beside


BFLOAT16 = Layout(name="bfloat16", bits=16)
PLAIN_LAYOUTS = {
    "float32": Layout(name="float32", bits=32),
    "float16": Layout(name="float16", bits=16),
    "bfloat16": BFLOAT16,
}

# Blocks of llama.cpp: numbers, and bytes with their scales (gguf 0.19.0, GGML_QUANT_SIZES).
BLOCKS = {
    "q4_0": (32, 18), "q4_1": (32, 20), "q5_0": (32, 22), "q5_1": (32, 24), "q8_0": (32, 34),
    "q2_k": (256, 84), "q3_k": (256, 110), "q4_k": (256, 144), "q5_k": (256, 176),
    "q6_k": (256, 210), "iq1_s": (256, 50), "iq1_m": (256, 56), "iq2_xxs": (256, 66),
    "iq2_xs": (256, 74), "iq2_s": (256, 82), "iq3_xxs": (256, 98), "iq3_s": (256, 110),
    "iq4_nl": (32, 18), "iq4_xs": (256, 136), "tq1_0": (256, 54), "tq2_0": (256, 66),
    "mxfp4": (32, 17),
}  # fmt: skip


def block_layout(name: str) -> Layout:
    """The format of that name as a layout."""
    if name in PLAIN_LAYOUTS:
        return PLAIN_LAYOUTS[name]
    numbers, size = BLOCKS[name]
    return Layout(name=name, bits=Fraction(8 * size, numbers))


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Which matrices are stored how.

    Args:
        name: of the way as a whole: ``"fp8"``, ``"compressed-tensors"``.
        layouts: with the modules that each is for: names, globs, or ``re:`` and an expression;
            none for every linear layer. The first that fits is taken.
        kept: modules that stay as they were, in the same words.
        rest: of what has no layout.
        experts_alone: whether nothing but routed experts is stored so, where there are any.
        whole: whether embeddings and the output are stored so, too.
        note: what has to be said of it, or "".
    """

    name: str
    layouts: tuple[tuple[tuple[str, ...], Layout], ...] = ()
    kept: tuple[str, ...] = ()
    rest: Layout = BFLOAT16
    experts_alone: bool = False
    whole: bool = False
    note: str = ""

    def stores(self, matrices: Iterable[Matrix]) -> tuple[tuple[Matrix, Layout], ...]:
        """Each matrix with its layout; one whose layers differ is there once for each layout."""
        found = tuple(matrices)
        has_experts = any(matrix.is_expert for matrix in found)
        parts: list[tuple[Matrix, Layout]] = []
        for matrix in found:
            if self.whole and matrix.columns > 1:
                parts.append((matrix, self.layouts[0][1]))
            elif (
                not matrix.is_linear
                or matrix.is_router
                or (self.experts_alone and has_experts and not matrix.is_expert)
            ):
                parts.append((matrix, self.rest))
            else:
                parts += self._by_layer(matrix)
        return tuple(parts)

    def _by_layer(self, matrix: Matrix) -> list[tuple[Matrix, Layout]]:
        words = (*self.kept, *(word for targets, _ in self.layouts for word in targets))
        if not any(re.search(r"\d", word) for word in words):  # no word tells layers apart
            return [(matrix, self._layout(matrix.name, matrix.layers[:1]))]
        by_layout: dict[Layout, list[int]] = {}
        for index in matrix.layers:
            by_layout.setdefault(self._layout(matrix.name, (index,)), []).append(index)
        return [(replace(matrix, layers=tuple(of)), layout) for layout, of in by_layout.items()]

    def _layout(self, name: str, layers: tuple[int, ...]) -> Layout:
        names: tuple[str, ...] = (name,)
        if layers:
            spelled = {name, *(name.replace(ours, theirs) for ours, theirs in SPELLINGS)}
            names = tuple(place.format(i=layers[0]) + each for place in PLACES for each in spelled)
        if any(is_meant(word, names) for word in self.kept):
            return self.rest
        for targets, layout in self.layouts:
            if not targets or any(is_meant(word, names) for word in targets):
                return layout
        return self.rest


def is_meant(word: str, names: tuple[str, ...]) -> bool:
    """Whether a word of a quantiser's list means a module that has one of these names.

    ``re:`` begins an expression, ``*`` makes a glob; else the word is the name, or dotted parts of
    it (``mlp.gate`` of ``model.layers.3.mlp.gate``), or the class of all linear layers.
    """
    if word.startswith("re:"):
        expression = _expression(word[3:])
        return expression is not None and any(expression.match(name) for name in names)
    if word == "Linear":
        return True
    if "*" in word:
        return any(fnmatchcase(name, form) for name in names for form in (word, f"{word}.*"))
    dotted = f".{word.strip('.')}."
    return any(dotted in f".{name}." for name in names)


@cache
def _expression(text: str) -> re.Pattern[str] | None:
    """None for one that is long, or that Python does not read."""
    try:
        return re.compile(text) if len(text) <= 300 else None
    except re.error:
        return None
