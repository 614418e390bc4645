"""Step by step: the chosen head and token with the real numbers.

The formulas (KaTeX) hold numbers and symbols only; tokens, which a visitor typed, stand in HTML
tables, escaped.
"""

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.explore import compute
from app.explore.columns import columns_html, own_columns
from app.explore.numerals import MINUS, plain, typed
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.explore.steps import HeadSteps, KeyStep, head_steps
from app.glossary import definitions_html, with_terms
from app.i18n import Words
from app.session import Session
from attention.text.tokens import isolated
from attention.trace import AttentionTrace

PLACE = "steps"
ROWS = 12  # keys in the table; the others are summed in one line
NUMBERS = 4  # of a vector, before the dots


def draw(shown: Shown, session: Session[Settings]) -> None:
    """Formulas on the left, the keys on the right."""
    head, token = shown.at.head, shown.followed
    row = compute.row(
        shown.facts, shown.settings, shown.reading, shown.at.layer, token, shown.on_wait
    )
    steps = head_steps(row, head, token)
    with st.container(key="steps"):
        said, table = _who(shown, steps) + _columns(shown, row), _table(shown, steps)
        lines = "\n\n".join(_formulas(shown, steps))
        opened = definitions_html(said + lines + table, shown.words, PLACE)
        st.html(with_terms(said, PLACE) + opened)
        formulas, keys = st.columns([3, 2], gap="large")
        # HTML for the terms' sake; what a visitor typed is not in these lines.
        formulas.markdown(with_terms(lines, PLACE), unsafe_allow_html=True)
        keys.html(with_terms(table, PLACE))


def _who(shown: Shown, steps: HeadSteps) -> str:
    best, token = steps.strongest().token, shown.followed
    tokens, keys, words = shown.reading.tokens, shown.keys.tokens, shown.words
    said = words(
        "steps.who",
        head=shown.at.head,
        layer=shown.layer_number,
        kv=steps.kv_head,
        token=token,
        text=escape(isolated(tokens[token])),
        key=best,
        key_text=escape(isolated(keys[best])),
    )
    units = shown.reading.merged(shown.settings.raw)
    if units is not None and len(units) < len(tokens):
        n_tokens, n_pieces = (words.number(len(each)) for each in (tokens, units))
        said += f" {words('steps.numbered', tokens=n_tokens, pieces=n_pieces)}"
    n = 1 if units is None else units.counts[shown.at.token]
    if n > 1:
        said += f" {words('steps.pieces', n=n)}"
    return f'<p lang="{shown.words.lang}">{said}</p>'


def _columns(shown: Shown, row: AttentionTrace) -> str:
    """What is the head's own of W_Q, and that its product is its cut of the whole; empty where W_Q
    is no matrix by itself."""
    w_q, head = shown.model.w_q(shown.at.layer), shown.at.head
    if w_q is None or row.q_projected is None:
        return ""
    return columns_html(own_columns(row, head, *w_q), shown.config, head, shown.words)


def _formulas(shown: Shown, steps: HeadSteps) -> list[str]:
    words, config = shown.words, shown.config
    i, h, g = shown.followed, shown.at.head, steps.kv_head
    dim = config.head_dim
    wide, mixed = config.n_heads * dim, len(steps.merged)
    cut = rf"{config.n_heads}\times{dim}"
    across = shown.keys is not shown.reading
    mask = "mask_cross" if across else "mask_causal" if config.causal else "mask_all"
    # fmt: off
    lines = [
        words("steps.project"),
        words("steps.brackets"),
        *([words("steps.fused")] if steps.fused else []),
        *([words("steps.across")] if across else []),
        rf"x_{{{i}}}={_vector(steps.x)}\in\mathbb R^{{{len(steps.x)}}}"
        rf"\;\xrightarrow{{\;W_Q\;{len(steps.x)}\times{wide}\;}}\;\mathbb R^{{{wide}}}"
        rf"\;\rightarrow\;{cut}",
        *([words(f"steps.{steps.changed}")]
          if steps.changed else []),
        rf"{_of('q', h, i)}={_vector(steps.q)}\in\mathbb R^{{{dim}}}",
        words("steps.score" if steps.scaling == "root" else f"steps.score_{steps.scaling}"),
        _score(steps, i, h, dim),
        words(f"steps.{mask}", token=i),
        *([words("steps.window")] if _is_windowed(steps, i, config.causal) else []),
        words("steps.softmax"),
        *_softmax(steps, i, words),
        words("steps.context"),
        rf"{_of('c', h, i)}=\sum_t w_{{{i},t}}\,{_of('v', g, 't')}={_vector(steps.context)}"
        rf"\in\mathbb R^{{{len(steps.context)}}}",
        words("steps.concat"),
        rf"{_concat(config.n_heads, i)}={_vector(steps.merged)}\in\mathbb R^{{{mixed}}}",
        words("steps.output"),
        rf"{_concat(config.n_heads, i)}\,W_O={_vector(steps.output)}"
        rf"\in\mathbb R^{{{len(steps.output)}}},\quad W_O\;{mixed}\times{len(steps.output)}",
    ]
    # fmt: on
    return [line if _is_prose(line) else f"$$\n{line}\n$$" for line in lines]


