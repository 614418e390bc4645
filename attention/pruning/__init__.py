"""How many heads a model can do without: an order in which they go, and what each share costs.

Heads are off as :mod:`attention.interventions` switches them off: 0 in their place before W_O,
nothing trained anew. Orders (:mod:`.ranking`):

    importance   E|A · ∂L/∂A|, Michel et al. 2019, arXiv 1905.10650, equation 2
    norm         what a head adds to the residual stream, over its layer's mean; arXiv 2504.03889
    random       five seeds, as a band
    greedy       always the head whose loss costs least, among all or a few candidates

    prune        an order taken on a text, and loss by share on the same text
    rank, curve  the two apart: ranked on one text, measured on another
    readings     what that costs, before it begins
    roles_gone   how many heads of each role are off
    held_out     rows of a text of ours
    text_rows    rows of any text
"""

from attention.pruning.cost import SHARES, curve_passes, readings
from attention.pruning.curve import (
    PROTOCOL,
    Curve,
    Point,
    curve,
    held_out,
    perplexity,
    prune,
    text_rows,
)
from attention.pruning.errors import PruningError
from attention.pruning.freed import parameters, roles_gone
from attention.pruning.ranking import BY, By, Ranking, rank, rank_passes

__all__ = [
    "BY",
    "PROTOCOL",
    "SHARES",
    "By",
    "Curve",
    "Point",
    "PruningError",
    "Ranking",
    "curve",
    "curve_passes",
    "held_out",
    "parameters",
    "perplexity",
    "prune",
    "rank",
    "rank_passes",
    "readings",
    "roles_gone",
    "text_rows",
]
