"""The controls above the picture: Streamlit's own widgets, two compact rows.

They take their values from the session (see state.py), so nothing here passes a default.
"""

import streamlit as st

from app import address, state
from app.address import Family, Settings
from app.examples import Example
from app.i18n import Words
from app.state import Keys


def draw_controls(
    family: Family, examples: tuple[Example, ...], settings: Settings, words: Words
) -> None:
    """The text, the two head counts; then layer, mask, width, language and examples."""
    text, heads, kv_heads = st.columns([6, 3, 3], gap="small")
    with text:
        _text(family, words)
    with heads:
        _steps(Keys.HEADS, family.head_counts, words("controls.heads"), words("help.heads"))
    with kv_heads:
        options = family.kv_counts(settings.n_heads)
        _steps(Keys.KV_HEADS, options, words("controls.kv_heads"), words("help.kv_heads"))
    layer, mask, width, language, example = st.columns([2, 3, 3, 2.4, 3], gap="small")
    with layer:
        _choices(Keys.LAYER, range(family.n_layers), words("controls.layer"), words("help.layer"))
    with mask:
        labels = {mask: words(f"mask.{mask}") for mask in address.MASKS}
        _choices(Keys.MASK, address.MASKS, words("controls.mask"), words("help.mask"), labels)
    with width:
        widths = (family.d_model, *address.SHAPE_WIDTHS)
        labels = {family.d_model: words("width.trained", n=family.d_model)}
        _choices(Keys.WIDTH, widths, words("controls.width"), words("help.width"), labels)
    with language:
        labels = {lang: words(f"language.{lang}") for lang in family.languages}
        _choices(Keys.LANG, family.languages, words("controls.language"), None, labels)
    with example:
        _examples(examples, words)


def _text(family: Family, words: Words) -> None:
    st.text_input(
        words("controls.text"),
        key=Keys.TEXT,
        live=True,
        placeholder=family.default_text,
        help=words("help.text"),
    )


def _steps(key: Keys, options: tuple[int, ...], label: str, help_text: str) -> None:
    """A slider over a few numbers. One option cannot slide: it is shown and disabled."""
    only = len(options) == 1
    # Streamlit's slider divides by the number of steps, so a single option stands there twice.
    st.select_slider(label, options, key=key, help=help_text, disabled=only)


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
