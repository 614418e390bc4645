"""What every model can be asked, and the one container of what it answers.

A layout that was trained here and a language model of transformers are the same to whoever shows
them: a page, a notebook, a saved page, a command line. Layers, heads and tokens count from 0; the
batch is always 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from attention.config import AttentionConfig
from attention.errors import HeadcountError
from attention.kv.equal_layers import cache_bytes

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    from attention.models.kept import Kept, Surveys
    from attention.scores import Pairs
    from attention.text.pieces import Units
    from attention.trace import AttentionTrace, Projected


class TextError(HeadcountError):
    """Tokens, a layer, a head or a mask that the model cannot take; and what it can."""


class Cancelled(Exception):  # noqa: N818 (nothing went wrong)
    """A pass was stopped between two layers, because nobody waits for it any more."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A text as the tokenizer sees it, cut to what is shown."""

    text: str  # what is shown, without what was cut
    ids: tuple[int, ...]
    tokens: tuple[str, ...]  # readable, one an id
    total: int  # how many ids there were before the cut
    units: Units | None = None  # the pieces that tokens are merged to; None where none were
    ending: int = 0  # special tokens behind the text, as an encoder's [SEP]

    @property
    def cut(self) -> bool:
        return self.total > len(self.ids)

    def shown(self, raw: bool) -> tuple[str, ...]:
        """What stands beside the rows of the picture: merged pieces, or every token."""
        return self.tokens if raw or self.units is None else tuple(self.units.texts)

    def last(self, raw: bool) -> int:
        """The last of what is shown that belongs to the text."""
        return max(len(self.shown(raw)) - 1 - self.ending, 0)

    def merged(self, raw: bool) -> Units | None:
        """The units that are shown, None where every token is."""
        return None if raw else self.units


@dataclass(frozen=True)
class CacheSize:
    """The KV cache of a text, all layers, in bytes."""

    measured: int | None  # in a real cache; None where the text was too long to fill one
    formula: int
    number_bytes: int
    mha: int  # as it would be with a KV head for each head
    mqa: int  # and with one for all
    product: bool  # the formula is one product, for every layer keeps every token alike

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
    chosen: np.ndarray  # float32 [side, side], its weights
    chosen_pool: int  # 1: exact; else the largest of each square of so many
    cache: CacheSize | None  # None: the model keeps none
    predictions: tuple[Prediction, ...] | None  # most probable first; None without an LM head
    logits: np.ndarray | None  # float32 [vocab_size], of the last token
    seconds: float  # the pass, with what was taken of it on the way
    kept: Sequence[Kept]  # q and k by layer; none where the text was too long to keep them

    def weights(self, layer: int, head: int) -> np.ndarray | None:
        """Exact weights of any head, float32 ``[n, n]``, without another pass.

        None where q and k are not kept, and for the chosen head where that is pooled.
        """
        if (layer, head) == (self.layer, self.head) and self.chosen_pool == 1:
            return self.chosen
        return self.kept[layer].weights(head) if self.kept else None

    def values(self, name: str) -> list[list[float | None]]:
        """A score of every head of every layer; or its mean ``"distance"``, in what is shown."""
        if name == "distance":
            return [layer.distance.tolist() for layer in self.layers]
        return [[scores[name] for scores in layer.scores] for layer in self.layers]

    @property
    def nbytes(self) -> int:
        """Bytes that this holds on to, for stores that are bounded."""
        logits = 0 if self.logits is None else self.logits.nbytes
        kept = sum(layer.nbytes for layer in self.kept)
        return self.layers.nbytes + self.chosen.nbytes + logits + kept


