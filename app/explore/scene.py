"""From what a run shows to the Scene that the picture draws, and to the page that is saved."""

from typing import Any

from app.explore import registry
from app.explore.offer import ModelFacts
from app.explore.real import real_model
from app.explore.sentences import agreement
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.jobs import Cancelled
from attention.config import AttentionConfig
from attention.models.look import JoinedHeads
from attention.picture.compose import joined_of, map_of, scene_of
from attention.picture.page import html_of
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
        also=shown.at.also,
        check=_check(shown),
        joined=_joined(shown),
        split=split_config(settings, shown.facts, config),
        # Beneath it stands a real model or, where it is one itself, its map.
        real=real_model(shown.real, config, words) if shown.real else None,
        model_map=None if shown.real else map_of(shown.look, shown.reading, shown.roles, words),
        measure=settings.measure,
        part=settings.presented,
    )


def whole_page(shown: Shown) -> str:
    """Every layer and head of what is shown, as one HTML file, opened at the same place; of an
    encoder–decoder's target with its other attentions, whose passes wait in the queue."""
    facts, look = shown.facts, shown.look
    at: dict[str, object] = {name: getattr(shown.at, name) for name in ("layer", "head", "token")}
    if shown.at.also:
        at["also"] = shown.at.also

    def work(model: Any, _: Cancelled) -> str:
        raw = shown.settings.raw
        return html_of(model, shown.reading, look, shown.roles, shown.words, raw=raw, opened=at)

    key = ("page", object())
    page: str = registry.asked(facts).use(facts.name, key, work, shown.on_wait, keep=False)
    return page


def split_config(settings: Settings, facts: ModelFacts, config: AttentionConfig) -> AttentionConfig:
    """The layout that the split shows: the model's own, or the same heads at another width."""
    if settings.width is None or not facts.layouts:
        return config
    return AttentionConfig(
        d_model=settings.width,
        n_heads=config.n_heads,
        n_kv_heads=config.n_kv_heads,
        causal=config.causal,
    )


def _joined(shown: Shown) -> JoinedHeads | None:
    found = joined_of(shown.model, shown.look, shown.at.layer, [shown.followed])
    return found[0] if found else None


def _check(shown: Shown) -> str:
    """The check of the split on real numbers; of a width that is only drawn there are none.

    Where it stands in the picture, the head that is chosen there is filled in.
    """
    words, error = shown.words, shown.split_error
    if split_config(shown.settings, shown.facts, shown.config) != shown.config:
        return ""
    if shown.facts.weights_only:
        return ""
    if error is None:
        return words("check.fused")
    return words(
        "check.split" if shown.look.has_projections else "check.split_model",
        same=agreement(error, words),
        **{place: f"{{{place}}}" for place in ("head", "first", "last")},
    )
