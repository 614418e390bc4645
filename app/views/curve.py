"""Cache curve: bytes against tokens, for the trained layout and for the real model."""

import streamlit as st

from app.real import real_bytes, real_bytes_per_token, real_model, real_setting
from app.shown import Shown
from app.theme import current_theme
from attention.figures.cache_curve import CurveLine, CurvePanel, CurveWords, cache_curve
from attention.figures.style import byte_label
from attention.models import MAX_TOKENS


def draw(shown: Shown) -> None:
    """Two panels and a sentence."""
    words = shown.words
    units = tuple(words("picture.byte_units").split())
    roles = {role: words(f"curve.{role}") for role in ("mha", "now", "built", "mqa")}
    chart = CurveWords(tokens=words("curve.tokens"), units=units, roles=roles)
    panels = (_here(shown, roles), _real(shown, roles))
    figure = cache_curve(panels, chart, current_theme())
    st.plotly_chart(figure, key="curve_chart", theme=None, alt=_alt(shown, panels, units))
    st.caption(words("curve.caption"))


def _here(shown: Shown, roles: dict[str, str]) -> CurvePanel:
    config, n_tokens = shown.look.config, len(shown.reading.ids)
    per_token = shown.look.cache_bytes // n_tokens
    per_head = per_token // config.n_kv_heads
    counts = {"mha": config.n_heads, "now": config.n_kv_heads, "mqa": 1}
    return CurvePanel(
        title=shown.words("curve.title_here", format=shown.look.number_format),
        lines=tuple(_line(shown, roles, role, n, per_head * n) for role, n in counts.items()),
        max_tokens=MAX_TOKENS,
        tokens=n_tokens,
    )


def _real(shown: Shown, roles: dict[str, str]) -> CurvePanel:
    real, config = shown.real, shown.look.config
    regrouped = real_model(real, config, shown.words).regrouped_n_kv_heads
    counts = {"mha": real.model.n_heads, "built": real.model.n_kv_heads, "now": regrouped, "mqa": 1}
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
        max_tokens=real.model.max_context,
        tokens=real.context,
    )


def _line(shown: Shown, roles: dict[str, str], role: str, n: int, per_token: int) -> CurveLine:
    name = shown.words("curve.line", role=roles[role], n=n)
    return CurveLine(name=name, bytes_per_token=per_token, role=role)


def _alt(shown: Shown, panels: tuple[CurvePanel, CurvePanel], units: tuple[str, ...]) -> str:
    here = panels[0]
    sizes = {
        line.role: byte_label(line.bytes_per_token * here.tokens, units) for line in here.lines
    }
    return shown.words(
        "curve.alt",
        tokens=here.tokens,
        **sizes,
        name=shown.real.model.name,
        built=byte_label(real_bytes(shown.real, shown.real.model.n_kv_heads), units),
        context=f"{shown.real.context:,}",
    )
