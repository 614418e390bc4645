"""The controls above the picture: Streamlit's own widgets, two compact rows.

They take their values from the session, so nothing here passes a default.
"""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from app.explore import layouts
from app.explore.examples import Example, find_example, load_examples, ordered
from app.explore.keys import Keys
from app.explore.offer import Family, ModelFacts
from app.explore.pictures import OWN, offered
from app.explore.real import BATCHES, FORMATS, MODELS, context_choices
from app.explore.settings import ATTENTIONS, MASKS, PAGE, PIECES, SHAPE_WIDTHS, Settings
from app.i18n import Words
from app.markup import fold_html
from app.model.controls import choices, choose_language, choose_layout, choose_model, steps
from app.session import Session, put
from attention.models.patches import MOST_MB, SUFFIXES
from attention.models.store.twins import base_of, card_of, twin_name, twins_of


def draw_text(session: Session[Settings], words: Words, facts: ModelFacts | None) -> None:
    """The first row: what is read, in which language, and by which model.

    Args:
        facts: of the model; None where it is not loaded.
    """
    reads_text = facts is None or not facts.sees
    with st.container(key="controls", horizontal=True):
        st.html(fold_html(words))
        if reads_text:
            _text(session, words, "source" if facts is not None and facts.part else "text")
        else:
            _picture(session, words)
        if facts is not None and facts.pairs:
            _beside_text(session, Keys.TEXT_B, "text_b", words)
        if facts is not None and facts.reads_target:
            _beside_text(session, Keys.TARGET, "target", words)
        if reads_text:
            _examples(session, words)
        choose_model(session, Keys.MODEL, Keys.OTHER, words)
        if facts is not None and reads_text:
            _pieces(session, words)
        choose_language(session, Keys.LANG, words)


def draw_shape(session: Session[Settings], words: Words, facts: ModelFacts, layer: int) -> None:
    """The second row: heads and KV heads, layer, mask and width.

    Args:
        layer: that is shown.
    """
    with st.container(key="shape", horizontal=True):
        if facts.part:
            _attention(session, words)
        if facts.layouts:
            _layout(session, layouts.family(), layer, words)
        else:
            _built(session, facts, layer, words)


def draw_real(session: Session[Settings], words: Words) -> None:
    """The real model beneath the picture: which, and how it is run."""
    with st.container(key="real", horizontal=True):
        help_text = words("real.help_model")
        st.selectbox(words("real.model"), MODELS, key=session.widget(Keys.REAL), help=help_text)
        contexts, context = context_choices(session.settings.real.model), Keys.CONTEXT
        label, help_text = words("real.context"), words("real.help_context")
        steps(session.widget(context), contexts, label, help_text, words.number)
        label, help_text = words("real.batch"), words("real.help_batch")
        steps(session.widget(Keys.BATCH), BATCHES, label, help_text)
        label, help_text = words("real.format"), words("real.help_format")
        st.selectbox(label, FORMATS, key=session.widget(Keys.FORMAT), help=help_text)


def _text(session: Session[Settings], words: Words, name: str) -> None:
    """The sentence; ``name`` is what it is called."""
    st.text_input(
        words(f"controls.{name}"),
        key=session.widget(Keys.TEXT),
        live=True,
        placeholder=layouts.family().openings[words.lang],
        help=words("help.text"),
    )


def _picture(session: Session[Settings], words: Words) -> None:
    """One that is built in, or the visitor's own."""
    names = offered(session.settings)
    with st.container(key="pictures", horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            words("controls.picture"),
            list(names),
            key=session.widget(Keys.IMAGE),
            format_func=lambda name: names[name] if name == OWN else words(names[name]),
            help=words("help.picture"),
        )
        with st.popover(words("controls.own_picture"), width="content"):
            st.file_uploader(
                words("controls.upload"),
                type=list(SUFFIXES),
                key=session.source(Keys.UPLOAD),
                max_upload_size=MOST_MB,
                help=words("help.upload"),
            )


def _beside_text(session: Session[Settings], key: str, name: str, words: Words) -> None:
    """A field for another text.

    Args:
        key: of the widget.
        name: of its words.
    """
    st.text_input(
        words(f"controls.{name}"),
        key=session.widget(key),
        live=True,
        placeholder=words(f"controls.{name}_placeholder"),
        help=words(f"help.{name}"),
    )


