"""What the library's Plotly figures are given. Pure."""

from dataclasses import replace

import plotly.graph_objects as go

from app.i18n import Words
from app.memory import compute, fitting
from app.memory.answer import Answer
from app.memory.beside import Column
from app.memory.compute import ROLES, regrouped
from attention.figures.kv_curve import KvCurveWords, KvLine, kv_curve
from attention.figures.memory_fit import FitLine, FitWords, GpuLine, memory_fit
from attention.figures.roofline import Roof, RoofPoint, RoofWords, roofline
from attention.kv.fit.budget import Deployment
from attention.kv.speed.roofline import Bound, attention_points
from attention.theme import Theme

INTERVALS = 12
FARTHEST = 16  # times the context, at most, to where the chart of the fit goes


def _units(words: Words) -> tuple[str, ...]:
    """Of the figures, which count in 1,024."""
    return tuple(words("memory.units.names_binary").split())


def beside_figure(found: tuple[Column, ...], words: Words, theme: Theme) -> go.Figure | None:
    """A line for each configuration that can be counted."""
    counted = [(column, column.told) for column in found if column.told is not None]
    if not counted:
        return None
    last = 2 * max(column.configuration.context for column, _ in counted)
    lines = []
    for column, told in counted:
        windows = {layer.window for layer in told.shape.layers if layer.window}
        bends = tuple(sorted(n for n in windows if n <= last))
        steps = {max(1, last * i // INTERVALS) for i in range(INTERVALS + 1)}
        contexts = tuple(sorted(steps | set(bends)))
        asked = replace(told.workload, context=last)
        sizes = compute.curve(
            told.shape, asked, column.configuration.engine, told.division, contexts
        )
        name = f"{column.letter}: {told.shape.name}"
        lines.append(KvLine(name, tuple(zip(contexts, sizes, strict=True)), bends))
    chart = KvCurveWords(
        tokens=words("memory.curve.tokens"),
        window_full=words("memory.curve.full"),
        units=_units(words),
    )
    return kv_curve(lines, chart, theme)


def fit_figure(one: Deployment, words: Words, theme: Theme) -> go.Figure:
    """Memory of one device against the context, as MHA, as it is, as MQA; the GPU's line."""
    context, found = one.workload.context, fitting.fits(one)
    solved = fitting.solve(one, "largest_context").answer
    edge = solved.value if solved is not None and solved.value else context
    last = max(2 * context, min(edge * 5 // 4, FARTHEST * context))
    contexts = sorted({max(1, last * i // INTERVALS) for i in range(INTERVALS + 1)})
    lines = []
    for role in ROLES:
        shape = regrouped(one.shape, role)
        try:
            points = tuple((n, _needed(one, shape, n)) for n in contexts)
        except ValueError:
            continue  # such as heads that cannot be divided over the devices
        lines.append(FitLine(role, points))
    fixed = sum(term.n_bytes for term in found.terms if term.name != "cache")
    gpu = GpuLine(words.told(found.budget.gpu.name), found.budget.usable_bytes)
    chart = FitWords(
        tokens=words("memory.curve.tokens"),
        fixed=words("memory.fit.fixed"),
        units=_units(words),
        roles={role: words(f"memory.role.{role}") for role in ROLES},
    )
    return memory_fit(lines, fixed, [gpu], chart, theme, context=context)


def _needed(one: Deployment, shape: compute.ModelShape, context: int) -> float:
    prefix = min(one.workload.shared_prefix, context)
    workload = replace(one.workload, context=context, shared_prefix=prefix)
    return fitting.fits(replace(one, shape=shape, workload=workload)).needed_bytes


def roofline_figure(told: Answer, bound: Bound, words: Words, theme: Theme) -> go.Figure:
    """The GPU's roof; attention as MHA, as it is, as MQA, and the whole step of the workload."""
    gpu = bound.gpu
    points = [
        RoofPoint(str(point.heads), point.intensity, words(f"memory.role.{point.heads}"))
        for point in attention_points(told.shape, told.workload, gpu)
    ]
    points.append(RoofPoint("step", bound.intensity, words("memory.speed.step")))
    roof = Roof(words.told(gpu.name), gpu.bandwidth_bytes_per_s, bound.peak)
    chart = RoofWords(
        intensity=words("memory.speed.axis_intensity"),
        rate=words("memory.speed.axis_rate"),
        memory=words("memory.speed.roof_memory"),
        compute=words("memory.speed.roof_compute"),
    )
    return roofline(roof, points, chart, theme)
