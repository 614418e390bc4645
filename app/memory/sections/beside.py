"""Side by side: up to four configurations in one table, their differences marked, and as CSV."""

from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from app.i18n import Words
from app.markup import chart_config
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.beside import Column, as_csv_rows, columns, table_html
from app.memory.charts import beside_figure
from app.memory.parameters import is_whole
from app.memory.sections.fit import chart_note
from app.memory.settings import MOST_KEPT, PAGE, Configuration, MemorySettings
from app.session import Session, put, settings_left
from app.theme import current_theme
from app.visitor import may_name_models

FILE = "kv_cache.csv"


def draw(
    session: Session[MemorySettings], told: Answer | None, amounts: Amounts, words: Words
) -> None:
    """Keep what is shown; the table of what was kept, with ways to take it back or away."""
    settings = session.settings
    full = len(settings.kept) >= MOST_KEPT
    st.button(
        words("memory.beside.keep"), on_click=_keep, key="memory_keep",
        disabled=full or told is None,
        help=words("memory.beside.full" if full else "memory.beside.keep_help"),
    )  # fmt: skip
    if not settings.kept:
        st.html(f'<p lang="{words.lang}">{words("memory.beside.none")}</p>')
        return
    found = columns(settings.kept, words, local=may_name_models())
    _buttons(found, words)
    theme = current_theme()
    figure = beside_figure(found, words, theme)
    if figure is not None:
        alt = words("memory.beside.alt", n=len(found))
        st.plotly_chart(
            figure, key="memory_beside_chart", theme=None, config=chart_config(words), alt=alt
        )
        chart_note(settings, words)
    color = f"--differs:{theme.looked}"
    st.html(
        f'<div class="hc-figure" style="{color}" lang="{words.lang}">'
        f"{table_html(found, amounts, words)}"
        f"<p>{words('memory.beside.marked')}</p>{_shared(settings, words)}</div>"
    )
    st.download_button(
        words("memory.beside.csv"),
        data=lambda: _csv(found, words),
        file_name=FILE,
        mime="text/csv",
        on_click="ignore",
    )


def _buttons(found: tuple[Column, ...], words: Words) -> None:
    with st.container(key="memory_kept", horizontal=True):
        for index, column in enumerate(found):
            letter = column.letter
            st.button(
                words("memory.beside.take", n=letter), key=f"memory_take_{index}",
                on_click=partial(_take, column.configuration),
            )  # fmt: skip
            st.button(
                words("memory.beside.remove", n=letter), key=f"memory_remove_{index}",
                on_click=partial(_remove, index),
            )  # fmt: skip


def _keep() -> None:
    """Put the configuration that is shown beside the others."""
    settings: MemorySettings = settings_left(PAGE)
    if len(settings.kept) < MOST_KEPT:
        put(PAGE, kept=(*settings.kept, settings.now))


def _remove(index: int) -> None:
    """Take one of those away."""
    kept = settings_left(PAGE).kept
    put(PAGE, kept=kept[:index] + kept[index + 1 :])


def _take(one: Configuration) -> None:
    """Put a configuration into the controls."""
    put(PAGE, fresh=True, now=one)


def _shared(settings: MemorySettings, words: Words) -> str:
    """Where a link has all of it. What it lacks stands beside the button that copies it."""
    whole = all(is_whole(one) for one in (*settings.kept, settings.now))
    return f"<p>{escape(words('memory.beside.share'))}</p>" if whole else ""


def _csv(found: tuple[Column, ...], words: Words) -> bytes:
    """UTF-8 with the mark that makes spreadsheets read it as such."""
    head, *rows = as_csv_rows(found, words)
    return pd.DataFrame(rows, columns=head).to_csv(index=False).encode("utf-8-sig")
