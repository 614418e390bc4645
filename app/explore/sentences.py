"""What the page says in words, as HTML. Pure; every string comes from the locale files."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from math import ceil, log10
from typing import Any

from app.explore.offer import ModelFacts
from app.i18n import Words
from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.store.twins import card_of
from attention.picture.blocks import told


def explain(config: AttentionConfig, words: Words, *, shape_only: bool = False) -> str:
    """What the controls mean: heads, numbers a head, who shares, what is cached.

    Args:
        config: heads, KV heads, width and mask that the controls name.
        shape_only: the width is not the one of the weights.
    """
    heads = words.count("sentence.heads", config.n_heads)
    dim = words.count("sentence.dim", config.head_dim)
    if not config.causal:
        key = "no_cache"
    else:
        key = "single" if config.n_heads == 1 else config.variant.lower()
    said = words(
        f"sentence.{key}",
        heads=heads,
        dim=dim,
        kv=config.n_kv_heads,
        group=config.group_size,
        n=config.n_heads,
    )
    if not shape_only:
        return said
    return f"{words('sentence.shape_only', n=words.number(config.d_model))} {said}"


def scheme(config: AttentionConfig, words: Words) -> str:
    """The full name of how these heads share."""
    key = "single" if config.n_heads == 1 else config.variant.lower()
    name, _ = words.term(key)
    return f"<t {key}>{name}</t>"


def explain_model(facts: ModelFacts, layer: int, words: Words) -> str:
    """The same for a layer of a language model, and how many layers there are."""
    config = facts.configs[layer]
    said = explain(replace(config, causal=facts.predicts), words)
    parts = [said, words.count("sentence.layers", facts.n_layers)]
    if facts.part:
        parts.append(words(f"pair.{facts.part}"))
    elif not config.causal:
        parts.append(words("sentence.bidirectional"))
    if (window := facts.windows[layer]) is not None:
        parts.append(words("sentence.window", n=words.number(window)))
    parts += told(facts.blocks, words)
    if facts.weights_only:
        parts.append(words("sentence.weights_only"))
    return " ".join(parts)


def footer_html(
    card: Mapping[str, Any], device: str, number_format: str, words: Words, *, measured: bool = True
) -> str:
    """How the layout was trained and how well it does, where it ran, and the sources.

    Args:
        measured: the cache in the picture is that of the weights, and was measured.
    """
    english, hindi = card["agreement"]["en"], card["agreement"]["hi"]
    weights = words(
        "footer.weights",
        loss=words.number(card["validation_loss"], ".3f"),
        en=percent(english["accuracy"], words),
        hi=percent(hindi["accuracy"], words),
        en_new=percent(english["accuracy_new_subjects"], words),
        hi_new=percent(hindi["accuracy_new_subjects"], words),
        en_base=percent(english["majority"], words),
        hi_base=percent(hindi["majority"], words),
        steps=words.number(card["steps"]),
        seed=card["seed"],
    )
    key = "footer.device" if measured else "footer.device_no_cache"
    device = words(key, device=escape(device.upper()), dtype=number_format)
    lines = (weights, words("footer.start"), f"{device} {words('footer.sources')}")
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return f'<div class="hc-foot" lang="{words.lang}">{paragraphs}</div>'


def _twin(card: Mapping[str, Any], words: Words) -> str:
    """What was trained of it here, and what it cost."""
    losses = {
        name: words.number(card[f"loss_{name}"], ".2f") for name in ("before", "after", "uptrained")
    }
    return words(
        "footer.twin",
        kv_heads=words.number(card["kv_heads"]),
        tokens=words.number(card["uptraining"]["curve"][-1]["tokens"]),
        windows=words.number(card["windows"]),
        window=words.number(card["window"]),
        **losses,
    )


def model_footer_html(facts: ModelFacts, model: Model, words: Words) -> str:
    """Whose weights these are and from where, where it ran, and how the first head was picked."""
    source = words("footer.model", title=facts.title, architecture=model.architecture)
    parts = [source, words("footer.source", source=words.told(facts.source))]
    if facts.weights:
        parts.append(words("footer.model_weights", weights=words.told(facts.weights)))
    if facts.licence:
        parts.append(words("footer.licence", licence=facts.licence))
    if card := card_of(facts.name):
        parts.append(_twin(card, words))
    key = "footer.device" if facts.predicts else "footer.device_no_cache"
    device = words(key, device=model.device.upper(), dtype=model.number_format)
    telling = "footer.telling_cross" if facts.part == "cross" else "footer.telling"
    lines = (" ".join(parts), f"{device} {words(telling)}")
    # Titles and folders come from whoever made the model.
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="hc-foot" lang="{words.lang}">{paragraphs}</div>'


def agreement(error: float, words: Words) -> str:
    """How nearly two numbers are the same, in words, by the largest difference there was."""
    decimals = 0 if error == 0 else -ceil(log10(error))
    if error == 0:
        return words("check.exact")
    if decimals < 1:
        return words("check.within", value=words.number(error, ".1g"))
    return words.count("check.decimals", decimals)


def percent(share: float, words: Words) -> str:
    """``0.9975`` as ``99.8 %`` (with a narrow space), ``0.5`` as ``50 %``."""
    spec = ".0%" if f"{share:.1%}".endswith(".0%") else ".1%"
    return words.number(share, spec).replace("%", "\u202f%")