def _pieces(session: Session[Settings], words: Words) -> None:
    """What counts as a token of the picture."""
    st.selectbox(
        words("controls.pieces"),
        PIECES,
        key=session.widget(Keys.PIECES),
        format_func=lambda pieces: words(f"pieces.{pieces}"),
        help=words("help.pieces"),
    )


def _attention(session: Session[Settings], words: Words) -> None:
    """Which of an encoder–decoder's."""
    names = {part: words(f"pair.name_{part}") for part in ATTENTIONS}
    said = " ".join(words(f"pair.lead_{part}") for part in ATTENTIONS)
    choices(session.widget(Keys.ATTENTION), ATTENTIONS, words("pair.name"), said, names)


def _layout(session: Session[Settings], family: Family, shown: int, words: Words) -> None:
    """What is free to choose in the trained family."""
    choose_layout(session, family, Keys.HEADS, Keys.KV_HEADS, words)
    layer, layers = session.fill(Keys.LAYER, shown), range(family.n_layers)
    choices(layer, layers, words("controls.layer"), words("help.layer"))
    mask, masks = session.widget(Keys.MASK), {name: words(f"mask.{name}") for name in MASKS}
    choices(mask, MASKS, words("controls.mask"), words("help.mask"), masks)
    width, widths = session.widget(Keys.WIDTH), (family.d_model, *SHAPE_WIDTHS)
    named = {n: words.number(n) for n in SHAPE_WIDTHS}
    named[family.d_model] = words("width.trained", n=words.number(family.d_model))
    choices(width, widths, words("controls.width"), words("help.width"), named)


def _built(session: Session[Settings], facts: ModelFacts, layer: int, words: Words) -> None:
    """The numbers that a language model was built with, and its layers."""
    config, built = facts.configs[layer], words("help.built")
    heads = session.fill(Keys.BUILT_HEADS, config.n_heads)
    steps(heads, (config.n_heads,), words("controls.heads"), built)
    _built_kv_heads(session, layer, config.n_kv_heads, words)
    key, layers = session.fill(Keys.MODEL_LAYER, layer), tuple(range(facts.n_layers))
    said, called = words("help.model_layer"), (lambda n: str(facts.number_of(n)))
    steps(key, layers, words("controls.layer"), said, called)


def _built_kv_heads(session: Session[Settings], layer: int, shown: int, words: Words) -> None:
    """As it was built; and of a model that was uptrained here with fewer, these as well."""
    name, key = session.settings.model, session.fill(Keys.BUILT_KV_HEADS, shown)
    base, card = base_of(name), card_of(name)
    names = {kv_heads: twin_name(base, kv_heads) for kv_heads in twins_of(base)}
    names[card["kv_heads_before"][layer] if card else shown] = base
    options, label = tuple(sorted(names)), words("controls.kv_heads")
    help_text = words("help.twins" if len(options) > 1 else "help.built")
    steps(key, options, label, help_text, on_change=partial(_choose_twin, names))


def _choose_twin(names: Mapping[int, str]) -> None:
    """The model with so many KV heads; its layers and heads are the same."""
    put(PAGE, model=names[st.session_state[Keys.BUILT_KV_HEADS]])


def _examples(session: Session[Settings], words: Words) -> None:
    """Texts to take."""
    examples = ordered(load_examples(), words.lang)
    example = find_example(examples, session.settings.text)
    st.selectbox(
        words("controls.examples"),
        [example.name for example in examples],
        index=None,
        key=session.fill(Keys.EXAMPLE, example.name if example else None),
        format_func=lambda name: words(f"examples.{name}"),
        placeholder=words("controls.examples_placeholder"),
        on_change=_choose_example,
        args=(examples,),
    )


def _choose_example(examples: tuple[Example, ...]) -> None:
    """Put the example that was just chosen into the settings; the page picks where to open."""
    name = st.session_state[Keys.EXAMPLE]
    chosen = next((example for example in examples if example.name == name), None)
    if chosen is not None:
        put(PAGE, text=chosen.text, layer=None, head=None, token=None, also=())
