"""What a model answers: a text as it reads it, and the one container of what a pass showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attention.config import AttentionConfig
from attention.interventions.off import ALL_ON, Off
from attention.kv.equal_layers import cache_bytes
from attention.models.blocks import Block

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    from attention.models.kept import Given, Kept, Surveys
    from attention.models.patches import Patches
    from attention.scores import Pairs
    from attention.text.pieces import Units


@dataclass(frozen=True, eq=False)
class Reading:
    """A text as the tokenizer sees it, cut to what is shown; or a picture, in patches."""

    text: str  # what is shown, without what was cut
    ids: tuple[int, ...]
    tokens: tuple[str, ...]  # readable, one an id
    total: int  # how many ids there were before the cut
    units: Units | None = None  # the pieces that tokens are merged to; None where none were
    over: Reading | None = None  # the text of the keys, where that is another one
    is_own: bool = False  # the model wrote it itself
    words: Units | None = None  # the words that they are joined to; None where each is one token
    in_words: bool = False  # words are shown, and no pieces
    ending: int = 0  # special tokens behind the text, as an encoder's [SEP]
    joined: tuple[bool, ...] = ()  # whether each token goes on with the word before it
    n_generated: int = 0  # the last so many tokens are the model's own continuation
    patches: Patches | None = None  # the picture whose patches the tokens are

    @property
    def cut(self) -> bool:
        return self.total > len(self.ids)

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same text, or picture."""
        return self.ids if self.patches is None else (self.patches.png,)

    def shown(self, raw: bool) -> tuple[str, ...]:
        """What stands beside the rows of the picture: merged pieces, words, or every token."""
        units = self.merged(raw)
        return self.tokens if units is None else units.texts

    def goes_on(self, raw: bool) -> tuple[int, ...]:
        """Of what is shown, those that go on with the word of the one before."""
        units = self.merged(raw)
        if units is None:
            return tuple(i for i, joined in enumerate(self.joined) if joined)
        firsts = zip(units.starts[:-1].tolist(), units.counts, strict=True)
        return tuple(i for i, (first, n) in enumerate(firsts) if n and self.joined[first])

    def generated(self, raw: bool) -> int | None:
        """The first of what is shown that holds a generated token; None where none was."""
        if not self.n_generated:
            return None
        first, units = len(self.ids) - self.n_generated, self.merged(raw)
        return first if units is None else units.of_token(first)

    def opening(self, raw: bool) -> int:
        """Of what is shown the one that is open where nobody chose: the last that belongs to the
        text; of a picture see :attr:`attention.models.patches.Patches.opening`."""
        if self.patches is not None:
            return self.patches.opening
        return max(len(self.shown(raw)) - 1 - self.ending, 0)

    def followed(self, shown: int, raw: bool) -> int:
        """The token whose numbers are shown: of several that are one piece the last."""
        units = self.merged(raw)
        return shown if units is None else int(units.starts[shown + 1]) - 1

    @property
    def parts(self) -> frozenset[int]:
        """Positions of tokens that are pieces of one character."""
        if self.units is None:
            return frozenset()
        counts, of_units = self.units.counts, self.units.units_of_tokens.tolist()
        return frozenset(at for at, unit in enumerate(of_units) if counts[unit] > 1)

    def merged(self, raw: bool) -> Units | None:
        """The units that are shown, None where every token is."""
        if raw:
            return None
        return self.words if self.in_words else self.units


@dataclass(frozen=True, eq=False)
class JoinedHeads:
    """What every head gathered for one token, and what W_O makes of all of it together."""

    contexts: np.ndarray  # float32 [n_heads, width of a value]
    output: np.ndarray  # float32 [d_model]


