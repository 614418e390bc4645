"""Fit: which GPUs hold it, and what they would hold; every answer with its sum."""

from collections.abc import Iterable
from dataclasses import replace
from html import escape

import streamlit as st

from app.i18n import Words
from app.markup import chart_config, failure_html
from app.memory import fitting
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import line, table
from app.memory.charts import fit_figure
from app.memory.entries import with_said
from app.memory.keys import Keys
from app.memory.settings import (
    MOST_MTP,
    MOST_OFFLOAD,
    MOST_OVERHEAD,
    OWN,
    UNITS,
    FitChoice,
    MemorySettings,
)
from app.session import Session
from app.theme import current_theme
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.fit.budget import Deployment
from attention.kv.fit.gpus import Gpu
from attention.kv.fit.total import Fit, at_average
from attention.kv.fit.weights import NAMES

BASE, AGAIN = "_memory_table_base", "_again"  # a hidden column: rows that differ begin anew
SMALLEST = "smallest_gpu"
QUESTIONS = ("largest_context", "most_users", "gpus_needed", SMALLEST)
SHARES = (50, 60, 70, 80, 85, 90, 95, 100)  # percent


def draw(session: Session[MemorySettings], told: Answer, amounts: Amounts, words: Words) -> None:
    """The choice of a GPU, the sum, the four answers, all GPUs, and their table to change."""
    settings = session.settings
    draw_choice(session, amounts, words, fit=True)
    try:
        one = fitting.asked(told.shape, settings.now, settings.fit)
        found = fitting.fits(one)
    except ValueError as error:
        _say(failure_html(error, words), words)
    else:
        _say(_sum(found, amounts, words), words)
        figure = fit_figure(one, words, current_theme())
        st.plotly_chart(
            figure,
            key="memory_fit_chart",
            theme=None,
            config=chart_config(words),
            alt=words("memory.fit.alt"),
        )
        chart_note(settings, words)
        _say(_answers(one, settings.fit, words), words)
        _say(_log(one, words), words)
        _say(_every_gpu(one, settings, amounts, words), words)
        _say(assumed(found.assumptions, words), words)
    _edit(session, words)


def draw_choice(
    session: Session[MemorySettings], amounts: Amounts, words: Words, *, fit: bool
) -> None:
    """GPU, how many, the weights' format; for a fit, what else takes memory."""
    settings = session.settings
    with st.container(key="memory_fit", horizontal=True):
        names = [gpu.name for gpu in _table(settings)]
        st.selectbox(
            words("memory.fit.gpu"),
            names,
            key=session.widget(Keys.GPU),
            format_func=words.told,
            help=words("memory.help.gpu"),
        )
        formats = tuple(dict.fromkeys((OWN, *NAMES, settings.fit.weights)))
        st.selectbox(
            words("memory.fit.weights"), formats, key=session.widget(Keys.WEIGHTS),
            format_func=lambda name: name or words("memory.fit.own"), accept_new_options=True,
            help=words("memory.help.weights"),
        )  # fmt: skip
        if not fit:
            return
        _amounts(session, words)


