"""Speed limit: tokens a second at most, for what is asked and for ready-made workloads."""

from html import escape

import streamlit as st

from app.i18n import Words
from app.markup import chart_config, failure_html
from app.memory import fitting
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import sources, table
from app.memory.charts import roofline_figure
from app.memory.keys import Keys
from app.memory.sections.fit import assumed, draw_choice
from app.memory.settings import WORKLOADS, MemorySettings
from app.session import Session
from app.theme import current_theme
from attention.kv.speed.roofline import Bound, attention_points


def draw(session: Session[MemorySettings], told: Answer, amounts: Amounts, words: Words) -> None:
    """The choice, the limit in a sentence, every workload, and attention on the roofline."""
    settings = session.settings
    draw_choice(session, amounts, words, fit=False)
    st.segmented_control(
        words("memory.speed.workload"),
        WORKLOADS,
        key=session.widget(Keys.WORKLOAD),
        required=True,
        format_func=lambda name: words(f"memory.speed.{name}"),
    )
    wanted = settings.fit.workload if settings.fit.workload in WORKLOADS else "asked"
    try:
        bounds = {
            name: fitting.bound(told.shape, settings.now, name, settings.fit) for name in WORKLOADS
        }
    except ValueError as error:
        st.html(failure_html(error, words))
        return
    chosen = bounds[wanted]
    st.html(f'<p lang="{words.lang}"><b>{_limit(chosen, words)}</b></p>')
    figure = roofline_figure(told, chosen, words, current_theme())
    alt = words("memory.speed.alt", intensity=words.number(chosen.intensity, ",.3g"))
    st.plotly_chart(
        figure, key="memory_speed_chart", theme=None, config=chart_config(words), alt=alt
    )
    parts = [
        _terms(chosen, words),
        _workloads(bounds, amounts, words),
        _intensities(told, settings, words),
        assumed(chosen.assumptions, words),
        sources(chosen.sources, words),
    ]
    st.html(f'<div class="hc-figure" lang="{words.lang}">{"".join(parts)}</div>')


def _limit(bound: Bound, words: Words) -> str:
    users = bound.workload.batch
    key = "limit" if bound.phase == "decode" else "limit_prefill"
    said = words(
        f"memory.speed.{key}",
        n=_rate(bound.tokens_per_second, words),
        gpu=escape(words.told(bound.gpu.name)),
        ms=_milliseconds(bound.seconds, words),
    )
    if users > 1:
        each = _rate(bound.tokens_per_second_each, words)
        said += " " + words("memory.speed.each", n=each, users=words.number(users))
    return f"{said} {words(f'memory.speed.binds_{bound.binds}')} {words('memory.speed.bound')}"


def _terms(bound: Bound, words: Words) -> str:
    rows = [
        [words(f"memory.speed.term_{term.name}"), words.told(term.text)] for term in bound.terms
    ]
    return table([words("memory.figure.field"), words("memory.figure.steps")], rows)


def _workloads(bounds: dict[str, Bound], amounts: Amounts, words: Words) -> str:
    rows = [
        [
            words(f"memory.speed.{name}"),
            words.number(bound.workload.batch),
            words.number(bound.workload.context),
            amounts.size(round(bound.n_bytes)),
            words.number(bound.flops, ".3g"),
            _milliseconds(bound.seconds, words),
            _rate(bound.tokens_per_second, words),
            _rate(bound.tokens_per_second_each, words),
            words(f"memory.speed.{bound.binds}"),
        ]
        for name, bound in bounds.items()
    ]
    names = ("workload", "users", "context", "bytes", "flops", "ms", "all", "one", "limited")
    return table([words(f"memory.speed.column_{name}") for name in names], rows)


def _intensities(told: Answer, settings: MemorySettings, words: Words) -> str:
    """FLOPs for a byte of keys and values, as MHA, as it is, as MQA."""
    gpu = fitting.chosen(settings.fit)
    points = attention_points(told.shape, told.workload, gpu)
    if not points:
        return ""
    rows = [
        [words(f"memory.role.{point.heads}"), words.number(point.intensity, ",.3g"),
         words.number(point.flops_per_second / 10**12, ",.3g")]
        for point in points
    ]  # fmt: skip
    ridge = "–" if gpu.ridge is None else words.number(gpu.ridge, ",.0f")
    heads = [words(f"memory.speed.column_{name}") for name in ("heads", "intensity", "reached")]
    note = words("memory.speed.intensity", gpu=escape(words.told(gpu.name)), ridge=ridge)
    return f"<p>{note}</p>{table(heads, rows)}"


def _rate(tokens: float, words: Words) -> str:
    return words.number(tokens, ",.0f") if tokens >= 100 else words.number(tokens, ",.3g")


def _milliseconds(seconds: float, words: Words) -> str:
    return f"{words.number(seconds * 1000, ',.3g')} ms"