class Model(Protocol):
    """A model that can be asked. Nothing that is asked changes it."""

    @property
    def title(self) -> str:
        """What to call it."""

    @property
    def architecture(self) -> str:
        """The name of its class; "" where the title says it."""

    @property
    def source(self) -> str:
        """Where it is from: a folder, a Hub id, "memory"."""

    @property
    def device(self) -> str:
        """``"cuda"``, ``"mps"`` or ``"cpu"``."""

    @property
    def number_format(self) -> str:
        """``"float32"``, ``"float16"`` or ``"bfloat16"``."""

    @property
    def configs(self) -> tuple[AttentionConfig, ...]:
        """The shape of each layer; heads may differ from one to the next."""

    @property
    def windows(self) -> tuple[int | None, ...]:
        """How many tokens each layer's sliding window holds; None where its cache keeps all."""

    @property
    def n_layers(self) -> int: ...

    @property
    def causal(self) -> bool:
        """Every layer is, unless another mask is asked for."""

    @property
    def predicts(self) -> bool:
        """It says what comes next, and keeps a cache."""

    @property
    def max_tokens(self) -> int:
        """The longest text that it takes."""

    @property
    def trained_here(self) -> bool:
        """One of the layouts that this repository trained."""

    @property
    def validation_loss(self) -> float | None:
        """Nats a token on held-out text of its own kind; None where that is not known."""

    @property
    def kept_tokens(self) -> int:
        """Up to so many tokens a look has every head's weights; beyond, those of the named one."""

    @property
    def whole_tokens(self) -> int:
        """Up to so many tokens a trace of all queries costs no more than that of one."""

    def encode(self, text: str) -> list[int]:
        """Token ids of any text, with the special tokens that the tokenizer adds."""

    def decode(self, ids: Sequence[int]) -> str: ...

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token."""

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it; b"" for a special token."""

    def look(
        self,
        ids: Sequence[int],
        *,
        layer: int,
        head: int,
        causal: bool | None = None,
        units: Units | None = None,
        pairs: Pairs | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Look:
        """One pass, of which every head is looked at and no layer's weights are held together.

        Args:
            layer, head: the head whose weights are kept in full.
            causal: the mask, where it can be chosen; left out, the model's own.
            units: tokens that are shown as one, see :mod:`attention.text.pieces`.
            pairs: for the agreement score, ``(query, key)`` in tokens.
            cancelled: asked between layers; once it says True the pass ends.

        Raises:
            TextError: no tokens, too many, no such layer or head, or a mask that it has not.
            SurveyError: units or pairs do not fit the text.
            Cancelled: ``cancelled`` said so.
        """

    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Every intermediate of one layer, by name. Raises TextError as :meth:`look`."""

    def query(
        self, ids: Sequence[int], *, layer: int, token: int, causal: bool | None = None
    ) -> AttentionTrace:
        """The same of one query alone, with every key. Raises TextError as :meth:`look`."""

    def split_error(self, of: Projected, *, layer: int) -> float | None:
        """See :func:`attention.trace.split_error`; None where W_Q is no matrix by itself."""

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes in a real cache after these tokens; 0 for a model that keeps none."""

    def cache_formula(self, seq_len: int) -> int:
        """The same by arithmetic."""


def cache_size(
    configs: Sequence[AttentionConfig],
    windows: Sequence[int | None],
    numbers: Sequence[int],
    n_tokens: int,
    number_bytes: int,
    measured: int | None,
) -> CacheSize:
    """The cache of ``n_tokens`` by arithmetic, beside what was measured.

    Args:
        windows: see :attr:`Model.windows`. A layer with a window of w keeps the last w − 1 tokens
            (transformers 5.24, ``DynamicSlidingWindowLayer``): the next query sees them and itself.
        numbers: that each layer keeps of a token.
        measured: bytes of the real cache, if one was filled.
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
        return int(sum(sizes))

    formula = number_bytes * sum(n * tokens for n, tokens in zip(numbers, kept, strict=True))
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
    )


def require_text(n_tokens: int, model: Model) -> None:
    """Raises TextError: there are no tokens, or more than the model takes."""
    if not n_tokens:
        raise TextError("The text has no tokens: give at least one character.")
    if n_tokens > model.max_tokens:
        raise TextError(
            f"The text has {n_tokens} tokens, and {model.title} takes {model.max_tokens}: cut it."
        )


def require_layer(model: Model, layer: int, head: int = 0) -> None:
    """Raises TextError: the model has no such layer or head."""
    if not 0 <= layer < model.n_layers:
        raise TextError(f"layer {layer} does not exist: choose 0 to {model.n_layers - 1}.")
    n_heads = model.configs[layer].n_heads
    if not 0 <= head < n_heads:
        raise TextError(f"head {head} does not exist: choose 0 to {n_heads - 1}.")