def _score(steps: HeadSteps, i: int, h: int, dim: int) -> str:
    """How the strongest key's score follows from q·k, as the model has it."""
    best, g = steps.strongest(), steps.kv_head
    j, dot, score = best.token, plain(best.dot), plain(best.score)
    product = rf"{_of('q', h, i)}\cdot {_of('k', g, j)}"
    if steps.scaling == "root":
        shown = rf"\frac{{{product}}}{{\sqrt{{{dim}}}}}=\frac{{{dot}}}{{{dim**0.5:.2f}}}={score}"
    elif steps.scaling == "factor":
        shown = rf"{steps.factor:.4g}\,({product})={steps.factor:.4g}\cdot({dot})={score}"
    else:
        return rf"{product}={dot}\;\rightarrow\;s_{{{i},{j}}}={score}"
    return rf"s_{{{i},{j}}}={shown}"


def _softmax(steps: HeadSteps, i: int, words: Words) -> list[str]:
    best = steps.strongest()
    j, weight = best.token, f"{best.weight:.3f}"
    if steps.biased:
        return [words("steps.biased"), rf"w_{{{i},{j}}}={weight}"]
    has_sink = steps.sink > 0
    sink = r"+e^{s_{\mathrm{sink}}-m}" if has_sink else ""
    largest = plain(steps.largest)
    minus = f"({largest})" if steps.largest < 0 else largest
    formula = (
        rf"w_{{{i},{j}}}=\frac{{e^{{s_{{{i},{j}}}-m}}}}{{\sum_t e^{{s_{{{i},t}}-m}}{sink}}}"
        rf"=\frac{{e^{{{plain(best.score)}-{minus}}}}}{{{steps.total:.3f}}}"
        rf"={weight},\quad m=\max_t s_{{{i},t}}={largest}"
    )
    return [
        words("steps.largest"),
        *([words("steps.sink")] if has_sink else []),
        formula,
    ]


def _is_windowed(steps: HeadSteps, token: int, causal: bool) -> bool:
    """Whether more is hidden than what stands after the token."""
    keys = steps.keys[: token + 1] if causal else steps.keys
    return not all(key.seen for key in keys)


def _is_prose(line: str) -> bool:
    return "\\" not in line


def _concat(n_heads: int, token: int) -> str:
    if n_heads == 1:
        return rf"[\,{_of('c', 0, token)}\,]"
    dots = r"\,|\,\cdots" if n_heads > 2 else ""
    return rf"[\,{_of('c', 0, token)}{dots}\,|\,{_of('c', n_heads - 1, token)}\,]"


def _of(name: str, head: int, token: int | str) -> str:
    """A vector of a head and a token. The head stands in brackets, as a layer does elsewhere: a
    bare number up there reads as a power."""
    return rf"{name}^{{({head})}}_{{{token}}}"


def _vector(numbers: Sequence[float]) -> str:
    first = r",\;".join(plain(number) for number in numbers[:NUMBERS])
    dots = r",\;\ldots" if len(numbers) > NUMBERS else ""
    return rf"({first}{dots})"


def _table(shown: Shown, steps: HeadSteps) -> str:
    words, head, token = shown.words, shown.at.head, shown.followed
    rows = steps.shown(ROWS)
    text = escape(isolated(shown.reading.tokens[token]))
    columns = (
        words("steps.token"),
        words("steps.dot"),
        words("steps.score_column", dim=shown.config.head_dim)
        if steps.scaling == "root"
        else words("steps.score_plain"),
        words("steps.masked"),
        words("steps.weight"),
    )
    cells = "".join(f'<th scope="col">{column}</th>' for column in columns)
    best = steps.strongest()
    body = "".join(_row(shown, key, strongest=key is best) for key in rows)
    others = len(steps.keys) - len(rows)
    if others:
        rest = 1 - sum(key.weight for key in rows)
        body += (
            f'<tr><th scope="row">{words.count("steps.rest", others)}</th>'
            f"<td></td><td></td><td></td><td>{words.number(max(rest, 0), '.3f')}</td></tr>"
        )
    caption = words("steps.table", head=head, token=token, text=text)
    return (
        f'<table class="hc-keys" lang="{words.lang}"><caption>{caption}</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(shown: Shown, key: KeyStep, *, strongest: bool) -> str:
    words = shown.words
    dot, score = typed(key.dot, words), typed(key.score, words)
    masked = score if key.seen else f"{MINUS}∞"
    numbers = (dot, score, masked, words.number(key.weight, ".3f"))
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    marked = ' class="hc-strongest"' if strongest else ""
    token = escape(isolated(shown.keys.tokens[key.token]))
    return f'<tr{marked}><th scope="row">{key.token} <bdi>{token}</bdi></th>{cells}</tr>'
