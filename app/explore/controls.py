"""The controls above the picture: Streamlit's own widgets, two compact rows.

They take their values from the session (see state.py), so nothing here passes a default.
"""

from collections.abc import Callable

import streamlit as st

from app.explore import address, state
from app.explore.address import Settings
from app.explore.examples import Example
from app.explore.keys import Keys
from app.explore.offer import OFFERED, OTHER, Family, ModelFacts
from app.explore.real import BATCHES, FORMATS, MODELS, RealChoice, context_choices
from app.i18n import Words
from attention.models.store.names import NAMED


def draw_controls(
    family: Family,
    examples: tuple[Example, ...],
    settings: Settings,
    words: Words,
    *,
    facts: ModelFacts | None,
    splits: bool,
) -> None:
    """The text, the model, its heads; then layer, mask, width, pieces, language and examples.

    Args:
        facts: of the language model; None for the trained family, and where it is not loaded:
            then there are no heads and layers to choose from.
        splits: the tokenizer split a character of the text.
    """
    with st.container(key="controls", horizontal=True):
        _text(family, words)
        _model(settings, words)
        if settings.trained:
            _layout(family, settings, words)
        elif facts is not None:
            _built(facts, settings, words)
        if settings.trained or facts is not None:
            st.toggle(
                words("controls.raw"),
                key=Keys.RAW,
                help=words("help.raw"),
                disabled=not splits,
            )
        names = {lang: words(f"language.{lang}") for lang in family.languages}
        _choices(Keys.LANG, family.languages, words("controls.language"), None, names)
        _examples(examples, words)


def draw_real(real: RealChoice, words: Words) -> None:
    """The real model beneath the picture: which, and how it is run."""
    with st.container(key="real", horizontal=True):
        st.selectbox(words("real.model"), MODELS, key=Keys.REAL, help=words("real.help_model"))
        contexts = context_choices(real.model)
        count = "{:,}".format
        _steps(Keys.CONTEXT, contexts, words("real.context"), words("real.help_context"), count)
        _steps(Keys.BATCH, BATCHES, words("real.batch"), words("real.help_batch"))
        label, help_text = words("real.format"), words("real.help_format")
        st.selectbox(label, FORMATS, key=Keys.FORMAT, help=help_text)


def _text(family: Family, words: Words) -> None:
    st.text_input(
        words("controls.text"),
        key=Keys.TEXT,
        live=True,
        placeholder=family.default_text,
        help=words("help.text"),
    )


def _model(settings: Settings, words: Words) -> None:
    """Which model; for another than those offered a field to name it in."""
    titles = {name: known.title for name, known in NAMED.items()}
    st.selectbox(
        words("controls.model"),
        (*OFFERED, OTHER),
        key=Keys.MODEL,
        help=words("help.model"),
        format_func=lambda name: titles.get(name) or words(f"model.{name}"),
    )
    if settings.model not in OFFERED:
        st.text_input(
            words("controls.other_model"),
            key=Keys.OTHER,
            placeholder=words("controls.other_placeholder"),
            help=words("help.other_model"),
        )


def _layout(family: Family, settings: Settings, words: Words) -> None:
    """What is free to choose in the trained family."""
    _steps(Keys.HEADS, family.head_counts, words("controls.heads"), words("help.heads"))
    kv_counts = family.kv_counts(settings.n_heads)
    _steps(Keys.KV_HEADS, kv_counts, words("controls.kv_heads"), words("help.kv_heads"))
    layers = range(family.n_layers)
    _choices(Keys.LAYER, layers, words("controls.layer"), words("help.layer"))
    masks = {mask: words(f"mask.{mask}") for mask in address.MASKS}
    _choices(Keys.MASK, address.MASKS, words("controls.mask"), words("help.mask"), masks)
    widths = (family.d_model, *address.SHAPE_WIDTHS)
    trained = {family.d_model: words("width.trained", n=family.d_model)}
    _choices(Keys.WIDTH, widths, words("controls.width"), words("help.width"), trained)


def _built(facts: ModelFacts, settings: Settings, words: Words) -> None:
    """The numbers that a language model was built with, and its layers."""
    config = facts.configs[settings.layer]
    built = words("help.built")
    _steps(Keys.BUILT_HEADS, (config.n_heads,), words("controls.heads"), built)
    _steps(Keys.BUILT_KV_HEADS, (config.n_kv_heads,), words("controls.kv_heads"), built)
    layers = tuple(range(facts.n_layers))
    _steps(Keys.MODEL_LAYER, layers, words("controls.layer"), words("help.model_layer"))


def _steps(
    key: Keys,
    options: tuple[int, ...],
    label: str,
    help_text: str,
    format_func: Callable[[int], str] = str,
) -> None:
    """A slider over a few numbers. One option cannot slide: it is shown and disabled."""
    only = len(options) == 1
    st.select_slider(
        label, options, key=key, help=help_text, disabled=only, format_func=format_func
    )


def _choices(
    key: Keys,
    options: range | tuple[int | str, ...],
    label: str,
    help_text: str | None,
    labels: dict[int | str, str] | None = None,
) -> None:
    """A row of buttons of which one is always on."""
    names = labels or {}
    st.segmented_control(
        label,
        options,
        key=key,
        help=help_text,
        required=True,
        format_func=lambda option: names.get(option, str(option)),
    )


def _examples(examples: tuple[Example, ...], words: Words) -> None:
    st.selectbox(
        words("controls.examples"),
        [example.name for example in examples],
        index=None,
        key=Keys.EXAMPLE,
        format_func=lambda name: words(f"examples.{name}"),
        placeholder=words("controls.examples_placeholder"),
        on_change=state.choose_example,
        args=(examples,),
    )
