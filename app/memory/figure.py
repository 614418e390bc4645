"""The curve of bytes against context, the strip of the layers, and what was taken for granted."""

from html import escape

import streamlit as st

from app.i18n import Words
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.curve import curve_html
from app.memory.strip import strip_html
from app.theme import current_theme


def draw_figure(told: Answer, amounts: Amounts, words: Words) -> None:
    """One chart, the strip below it, the assumptions below that."""
    theme = current_theme()
    colors = f"--hc-looks:{theme.looks};--hc-line:{theme.line};--hc-background:{theme.background}"
    strip = strip_html(told.shape, told.allocation, amounts, words, theme)
    curve, assumed = curve_html(told, amounts, words, theme), assumptions_html(told, amounts, words)
    st.html(f'<div class="hc-memory" style="{colors}">{curve}{strip}{assumed}</div>')


def assumptions_html(told: Answer, amounts: Amounts, words: Words) -> str:
    """Every one, under the figure."""
    most = told.shape.max_context
    found = [*told.allocation.assumptions, words(f"memory.units.note_{amounts.family}")]
    if most is not None and told.configuration.context > most:
        found.insert(0, words("memory.notice.long", n=words.number(most)))
    if "n_kv_heads" in dict(told.configuration.changes) and _keeps_latents(told):
        found.insert(0, words("memory.notice.latent"))
    entries = "".join(
        f"<li>{escape(words.told(sentence))}</li>" for sentence in dict.fromkeys(found)
    )
    return (
        f'<div class="hc-assumed" lang="{words.lang}"><h2>{words("memory.assumed")}</h2>'
        f"<ul>{entries}</ul></div>"
    )


def _keeps_latents(told: Answer) -> bool:
    return any(layer.latent_rank for layer in told.shape.layers)
