"""From what a run shows to the Scene that the picture draws. Pure; no Streamlit."""

from app.address import Settings
from app.i18n import Words
from app.look import Look
from app.real import real_model
from app.shown import Shown
from attention.config import AttentionConfig
from attention.memory import KVShape, bytes_total
from attention.picture.payload import CacheFigures, Scene, scene_weights


def build_scene(shown: Shown, n_layers: int) -> Scene:
    """Everything that the picture draws, in the visitor's language."""
    settings, look, words = shown.settings, shown.look, shown.words
    tiles, pool = scene_weights(look.weights)
    return Scene(
        config=look.config,
        tokens=shown.reading.tokens,
        tiles=tiles,
        pool=pool,
        chosen=look.weights[settings.head],
        layer=settings.layer,
        head=settings.head,
        token=settings.token,
        head_short=_head_words("head_short", look, words),
        head_long=_head_words("head_long", look, words),
        cache=cache_figures(look, n_layers, len(shown.reading.ids)),
        words=words.section("picture"),
        check=words("check.split", value=f"{look.split_error:.1g}"),
        split=split_config(settings, look.config),
        real=real_model(shown.real, look.config, words),
        lang=settings.lang,
    )


def split_config(settings: Settings, config: AttentionConfig) -> AttentionConfig:
    """The layout that the split shows: the trained one, or the same heads at another width."""
    if settings.width is None:
        return config
    return AttentionConfig(
        d_model=settings.width, n_heads=config.n_heads, n_kv_heads=config.n_kv_heads
    )


def cache_figures(look: Look, n_layers: int, seq_len: int) -> CacheFigures:
    """What was measured on the real cache, beside the same sentence with MHA and MQA."""
    config, number_format = look.config, look.number_format

    def size(n_kv_heads: int) -> int:
        shape = KVShape(n_layers=n_layers, n_kv_heads=n_kv_heads, head_dim=config.head_dim)
        return int(bytes_total(shape, seq_len, k_format=number_format))

    return CacheFigures(
        n_layers=n_layers,
        seq_len=seq_len,
        number_bytes=look.trace.k.element_size(),
        now_bytes=look.cache_bytes,
        mha_bytes=size(config.n_heads),
        mqa_bytes=size(1),
        bytes_per_token=look.cache_bytes // seq_len,
    )


def _head_words(section: str, look: Look, words: Words) -> tuple[str, ...]:
    return tuple(words(f"{section}.{name}", value=f"{value:.2f}") for name, value in look.heads)
