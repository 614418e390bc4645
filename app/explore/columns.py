"""The columns of W_Q that are one head's own, and what x makes of them alone. No Streamlit."""

from dataclasses import dataclass
from html import escape

from torch import Tensor

from app.explore.numerals import typed
from app.explore.sentences import agreement
from app.i18n import Words
from attention import functional
from attention.config import AttentionConfig
from attention.trace import AttentionTrace

ROWS, NUMBERS = 2, 5  # of the matrix and of a vector, before the dots


@dataclass(frozen=True)
class OwnColumns:
    """One head's share of W_Q and of x·W_Q, for one token.

    Args:
        corner: the first numbers of the columns, :data:`ROWS` of d_model rows.
        alone: x times these columns, with their bias, whole: head_dim numbers.
        cut: the same numbers of the product with all of W_Q.
        error: the largest difference between the two.
        has_bias: W_Q has one.
    """

    first: int
    last: int
    corner: tuple[tuple[float, ...], ...]
    alone: tuple[float, ...]
    cut: tuple[float, ...]
    error: float
    has_bias: bool


def own_columns(row: AttentionTrace, head: int, weight: Tensor, bias: Tensor | None) -> OwnColumns:
    """Multiply x of the one query of ``row`` by the columns of ``head``.

    Args:
        row: of one token, see :func:`attention.trace.query_row`, with ``q_projected``.
        weight: W_Q as ``nn.Linear`` has it, ``[n_heads * head_dim, d_model]``: its rows are the
            columns of the formula; bias: of W_Q.
    """
    assert row.q_projected is not None  # as the docstring asks
    dim = row.config.head_dim
    own = slice(head * dim, (head + 1) * dim)
    alone = functional.project(row.x, weight[own], None if bias is None else bias[own])
    cut = row.q_projected[..., own]
    corner = weight[own][:NUMBERS, :ROWS].T.float().cpu().tolist()
    return OwnColumns(
        first=own.start,
        last=own.stop - 1,
        corner=tuple(map(tuple, corner)),
        alone=tuple(alone.flatten().tolist()),
        cut=tuple(cut.flatten().tolist()),
        error=(alone - cut).abs().max().item(),
        has_bias=bias is not None,
    )


def columns_html(own: OwnColumns, config: AttentionConfig, head: int, words: Words) -> str:
    """W_Q as a band of columns with the head's marked, and three rows of numbers under it."""
    said = words.count(
        "steps.columns_same", len(own.cut), head=head, same=agreement(own.error, words)
    )
    names = {"first": own.first, "last": own.last, "head": head}
    product = "steps.columns_alone_bias" if own.has_bias else "steps.columns_alone"
    matrix = "<br>".join(_numbers(row, words, more=len(own.cut) > len(row)) for row in own.corner)
    rows = (
        (words("steps.columns_matrix", rows=config.d_model, **names), f"{matrix}<br>⋮"),
        (words(product, **names), _vector(own.alone, words)),
        (words("steps.columns_cut", **names), _vector(own.cut, words)),
    )
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{numbers}</td></tr>' for name, numbers in rows
    )
    return (
        f'<div class="hc-columns" lang="{words.lang}">{_band(config.n_heads, head)}'
        f"<table><caption>{escape(said)}</caption><tbody>{body}</tbody></table></div>"
    )


def _band(n_heads: int, head: int) -> str:
    """W_Q's columns, a block a head; what it shows is said by the table beside it."""
    block = '<i class="own"></i>'
    blocks = "".join(block if index == head else "<i></i>" for index in range(n_heads))
    return f'<div class="hc-band" aria-hidden="true">{blocks}</div>'


def _vector(numbers: tuple[float, ...], words: Words) -> str:
    return _numbers(numbers[:NUMBERS], words, more=len(numbers) > NUMBERS)


def _numbers(numbers: tuple[float, ...], words: Words, *, more: bool) -> str:
    shown = "".join(f"<span>{typed(number, words)}</span>" for number in numbers)
    return f"{shown}<span>…</span>" if more else shown
