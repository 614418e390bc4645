"""One head's weights before and after something was done to the model."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.figures.style import plain, styled
from attention.theme import Theme, plotly_colorscale

HEIGHT = 380


def before_after(
    before: np.ndarray,
    after: np.ndarray,
    tokens: Sequence[str],
    titles: tuple[str, str],
    theme: Theme,
) -> go.Figure:
    """Two heatmaps on one scale from 0 to 1; queries downwards, keys to the right.

    Args:
        before, after: ``[n, n]``.
        tokens: readable, n of them.
    """
    names = [plain(token) for token in tokens]
    figure = make_subplots(rows=1, cols=2, subplot_titles=[plain(title) for title in titles],
                           horizontal_spacing=0.16)  # fmt: skip
    places = list(range(len(tokens)))
    for column, weights in enumerate((before, after), start=1):
        heatmap = go.Heatmap(
            z=weights, zmin=0, zmax=1, colorscale=plotly_colorscale(theme), showscale=False,
            hovertemplate="%{y} → %{x}: %{z:.2f}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(heatmap, 1, column)
    styled(figure, theme, HEIGHT)
    figure.update_xaxes(tickvals=places, ticktext=names, tickangle=-60, showgrid=False)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", showgrid=False)
    return figure
