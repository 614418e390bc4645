"""From what a run shows to the Scene that the picture draws. Pure; no Streamlit."""

from app.explore.look import Look
from app.explore.real import real_model
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.i18n import Words
from attention.config import AttentionConfig
from attention.picture.payload import CacheFigures, Scene


def build_scene(shown: Shown) -> Scene:
    """Everything that the picture draws, in the visitor's language."""
    settings, look, words = shown.settings, shown.look, shown.words
    units = shown.reading.merged(settings.raw)
    return Scene(
        config=look.config,
        tokens=shown.tokens,
        counts=None if units is None else units.counts,
        tiles=look.tiles,
        pool=look.pool,
        chosen=look.chosen,
        chosen_pool=look.chosen_pool,
        layer=settings.layer,
        head=settings.head,
        token=settings.token,
        head_short=_head_words("head_short", look, words),
        head_long=_head_words("head_long", look, words),
        cache=cache_figures(look, len(shown.reading.ids), words),
        words=words.section("picture"),
        check=_check(look, words),
        split=split_config(settings, look.config),
        real=real_model(shown.real, look.config, words) if settings.trained else None,
        model_map=look.model_map,
        lang=settings.lang,
    )


def split_config(settings: Settings, config: AttentionConfig) -> AttentionConfig:
    """The layout that the split shows: the model's own, or the same heads at another width."""
    if settings.width is None or not settings.trained:
        return config
    return AttentionConfig(
        d_model=settings.width, n_heads=config.n_heads, n_kv_heads=config.n_kv_heads
    )


def cache_figures(look: Look, n_tokens: int, words: Words) -> CacheFigures | None:
    """What was measured on the real cache, beside the same text with MHA and MQA."""
    cache = look.cache
    if cache is None:
        return None
    if cache.product and cache.formula == cache.measured:
        formula = ""
    else:
        formula = words("check.cache", n=look.n_layers, bytes=f"{cache.formula:,}")
    return CacheFigures(
        n_layers=look.n_layers,
        seq_len=n_tokens,
        number_bytes=cache.number_bytes,
        now_bytes=cache.measured,
        mha_bytes=cache.mha,
        mqa_bytes=cache.mqa,
        bytes_per_token=cache.measured // n_tokens,
        formula=formula,
    )


def _check(look: Look, words: Words) -> str:
    """The check of the split on real numbers."""
    if look.split_error is None:
        return words("check.fused")
    key = "check.split" if look.model_map is None else "check.split_model"
    return words(key, value=f"{look.split_error:.1g}")


def _head_words(section: str, look: Look, words: Words) -> tuple[str, ...]:
    return tuple(words(f"{section}.{name}", value=f"{value:.2f}") for name, value in look.heads)
