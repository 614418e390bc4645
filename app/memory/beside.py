"""Configurations side by side: what each is and takes, and where they differ. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from app.i18n import Words
from app.memory import compute
from app.memory.amounts import Amounts
from app.memory.answer import Answer, answer
from app.memory.settings import Configuration
from attention.errors import sentence_of
from attention.kv.engines.logical import ratio_to_mha

LETTERS = "ABCD"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # of a cell that a spreadsheet would compute


@dataclass(frozen=True)
class Column:
    """One configuration: its letter, its rows by name, its answer or the sentence instead."""

    letter: str
    configuration: Configuration
    rows: dict[str, str | int | float]
    told: Answer | None = None
    sentence: str = ""


def columns(kept: tuple[Configuration, ...], words: Words, *, local: bool) -> tuple[Column, ...]:
    """Count each; one that cannot be counted says why."""
    return tuple(_column(LETTERS[index], one, words, local=local) for index, one in enumerate(kept))


def _column(letter: str, one: Configuration, words: Words, *, local: bool) -> Column:
    asked: dict[str, str | int | float] = {
        "context": one.context,
        "users": one.users,
        "prefix": one.prefix,
        "k": one.k_format,
        "v": one.v_format or one.k_format,
        "engine": words(f"memory.engine.{one.engine}"),
        "n_gpus": one.n_gpus,
        "settings": ", ".join(f"{name} = {value}" for name, value in one.engine_settings) or "–",
    }
    try:
        told = answer(one, compute.built(one.source, local=local))
    except ValueError as error:
        return Column(letter, one, {"model": "–", **asked}, sentence=sentence_of(error))
    shape, found = told.shape, told.allocation
    kinds = "; ".join(
        f"{n} × {words(f'memory.beside.kind_{kind}')}" for kind, n in shape.kinds.items()
    )
    rows: dict[str, str | int | float] = {
        "model": shape.name,
        "changed": ", ".join(f"{name} = {value}" for name, value in one.changes) or "–",
        "layers": kinds,
        "n_heads": shape.n_heads,
        "kv_heads": _some(layer.n_kv_heads for layer in shape.layers if layer.grows),
        "head_dim": _some(layer.k_head_dim for layer in shape.layers if layer.grows),
        **asked,
        "token": told.first,
        "token_now": found.bytes_per_token,
        "ideal": found.ideal_bytes,
        "allocated": told.totals[compute.AS_IS],
        "usable": found.usable_tokens,
        "ratio": ratio_to_mha(shape),
    }
    return Column(letter, one, rows, told)


def _some(values: Iterable[int | None]) -> str:
    return ", ".join(str(value) for value in sorted({n for n in values if n is not None})) or "–"


BYTES = ("token", "token_now", "ideal", "allocated")
NAMES = (
    "model", "changed", "layers", "n_heads", "kv_heads", "head_dim", "context", "users", "prefix",
    "k", "v", "engine", "n_gpus", "settings", "token", "token_now", "ideal", "allocated", "usable",
    "ratio",
)  # fmt: skip


def table_html(found: tuple[Column, ...], amounts: Amounts, words: Words) -> str:
    """A row for each property; cells that differ from the first column are marked."""
    heads = "".join(f'<th scope="col">{column.letter}</th>' for column in found)
    body = ""
    for name in NAMES:
        cells = ""
        for column in found:
            value, first = column.rows.get(name, "–"), found[0].rows.get(name, "–")
            differs = ' class="differs"' if value != first else ""
            cells += f"<td{differs}>{escape(_shown(name, value, amounts))}</td>"
        body += f'<tr><th scope="row">{words(f"memory.beside.{name}")}</th>{cells}</tr>'
    failures = "".join(
        f'<p class="hc-failed">{column.letter}: {escape(words.told(column.sentence))}</p>'
        for column in found
        if column.sentence
    )
    return (
        f'<div class="hc-scroll"><table class="hc-table"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{failures}"
    )


def _shown(name: str, value: str | int | float, amounts: Amounts) -> str:
    if isinstance(value, str):
        return value
    return amounts.size(value) if name in BYTES else amounts.words.number(value)


def as_csv_rows(found: tuple[Column, ...], words: Words) -> list[list[str]]:
    """A header and a row for each configuration; sizes are whole bytes."""
    head = ["", *(words(f"memory.beside.{name}") for name in NAMES)]
    for index, name in enumerate(NAMES, start=1):
        if name in BYTES:
            head[index] += f" ({words('memory.units.names_binary').split()[0]})"
    rows = [
        [
            column.letter,
            *(_plain(column.rows.get(name, words.told(column.sentence))) for name in NAMES),
        ]
        for column in found
    ]
    return [head, *rows]


def _plain(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
