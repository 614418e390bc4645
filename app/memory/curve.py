"""The cache against the context, as MHA, as it is and as MQA: one small chart in HTML.

Plotly draws the page's other charts. This one stands beside the controls and changes at every
step, and a Plotly chart that changes costs as much as the rest of the page together. Its lines are
an image, for Streamlit lets no SVG into a page's HTML; all that is text is text of the page.
"""

import base64
from dataclasses import dataclass, replace
from html import escape

from app.i18n import Words
from app.markup import rows_attribute
from app.memory import compute
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.compute import AS_IS, MHA, MQA, regrouped
from attention.theme import Theme

INTERVALS = 12
MOST_WINDOWS = 3  # that are marked
ROOM = 4.5  # lines that rise higher than so many times the line of the model leave the chart
WIDTHS = {MHA: 1.75, AS_IS: 3, MQA: 1.75}
DASHES = {MHA: "7 5", AS_IS: "", MQA: "2 4"}


@dataclass(frozen=True)
class Curve:
    """Bytes at each context, by role; a role is missing where it cannot be counted."""

    contexts: tuple[int, ...]
    lines: dict[str, tuple[int | float, ...]]
    windows: tuple[int, ...]
    context: int

    @property
    def last(self) -> int:
        """The largest context that is drawn."""
        return self.contexts[-1]

    @property
    def top(self) -> float:
        """The most bytes that are drawn."""
        highest = max(max(line) for line in self.lines.values())
        return min(highest, ROOM * max(self.lines[AS_IS])) or 1


def curve(told: Answer) -> Curve:
    """Up to twice the context, or to where the largest window has long been full."""
    context, windows = told.configuration.context, _windows(told)
    last = 2 * context
    if windows:
        last = max(last, min(2 * windows[-1], 8 * context))
    steps = {max(1, last * index // INTERVALS) for index in range(INTERVALS + 1)}
    contexts = tuple(sorted(steps | {context} | {n for n in windows if n <= last}))
    asked = replace(told.workload, context=last)
    lines = {}
    for role in told.totals:
        shape = regrouped(told.shape, role)
        lines[role] = compute.curve(
            shape, asked, told.configuration.engine, told.division, contexts
        )
    return Curve(contexts, lines, tuple(n for n in windows if n <= last), context)


def _windows(told: Answer) -> tuple[int, ...]:
    return tuple(sorted({layer.window for layer in told.shape.layers if layer.window}))


def curve_html(told: Answer, amounts: Amounts, words: Words, theme: Theme) -> str:
    """The chart, its legend, its axes. Numbers alone are drawn: nothing of it is a name."""
    found = curve(told)
    ticks = _ticks(found.top, amounts)
    top = max(found.top, ticks[-1][0])
    alt = words(
        "memory.curve.alt", tokens=words.number(found.context), sizes=_sizes(told, amounts, words)
    )
    marks = "".join(_window(n, found, words) for n in found.windows[-MOST_WINDOWS:])
    return (
        f'<div class="hc-curve" lang="{words.lang}"{_rows(found, words)}>'
        f"<h2>{words('memory.curve.title')}</h2>"
        f"<p>{_legend(told, amounts, words, theme)}</p>"
        f'<div class="hc-plot" role="img" aria-label="{escape(alt)}">'
        f"{''.join(_grid(place, label, top) for place, label in ticks)}"
        f"{_lines(found, top, theme)}"
        f"{marks}{_here(found, top)}{_context_ticks(found, words)}</div>"
        f'<p class="hc-axis">{words("memory.curve.tokens")}</p></div>'
    )


def _rows(found: Curve, words: Words) -> str:
    """The numbers, a row a point."""
    rows: list[list[object]] = [["line", "tokens", "bytes"]]
    for role, sizes in found.lines.items():
        name = words(f"memory.role.{role}")
        rows += [[name, *point] for point in zip(found.contexts, sizes, strict=True)]
    return rows_attribute(rows)


def _sizes(told: Answer, amounts: Amounts, words: Words) -> str:
    return "; ".join(
        f"{words(f'memory.role.{role}')} {amounts.size(total)}"
        for role, total in told.totals.items()
    )


def _legend(told: Answer, amounts: Amounts, words: Words, theme: Theme) -> str:
    entries = []
    for role, total in told.totals.items():
        name = words(f"memory.role.{role}")
        sample = _image("0 0 30 6", _path(role, "M0 3L30 3", theme), "hc-sample")
        entries.append(f"<span>{sample} {name} <b>{amounts.size(total)}</b></span>")
    return "".join(entries)


def _lines(found: Curve, top: float, theme: Theme) -> str:
    paths = []
    for role, sizes in found.lines.items():
        places = (
            f"{1000 * n / found.last:.1f} {1000 - 1000 * size / top:.1f}"
            for n, size in zip(found.contexts, sizes, strict=True)
        )
        paths.append(_path(role, "M" + "L".join(places), theme))
    return _image("0 0 1000 1000", "".join(paths), "hc-lines")


def _path(role: str, d: str, theme: Theme) -> str:
    color = theme.looks if role == AS_IS else theme.muted
    return (
        f'<path d="{d}" fill="none" stroke="{color}" stroke-width="{WIDTHS[role]}" '
        f'stroke-dasharray="{DASHES[role] or "none"}" vector-effect="non-scaling-stroke"/>'
    )


def _image(box: str, drawn: str, kind: str) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" preserveAspectRatio="none">'
        f"{drawn}</svg>"
    )
    data = base64.b64encode(svg.encode()).decode()
    return f'<img class="{kind}" alt="" src="data:image/svg+xml;base64,{data}">'


def _here(found: Curve, top: float) -> str:
    """The context that is asked for, on the model's line."""
    size = found.lines[AS_IS][found.contexts.index(found.context)]
    left, bottom = 100 * found.context / found.last, min(100 * size / top, 100)
    return f'<i class="hc-here" style="left:{left:.2f}%;bottom:{bottom:.2f}%"></i>'


def _window(n: int, found: Curve, words: Words) -> str:
    left = 100 * n / found.last
    side = " hc-flip" if left > 60 else ""
    label = words("memory.curve.window", n=words.number(n))
    return f'<i class="hc-full{side}" style="left:{left:.2f}%"><span>{label}</span></i>'


def _grid(place: float, label: str, top: float) -> str:
    return f'<i class="hc-grid" style="bottom:{100 * place / top:.2f}%"><span>{label}</span></i>'


def _context_ticks(found: Curve, words: Words) -> str:
    places = [(0.0, "0"), (100 * found.context / found.last, words.number(found.context))]
    if found.context < 0.75 * found.last:
        places.append((100.0, words.number(found.last)))
    return "".join(
        f'<span class="hc-tick{" hc-last" if left > 90 else ""}" style="left:{left:.2f}%">'
        f"{label}</span>"
        for left, label in places
    )


def _ticks(top: float, amounts: Amounts) -> list[tuple[float, str]]:
    """From 0 to ``top`` or a little over; steps that are round in the units of the page."""
    steps = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if amounts.base == 1024 else (
        1, 2, 5, 10, 20, 50, 100, 200, 500
    )  # fmt: skip
    unit = 1
    while unit * amounts.base <= top / 4:
        unit *= amounts.base
    step = next((n * unit for n in steps if n * unit * 4 >= top), steps[-1] * unit)
    places = [step * index for index in range(int(-(-top // step)) + 1)]
    power = len([n for n in range(1, len(amounts.names)) if amounts.base**n <= places[-1]])
    name = amounts.names[power]
    return [
        (place, f"{amounts.words.number(place / amounts.base**power, ',.4g')} {name}")
        for place in places
    ]