@dataclass(frozen=True)
class CacheSize:
    """The KV cache of a text, all layers, in bytes."""

    measured: int | None  # in a real cache; None where the text was too long to fill one
    formula: int
    number_bytes: int
    mha: int  # as it would be with a KV head for each head
    mqa: int  # and with one for all
    product: bool  # the formula is one product, for every layer keeps every token alike
    state: int = 0  # of all that, what blocks without attention keep whatever the length

    @property
    def now(self) -> int:
        """Measured where it was."""
        return self.formula if self.measured is None else self.measured


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One candidate for the next token."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What one pass showed of every layer, and of one head in full.

    Where tokens were merged to units, every array counts units.
    """

    configs: tuple[AttentionConfig, ...]  # one a layer
    layers: Surveys
    layer: int  # of the head that is here in full
    head: int
    chosen: np.ndarray  # float32 [queries, keys], its weights; as many, unless of two texts
    chosen_pool: int  # 1: exact; else the largest of each square of so many
    cache: CacheSize | None  # None: the model keeps none
    predictions: tuple[Prediction, ...] | None  # most probable first; None without an LM head
    logits: np.ndarray | None  # float32 [vocab_size], of the last token
    seconds: float  # the pass, with what was taken of it on the way
    kept: Sequence[Kept | Given]  # q and k by layer; none where the text was too long for them
    pairs: Pairs = ()  # the text's dependencies, ``(query, key)`` in tokens; none where unknown
    beside: CacheSize | None = None  # of the same pass: self-attention's, or cross-attention's
    off: Off = ALL_ON  # heads that were switched off in the pass
    blocks: tuple[Block, ...] = ()  # see :attr:`attention.models.base.Model.blocks`

    def weights(self, layer: int, head: int) -> np.ndarray | None:
        """Exact weights of any head, float32 ``[n, n]``, without another pass.

        None where q and k are not kept.
        """
        return self.kept[layer].weights(head) if self.kept else None

    @property
    def has_projections(self) -> bool:
        """Whether ``kept`` holds each layer's input and what W_Q made of it."""
        return bool(self.kept) and self.kept[0].x is not None

    def values(self, name: str) -> list[list[float | None]]:
        """A score of every head of every layer; or its mean ``"distance"``, in what is shown."""
        if name == "distance":
            pairs = zip(self.layers, self.configs, strict=True)
            return [
                [None] * config.n_heads if layer.distance is None else layer.distance.tolist()
                for layer, config in pairs
            ]
        return [[scores.get(name) for scores in layer.scores] for layer in self.layers]

    @property
    def nbytes(self) -> int:
        """Bytes that this holds on to, for stores that are bounded."""
        logits = 0 if self.logits is None else self.logits.nbytes
        kept = sum(layer.nbytes for layer in self.kept)
        return self.layers.nbytes + self.chosen.nbytes + logits + kept


def numbers_asked(
    numbers: Sequence[int], configs: Sequence[AttentionConfig], off: Off
) -> list[int]:
    """Numbers a token that each layer has to keep while heads are off.

    Only where each layer keeps every KV head's keys and values, for itself alone, can those of a KV
    head be let go: a latent is every head's, and of layers that share we know only that they do.

    Args:
        numbers: that each layer keeps with all heads on; 0 where it reads another's.
    """
    plain = all(
        number and number % config.n_kv_heads == 0 and number >= config.n_kv_heads * config.head_dim
        for number, config in zip(numbers, configs, strict=True)
    )
    if not plain:
        return list(numbers)
    return [
        number - off.idle_kv_heads(layer, config) * (number // config.n_kv_heads)
        for layer, (number, config) in enumerate(zip(numbers, configs, strict=True))
    ]


def cache_size(
    configs: Sequence[AttentionConfig],
    windows: Sequence[int | None],
    numbers: Sequence[int],
    n_tokens: int,
    number_bytes: int,
    measured: int | None,
    state: int = 0,
) -> CacheSize:
    """The cache of ``n_tokens`` by arithmetic, beside what was measured.

    Args:
        windows: see :attr:`attention.models.base.Model.windows`. A layer with a window of w keeps
            the last w − 1 tokens (transformers 5.24, ``DynamicSlidingWindowLayer``): the next query
            sees them and itself.
        numbers: that each layer keeps of a token.
        measured: bytes of the real cache, if one was filled.
        state: bytes that blocks without attention keep, of any text.
    """
    kept = [n_tokens if window is None else min(n_tokens, window - 1) for window in windows]

    def with_kv_heads(counts: Sequence[int]) -> int:
        """The same layers with so many KV heads, each of keys and values."""
        layers = zip(configs, counts, kept, strict=True)
        sizes = (
            cache_bytes(
                n_kv_heads=n, head_dim=config.head_dim, tokens=tokens, number_bytes=number_bytes
            )
            for config, n, tokens in layers
        )
        return int(sum(sizes)) + state

    formula = state + number_bytes * sum(
        n * tokens for n, tokens in zip(numbers, kept, strict=True)
    )
    product = cache_bytes(
        n_kv_heads=configs[0].n_kv_heads,
        head_dim=configs[0].head_dim,
        tokens=n_tokens,
        n_layers=len(configs),
        number_bytes=number_bytes,
    )
    return CacheSize(
        measured=measured,
        formula=formula,
        number_bytes=number_bytes,
        mha=with_kv_heads([config.n_heads for config in configs]),
        mqa=with_kv_heads([1] * len(configs)),
        product=formula == product,
        state=state,
    )
