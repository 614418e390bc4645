"""One head's weights before and after something was done to the model."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from attention.figures.style import plain, styled
from attention.theme import SIZES, Theme, plotly_colorscale

ROW, AROUND = 16, 130  # px of a token's name, and of the title and the names below


def before_after(
    weights: tuple[np.ndarray, np.ndarray],
    tokens: Sequence[str],
    titles: tuple[str, str],
    theme: Theme,
) -> tuple[go.Figure, ...]:
    """Two heatmaps on one scale from 0 to 1; queries downwards, keys to the right. A figure each,
    so that on a phone one can stand below the other.

    Args:
        weights: before and after, ``[n, n]`` each.
        tokens: readable, n of them.
    """
    return tuple(
        _heatmap(each, tokens, title, theme) for each, title in zip(weights, titles, strict=True)
    )


def _heatmap(weights: np.ndarray, tokens: Sequence[str], title: str, theme: Theme) -> go.Figure:
    heatmap = go.Heatmap(
        z=weights, zmin=0, zmax=1, colorscale=plotly_colorscale(theme), showscale=False,
        hovertemplate="%{y} → %{x}: %{z:.2f}<extra></extra>",
    )  # fmt: skip
    names, places = [plain(token) for token in tokens], list(range(len(tokens)))
    figure = styled(go.Figure(heatmap), theme, AROUND + ROW * len(tokens))
    figure.update_layout(title={"text": plain(title), "x": 0.5, "font": {"size": SIZES["heading"]}})
    figure.update_xaxes(tickvals=places, ticktext=names, tickangle=-60, showgrid=False)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", showgrid=False)
    return figure
