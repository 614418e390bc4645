"""Numbers: the chosen head's weights as a table and as CSV."""

import pandas as pd
import streamlit as st

from app.shown import Shown

FILE = "attention_layer{layer}_head{head}.csv"
ROWS = 128  # a table of more is cut to the tokens around the chosen one; the file never is


def draw(shown: Shown) -> None:
    """The table as the browser's own grid, which shows text as it is."""
    words, settings = shown.words, shown.settings
    n_tokens = len(shown.tokens)
    part = part_around(settings.token, n_tokens)
    title = words("numbers.title", head=settings.head, layer=settings.layer)
    if part.stop - part.start < n_tokens:
        title += " " + words(
            "numbers.part", first=part.start, last=part.stop - 1, n=f"{n_tokens:,}"
        )
    st.html(f'<p lang="{words.lang}">{title}</p>')
    table = weights_table(shown, part)
    numbers = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        table,
        column_config=dict.fromkeys(table.columns, numbers),
        alt=words("numbers.alt", head=settings.head, n=len(table)),
    )
    st.download_button(
        words("numbers.download"),
        data=lambda: as_csv(weights_table(shown, slice(0, n_tokens))),
        file_name=FILE.format(layer=settings.layer, head=settings.head),
        mime="text/csv",
        on_click="ignore",
    )


def part_around(token: int, n_tokens: int) -> slice:
    """Up to :data:`ROWS` tokens, with ``token`` among them and as many before it as can be."""
    stop = min(max(token + 1, ROWS), n_tokens)
    return slice(max(stop - ROWS, 0), stop)


def weights_table(shown: Shown, part: slice) -> pd.DataFrame:
    """Rows look, columns are looked at. Every label begins with the token's number, so that none
    is doubled and no spreadsheet takes one for a formula."""
    labels = [f"{index} {token}" for index, token in enumerate(shown.tokens)][part]
    weights = shown.look.weights()[part, part]
    index = pd.Index(labels, name=shown.words("numbers.corner"))
    return pd.DataFrame(weights, index=index, columns=labels)


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with the mark that makes spreadsheets read it as such; six digits of each weight."""
    return table.to_csv(float_format="%.6g").encode("utf-8-sig")
