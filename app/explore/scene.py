"""From what a run shows to the Scene that the picture draws. Pure; no Streamlit."""

from app.explore.offer import ModelFacts
from app.explore.real import real_model
from app.explore.settings import Settings
from app.explore.shown import Shown
from attention.config import AttentionConfig
from attention.picture.compose import map_of, scene_of
from attention.picture.scene import Scene


def build_scene(shown: Shown) -> Scene:
    """Everything that the picture draws, in the visitor's language."""
    settings, words, config = shown.settings, shown.words, shown.config
    chosen, chosen_pool = shown.chosen
    return scene_of(
        shown.look,
        shown.reading,
        shown.at.layer,
        shown.at.head,
        words,
        raw=settings.raw,
        roles=shown.roles,
        link=shown.link,
        chosen=chosen,
        chosen_pool=chosen_pool,
        token=shown.at.token,
        check=_check(shown),
        split=split_config(settings, shown.facts, config),
        # Beneath it stands a real model or, where it is one itself, its map.
        real=real_model(shown.real, config, words) if shown.real else None,
        model_map=None if shown.real else map_of(shown.look, shown.roles, words),
    )


def split_config(settings: Settings, facts: ModelFacts, config: AttentionConfig) -> AttentionConfig:
    """The layout that the split shows: the model's own, or the same heads at another width."""
    if settings.width is None or not facts.layouts:
        return config
    return AttentionConfig(
        d_model=settings.width, n_heads=config.n_heads, n_kv_heads=config.n_kv_heads
    )


def _check(shown: Shown) -> str:
    """The check of the split on real numbers."""
    if shown.split_error is None:
        return shown.words("check.fused")
    key = "check.split" if shown.look.has_projections else "check.split_model"
    return shown.words(key, value=f"{shown.split_error:.1g}")
