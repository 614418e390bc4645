"""What one layer keeps.

A layer says what it keeps; an engine says how many bytes that takes. One token of one sequence
adds to a layer, in numbers::

    GLOBAL, WINDOW, CHUNK   n_kv_heads · (k_head_dim + v_head_dim)
    LATENT                  latent_rank + rope_dim          (compressed, as most engines keep it)
                            n_kv_heads · (k_head_dim + v_head_dim)           (expanded)
    COMPRESSED              as WINDOW, and an entry of n_kv_heads · (k_head_dim + v_head_dim)
                            for every ``compress`` tokens
    any of them             + indexer_dim for every ``indexer_compress`` tokens

and a sequence, however long, ``states`` (recurrent layers) and ``cross`` (the encoder's tokens).
``v_head_dim`` 0 means that K is read as V too and stored once.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from attention.kv.checks import ShapeError, not_divisible, require_number


class LayerKind(StrEnum):
    """What a layer keeps for the tokens it has seen."""

    GLOBAL = "global"  # every token
    WINDOW = "window"  # the last `window` tokens
    CHUNK = "chunk"  # the tokens of the current chunk of `window` tokens
    LATENT = "latent"  # every token, as one latent vector for all heads (MLA)
    COMPRESSED = "compressed"  # the last `window` tokens, and one entry for `compress` tokens
    STATE = "state"  # a state that does not grow
    SHARED = "shared"  # nothing: it reads the cache of layer `shares`
    CROSS = "cross"  # the encoder's tokens (or an image's), and none of its own
    NONE = "none"  # nothing: no attention in it


GROWING = frozenset(
    {LayerKind.GLOBAL, LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.LATENT, LayerKind.COMPRESSED}
)
WITH_WINDOW = frozenset({LayerKind.WINDOW, LayerKind.CHUNK, LayerKind.COMPRESSED})
WITH_LATENT = frozenset({LayerKind.LATENT, LayerKind.WINDOW, LayerKind.SHARED})


@dataclass(frozen=True, kw_only=True)
class State:
    """Numbers that a layer keeps for each sequence, however long it is.

    Args:
        name: what it is: ``"convolution"``, ``"recurrent"``, ``"compressor"``.
        shape: its axes for one sequence, batch left out. A convolution has ``(channels, kernel
            − 1)``: the inputs that the next token still needs; transformers keeps one more.
        number_format: ``"float32"`` where transformers keeps it so whatever the model's format
            is; ``"model"`` where it follows the model. Engines may differ.
        formula: the axes in the config's words, with the numbers filled in.
    """

    name: str
    shape: tuple[int, ...]
    number_format: str = "model"
    formula: str = ""

    def __post_init__(self) -> None:
        for size in self.shape:
            require_number(f"the {self.name} state's size", size)
        require_number(f"the {self.name} state's size", self.numbers)

    @property
    def numbers(self) -> int:
        """How many numbers a sequence takes."""
        return math.prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Cross:
    """Keys and values of an encoder's tokens, computed once and read at every step.

    Args:
        tokens: how many there are where the model fixes it (Whisper: 1,500), else None.
    """

    n_kv_heads: int
    k_head_dim: int
    v_head_dim: int
    tokens: int | None = None

    def __post_init__(self) -> None:
        for name in ("n_kv_heads", "k_head_dim", "v_head_dim"):
            require_number(f"cross-attention's {name}", getattr(self, name))
        if self.tokens is not None:
            require_number("cross-attention's tokens", self.tokens)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What one layer of the decoder keeps.

    Args:
        kind: how its tokens are kept.
        n_heads: query heads; 0 where there is no attention.
        n_kv_heads, k_head_dim, v_head_dim: of the keys and values of a token; ``v_head_dim`` 0
            where K serves as V and is stored once. A LATENT layer gives those of its expanded
            form. All 0 in STATE, CROSS and NONE. A SHARED layer gives those that it reads.
        window: tokens; WINDOW, CHUNK and COMPRESSED only. A window of n counts the token itself:
            a query sees itself and n − 1 before it.
        latent_rank, rope_dim: numbers of the latent vector, and of the rotated key beside it, in
            LATENT layers; a WINDOW or SHARED layer may have them too.
        compress: tokens that make one compressed entry; COMPRESSED only.
        indexer_dim: numbers of the key that a sparse-attention indexer keeps, 0 for none.
        indexer_compress: tokens for which the indexer keeps one key.
        states: what a sequence keeps that does not grow. Hybrid layers that run attention and
            Mamba side by side have them beside their keys.
        cross: what it keeps of an encoder, in CROSS layers and in the decoders of
            encoder–decoder models, there beside its own keys.
        shares: the layer whose cache it reads; SHARED only.
        origins: for each field that differs from the model's, where it comes from.

    Raises:
        ShapeError: a value is out of range, or does not belong to the kind.
    """

    kind: LayerKind
    n_heads: int = 0
    n_kv_heads: int = 0
    k_head_dim: int = 0
    v_head_dim: int = 0
    window: int | None = None
    latent_rank: int = 0
    rope_dim: int = 0
    compress: int = 0
    indexer_dim: int = 0
    indexer_compress: int = 1
    states: tuple[State, ...] = ()
    cross: Cross | None = None
    shares: int | None = None
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("n_heads", "v_head_dim", "rope_dim", "indexer_dim"):
            require_number(name, getattr(self, name), least=0)
        holds_keys = self.kind in GROWING
        for name in ("n_kv_heads", "k_head_dim"):
            require_number(name, getattr(self, name), least=1 if holds_keys else 0)
        require_number("indexer_compress", self.indexer_compress)
        self._check_belongs("window", self.window or 0, self.kind in WITH_WINDOW)
        if self.kind not in (LayerKind.WINDOW, LayerKind.SHARED) or self.latent_rank:
            self._check_belongs("latent_rank", self.latent_rank, self.kind in WITH_LATENT)
        self._check_belongs("compress", self.compress, self.kind is LayerKind.COMPRESSED)
        if (self.shares is not None) != (self.kind is LayerKind.SHARED):
            raise ShapeError(
                "a {kind} layer cannot share the cache of {shares}.",
                kind=self.kind,
                shares=self.shares,
            )
        if holds_keys and self.n_heads % self.n_kv_heads:
            raise not_divisible(self.n_heads, self.n_kv_heads)

    def _check_belongs(self, name: str, value: object, wanted: bool) -> None:
        if wanted:
            require_number(name, value)
        elif value != 0:
            raise ShapeError(
                "a {kind} layer has no {name}, but {value!r} was given.",
                kind=self.kind,
                name=name,
                value=value,
            )

    @property
    def grows(self) -> bool:
        """Whether it keeps anything for a new token of the decoder, if only up to its window."""
        return self.kind in GROWING

    @property
    def group_size(self) -> int:
        """Query heads that share one KV head; 0 where it keeps no keys."""
        return self.n_heads // self.n_kv_heads if self.n_kv_heads else 0

    @property
    def state_numbers(self) -> int:
        """Numbers of all its states, one sequence."""
        return sum(state.numbers for state in self.states)
