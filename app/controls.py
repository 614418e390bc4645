"""The controls above the picture: Streamlit's own widgets, two compact rows.

They take their values from the session (see state.py), so nothing here passes a default.
"""

from collections.abc import Callable

import streamlit as st

from app import address, state
from app.address import Family, Settings
from app.examples import Example
from app.i18n import Words
from app.real import BATCHES, RealChoice, context_choices
from app.state import Keys
from attention.architectures import list_architectures
from attention.memory import FORMATS


def draw_controls(
    family: Family, examples: tuple[Example, ...], settings: Settings, words: Words
) -> None:
    """The text, the two head counts; then layer, mask, width, language and examples."""
    with st.container(key="controls", horizontal=True):
        _text(family, words)
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
        names = {lang: words(f"language.{lang}") for lang in family.languages}
        _choices(Keys.LANG, family.languages, words("controls.language"), None, names)
        _examples(examples, words)


def draw_real(real: RealChoice, words: Words) -> None:
    """The real model beneath the picture: which, and how it is run."""
    with st.container(key="real", horizontal=True):
        names = [model.name for model in list_architectures()]
        st.selectbox(words("real.model"), names, key=Keys.MODEL, help=words("real.help_model"))
        contexts = context_choices(real.model)
        count = "{:,}".format
        _steps(Keys.CONTEXT, contexts, words("real.context"), words("real.help_context"), count)
        _steps(Keys.BATCH, BATCHES, words("real.batch"), words("real.help_batch"))
        formats = [known.name for known in FORMATS]
        label, help_text = words("real.format"), words("real.help_format")
        st.selectbox(label, formats, key=Keys.FORMAT, help=help_text)


def _text(family: Family, words: Words) -> None:
    st.text_input(
        words("controls.text"),
        key=Keys.TEXT,
        live=True,
        placeholder=family.default_text,
        help=words("help.text"),
    )


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
