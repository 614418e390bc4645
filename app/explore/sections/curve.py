"""Cache curve: bytes against tokens, for what is drawn above and for the real model beside it."""

from html import escape

import streamlit as st

from app.explore.real import (
    RealChoice,
    longest_context,
    real_bytes,
    real_bytes_per_token,
    real_model,
    real_setting,
)
from app.explore.scene import split_config
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.markup import chart_config
from app.session import Session
from app.theme import current_theme
from attention.amounts import in_units
from attention.figures.cache_curve import CurveLine, CurvePanel, CurveWords, cache_curve
from attention.picture.compose import beside_note


def draw(shown: Shown, session: Session[Settings]) -> None:
    """One panel or two and a sentence; where the cache is no straight line, sentences alone."""
    words, cache = shown.words, shown.look.cache
    units = tuple(words("picture.byte_units").split())
    if cache is None:
        _say(shown, words("curve.none", title=escape(shown.model.title)))
        return
    if not cache.product:
        measured = in_units(cache.now, units, digits=words.digits)
        n_tokens = words.number(len(shown.keys.ids))
        _say(shown, words("curve.uneven", bytes=measured, tokens=n_tokens))
        return
    roles = {role: words(f"curve.{role}") for role in ("mha", "now", "built", "mqa")}
    tokens = "tokens" if shown.reading.over is None else "tokens_source"
    chart = CurveWords(tokens=words(f"curve.{tokens}"), units=units, roles=roles)
    here = _here(shown, cache.now, roles)
    panels = [(here, _alt(shown, here, units))]
    if shown.real:
        panels.append((_real(shown, shown.real, roles), _alt_real(shown, shown.real, units)))
    places = st.columns(len(panels), gap="large")
    for index, (place, (panel, alt)) in enumerate(zip(places, panels, strict=True)):
        place.plotly_chart(
            cache_curve(panel, chart, current_theme()), key=f"curve_chart_{index}", theme=None,
            config=chart_config(words), alt=alt,
        )  # fmt: skip
    st.caption(words("curve.caption"))
    if note := beside_note(shown.look, shown.reading, words):
        st.caption(note)


def _say(shown: Shown, html: str) -> None:
    st.html(f'<p lang="{shown.words.lang}">{html}</p>')


def _here(shown: Shown, measured: int, roles: dict[str, str]) -> CurvePanel:
    """The layout as it is chosen, also in width, or the model as it was built."""
    config, n_tokens, facts = shown.config, len(shown.keys.ids), shown.facts
    per_number = measured // n_tokens // config.n_kv_heads // config.head_dim
    per_head = per_number * split_config(shown.settings, facts, config).head_dim
    as_is = "now" if facts.layouts else "built"
    counts = {"mha": config.n_heads, as_is: config.n_kv_heads, "mqa": 1}
    number_format = shown.model.number_format
    if facts.layouts:
        title = shown.words("curve.title_here", format=number_format)
    else:
        title = shown.words("curve.title_model", title=facts.title, format=number_format)
    return CurvePanel(
        title=title,
        lines=tuple(_line(shown, roles, role, n, per_head * n) for role, n in counts.items()),
        max_tokens=shown.model.max_tokens,
        tokens=n_tokens,
    )


def _real(shown: Shown, real: RealChoice, roles: dict[str, str]) -> CurvePanel:
    regrouped = real_model(real, shown.config, shown.words).regrouped_n_kv_heads
    counts = {"mha": real.model.n_heads, "built": real.n_kv_heads, "now": regrouped, "mqa": 1}
    lines = (
        _line(shown, roles, role, n, real_bytes_per_token(real, n))
        for role, n in counts.items()
        if n is not None
    )
    return CurvePanel(
        title=shown.words(
            "curve.title_real", name=real.model.name, setting=real_setting(real, shown.words)
        ),
        lines=tuple(lines),
        max_tokens=longest_context(real.model),
        tokens=real.context,
    )


def _line(shown: Shown, roles: dict[str, str], role: str, n: int, per_token: int) -> CurveLine:
    name = shown.words("curve.line", role=roles[role], n=n)
    return CurveLine(name=name, bytes_per_token=per_token, role=role)


def _alt(shown: Shown, here: CurvePanel, units: tuple[str, ...]) -> str:
    words = shown.words
    lines = {line.role: line.bytes_per_token * here.tokens for line in here.lines}
    values = {"tokens": words.number(here.tokens)}
    values |= {role: in_units(size, units, digits=words.digits) for role, size in lines.items()}
    if shown.real is None:
        return words("curve.alt_model", title=shown.facts.title, **values)
    return words("curve.alt", **values)


def _alt_real(shown: Shown, real: RealChoice, units: tuple[str, ...]) -> str:
    words = shown.words
    return words(
        "curve.alt_real",
        name=real.model.name,
        built=in_units(real_bytes(real, real.n_kv_heads), units, digits=words.digits),
        context=words.number(real.context),
    )
