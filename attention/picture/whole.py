"""Every layer and head of a model on one text, as scenes of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from attention.config import AttentionConfig
from attention.errors import HeadcountError
from attention.kv.equal_layers import cache_bytes
from attention.models.layouts.load import MAX_TOKENS, LayoutModel
from attention.picture.scene import CacheFigures, ModelMap, Scene
from attention.picture.words import Words
from attention.probes import strongest
from attention.survey import HeadSurvey
from attention.text import pieces

if TYPE_CHECKING:  # transformers is loaded by whoever has such a model
    from attention.models.huggingface.model import LanguageModel

    Model = LayoutModel | LanguageModel


class WholeError(HeadcountError):
    """A text or a choice that cannot be shown. The message says what would work."""


@dataclass(frozen=True, eq=False)
class Whole:
    """What one model did with one text, layer by layer.

    Where tokens were merged to readable pieces, `tokens` are those, and every array counts them.
    """

    title: str
    facts: tuple[str, ...]  # architecture, device and number format, as far as there are such
    tokens: tuple[str, ...]
    counts: tuple[int, ...] | None  # tokens of each piece; None where nothing was merged
    n_tokens: int
    total: int  # tokens before the text was cut
    configs: tuple[AttentionConfig, ...]
    layers: tuple[HeadSurvey, ...]
    cache: CacheFigures | None
    layout: bool  # one of the layouts trained here

    @cached_property
    def model_map(self) -> ModelMap:
        def values(name: str) -> list[list[float | None]]:
            return [[getattr(scores, name) for scores in layer.scores] for layer in self.layers]

        return ModelMap(
            entropy=values("spread"),
            distance=[layer.distance.tolist() for layer in self.layers],
            first=values("first"),
            previous=values("previous"),
        )

    def scene(self, layer: int, head: int, words: Words) -> Scene:
        """One layer; every head is read from its tile."""
        here = self.layers[layer]
        named = [strongest(scores) for scores in here.scores]

        def few_words(section: str) -> tuple[str, ...]:
            return tuple(
                words(f"{section}.{name}").format(value=f"{value:.2f}") for name, value in named
            )

        return Scene(
            config=self.configs[layer],
            tokens=self.tokens,
            counts=self.counts,
            tiles=here.tiles,
            pool=here.pool,
            chosen=None,
            layer=layer,
            head=head,
            head_short=few_words("head_short"),
            head_long=few_words("head_long"),
            cache=self.cache and self._cache_of(layer, words),
            words=words.section("picture"),
            model_map=self.model_map,
            lang=words.lang,
        )

    def _cache_of(self, layer: int, words: Words) -> CacheFigures:
        """Factor by factor only where this layer's shape gives the sum over all layers."""
        cache, config = self.cache, self.configs[layer]
        product = cache_bytes(
            n_layers=cache.n_layers,
            n_kv_heads=config.n_kv_heads,
            head_dim=config.head_dim,
            tokens=cache.seq_len,
            number_bytes=cache.number_bytes,
        )
        if product == cache.now_bytes:
            return cache
        return replace(cache, formula=words("saved.cache").format(n=cache.n_layers))


def look_through(model: Model, text: str, *, causal: bool | None = None) -> Whole:
    """Let a text through a model and keep every head's tile and scores.

    Args:
        model: a trained layout, or a language model.
        text: what goes beyond the model's limit is cut off, and counted.
        causal: the mask of a trained layout; a language model has its own.

    Raises:
        WholeError: there are no tokens, or a mask was given to a language model.
    """
    ids = model.encode(text)
    if not ids:
        raise WholeError("The text has no tokens: give at least one character.")
    if isinstance(model, LayoutModel):
        return _layout(model, ids, causal is not False)
    if causal not in (None, model.causal):
        raise WholeError(f"{model.title} has a mask of its own: leave causal out.")
    return _language_model(model, ids)


def _layout(model: LayoutModel, ids: Sequence[int], causal: bool) -> Whole:
    kept = ids[:MAX_TOKENS]
    n_heads, n_kv_heads = model.config.n_heads, model.config.n_kv_heads
    surveys = [
        model.survey(kept, causal=causal, layer=layer, head=0) for layer in range(model.n_layers)
    ]
    number = surveys[0].k.element_size()
    return Whole(
        title=f"Headcount {n_heads}/{n_kv_heads}",
        facts=(model.device, str(surveys[0].k.dtype).removeprefix("torch.")),
        tokens=tuple(model.token_texts(kept)),
        counts=None,
        n_tokens=len(kept),
        total=len(ids),
        configs=tuple(survey.config for survey in surveys),
        layers=tuple(survey.heads for survey in surveys),
        cache=_figures(
            [(model.config, 2 * n_kv_heads * model.config.head_dim, len(kept))] * model.n_layers,
            number, surveys[0].cache_bytes, len(kept),
        ),
        layout=True,
    )  # fmt: skip


def _language_model(model: LanguageModel, ids: Sequence[int]) -> Whole:
    kept = ids[: model.max_tokens]
    texts = model.token_texts(kept)
    units = pieces.merge(model.token_bytes(kept), texts)
    merged = units if units.merged else None
    survey = model.survey(kept, layer=0, head=0, units=merged)
    cache = None
    if model.predicts:
        parts = [
            (part.config, part.cached,
             len(kept) if window is None else min(len(kept), window - 1))
            for part, window in zip(model.parts, model.windows, strict=True)
        ]  # fmt: skip
        cache = _figures(parts, model.model.dtype.itemsize, survey.cache_bytes, len(kept))
    return Whole(
        title=model.title,
        facts=(model.architecture, model.device, model.number_format),
        tokens=tuple(units.texts) if merged else tuple(texts),
        counts=units.counts if merged else None,
        n_tokens=len(kept),
        total=len(ids),
        configs=model.configs,
        layers=survey.layers,
        cache=cache,
        layout=False,
    )


def _figures(
    layers: Sequence[tuple[AttentionConfig, int, int]],
    number_bytes: int,
    measured: int | None,
    seq_len: int,
) -> CacheFigures:
    """The cache summed over layers.

    Args:
        layers: of each its shape, the numbers it keeps of a token, the tokens it keeps.
        measured: bytes of the real cache; None beyond the length up to which it is measured.
    """

    kept = [number_bytes * numbers * tokens for _, numbers, tokens in layers]  # by layer
    shapes = [config for config, _, _ in layers]
    formula = sum(kept)
    now = formula if measured is None else measured
    return CacheFigures(
        n_layers=len(layers),
        seq_len=seq_len,
        number_bytes=number_bytes,
        now_bytes=now,
        mha_bytes=sum(n * shape.group_size for n, shape in zip(kept, shapes, strict=True)),
        mqa_bytes=sum(n // shape.n_kv_heads for n, shape in zip(kept, shapes, strict=True)),
        bytes_per_token=now // seq_len,
        measured=measured is not None,
    )