def _amounts(session: Session[MemorySettings], words: Words) -> None:
    """What takes memory beside weights and cache, and what of the cache lies elsewhere."""
    choice, now = session.settings.fit, session.settings.now
    st.number_input(
        words("memory.fit.overhead"), 0, MOST_OVERHEAD, key=session.widget(Keys.OVERHEAD), step=256,
        placeholder=words("memory.fit.estimated"), help=words("memory.help.overhead"),
    )  # fmt: skip
    st.number_input(
        words("memory.fit.average"), 1, LARGEST_NUMBER, key=session.widget(Keys.AVERAGE), step=1,
        placeholder=words.number(-(-now.context // 2)), help=words("memory.help.average"),
    )  # fmt: skip
    st.number_input(
        words("memory.fit.offload"), 0, MOST_OFFLOAD, key=session.widget(Keys.OFFLOAD), step=1,
        help=words("memory.help.offload"),
    )  # fmt: skip
    st.number_input(
        words("memory.fit.mtp"), 0, MOST_MTP, key=session.widget(Keys.MTP), step=1,
        help=words("memory.help.mtp"),
    )  # fmt: skip
    st.select_slider(
        words("memory.fit.share"),
        sorted({*SHARES, choice.share}),
        key=session.widget(Keys.SHARE),
        format_func="{}\u202f%".format,
        help=words("memory.help.share"),
    )


def chart_note(settings: MemorySettings, words: Words) -> None:
    """The charts count in 1,024: said where the page does not."""
    if settings.units != UNITS[0]:
        st.caption(words("memory.units.charts"))


def _table(settings: MemorySettings) -> tuple[Gpu, ...]:
    """The table with what was changed; without it, where the change makes no sense."""
    try:
        return fitting.gpus(settings.fit)
    except ValueError:
        return fitting.gpus(replace(settings.fit, edited=()))


def _sum(found: Fit, amounts: Amounts, words: Words) -> str:
    terms = (*found.terms, found.usable)
    rows = [
        [words(f"memory.fit.term_{term.name}"), amounts.size(term.n_bytes), words.told(term.text)]
        for term in terms
    ]
    heads = [words(f"memory.figure.{name}") for name in ("field", "value", "steps")]
    return table(heads, rows) + line(words("memory.figure.filled"), escape(words.told(found.text)))


def _log(one: Deployment, words: Words) -> str:
    """What the engine would print of its cache at its start; nothing of one whose log is not
    foretold."""
    lines = fitting.predicted_log(one)
    if not lines:
        return ""
    printed = escape("\n".join(lines))
    return f'<p>{words("memory.fit.log")}</p><pre lang="en">{printed}</pre>'


def _answers(one: Deployment, choice: FitChoice, words: Words) -> str:
    usual, n = at_average(one, choice.average), one.budget.n_gpus
    rows = []
    for what in QUESTIONS:
        solved = fitting.solve(one, what)
        asked = words(f"memory.fit.{what}") if what != SMALLEST else words.count(
            f"memory.fit.{SMALLEST}", n)  # fmt: skip
        rows.append([asked, *_answer(solved, words, is_count=what == "gpus_needed")])
        if what == "most_users":
            tokens = words.number(usual.workload.context)
            asked = words("memory.fit.most_users_average", tokens=tokens)
            rows.append([asked, *_answer(fitting.solve(usual, what), words)])
    heads = [words(f"memory.fit.{name}") for name in ("question", "answer", "sum")]
    return table(heads, rows)


def _answer(solved: fitting.Solved, words: Words, *, is_count: bool = False) -> tuple[str, str]:
    """The answer, and the sum that shows it; ``is_count``: it is a number of GPUs."""
    if solved.sentence:
        return "–", words.told(solved.sentence)
    found, smallest = solved.answer, solved.smallest
    if smallest is not None:
        return words.told(smallest.budget.gpu.name), words.told(smallest.text)
    if found is None:
        return words("memory.fit.none"), ""
    stop = words("memory.answer.stop")
    note = stop + (f" {words.told(found.note)}" if found.note else "")
    way = words.told(found.fit.division.text)
    if found.is_unbounded:
        return "∞", words.told(found.note)
    if found.value is None:
        return words("memory.fit.none"), words.told(found.fit.text) + note
    shown = words.number(found.value)
    return f"{shown} ({way})" if is_count and way else shown, words.told(found.fit.text) + note


def _every_gpu(one: Deployment, settings: MemorySettings, amounts: Amounts, words: Words) -> str:
    rows = []
    for gpu in _table(settings):
        if not (here := one.on(gpu)).runs:
            continue
        found = fitting.fits(here)
        key = "yes" if found.holds else "no"
        left = amounts.size(abs(found.left_bytes))
        rows.append(
            [words.told(gpu.name), amounts.size(gpu.memory_bytes), words.told(gpu.memory_text),
             words(f"memory.fit.{key}", left=left)]
        )  # fmt: skip
    heads = [words(f"memory.fit.{name}") for name in ("gpu", "memory", "printed", "does")]
    n = words.count("memory.fit.every", one.budget.n_gpus)
    return f"<details><summary>{n}</summary>{table(heads, rows)}</details>"


def _edit(session: Session[MemorySettings], words: Words) -> None:
    """The table of GPUs, to be changed; sources stand beside the numbers."""
    again, base = _base(session.settings.fit)
    with st.expander(words("memory.fit.edit"), key="memory_gpu_table"):
        rows = [
            {
                "name": words.told(gpu.name),
                **{column: fitting.cell(gpu, column) for column in fitting.COLUMNS},
                "note": words.told(gpu.note),
                "source": "; ".join(words.told(source) for source in gpu.sources),
            }
            for gpu in _table(replace(session.settings, fit=base))
        ]
        labels = {name: words(f"memory.fit.column_{name}") for name in rows[0]}
        rows = [{**row, AGAIN: again} for row in rows]
        numbers = {
            name: st.column_config.NumberColumn(labels[name], min_value=0.001)
            for name in fitting.COLUMNS
        }
        texts = {name: st.column_config.TextColumn(labels[name], disabled=True)
                 for name in ("name", "note", "source")}  # fmt: skip
        st.data_editor(
            rows, key=session.source(Keys.TABLE), num_rows="fixed", hide_index=True,
            column_config={**texts, **numbers, AGAIN: None},
        )  # fmt: skip


def _base(choice: FitChoice) -> tuple[int, FitChoice]:
    """What the table to change begins with. It keeps its own changes for as long as its rows stay:
    they are what they were, until changes come from elsewhere, as from an address."""
    again, edited = st.session_state.get(BASE, (0, None))
    if edited is None or with_said(edited, st.session_state.get(Keys.TABLE)) != choice.edited:
        again, edited = again + 1, choice.edited
        st.session_state[BASE] = again, edited
    return again, replace(choice, edited=edited)


def assumed(found: Iterable[str], words: Words) -> str:
    """Every assumption, under what it is about."""
    entries = "".join(
        f"<li>{escape(words.told(sentence))}</li>" for sentence in dict.fromkeys(found)
    )
    return f"<p>{words('memory.assumed')}</p><ul>{entries}</ul>"


def _say(html: str, words: Words) -> None:
    st.html(f'<div class="hc-figure" lang="{words.lang}">{html}</div>')
