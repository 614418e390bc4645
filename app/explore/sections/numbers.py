"""Numbers: the chosen head's weights as a table and as CSV."""

import numpy as np
import pandas as pd
import streamlit as st

from app.explore.settings import Settings
from app.explore.shown import Shown
from app.session import Session

FILE = "attention_layer{layer}_head{head}.csv"
MOST = 128  # rows and columns of the table; the file always has all
BEFORE = 4  # rows above the chosen token's


def draw(shown: Shown, session: Session[Settings]) -> None:
    """The table as the browser's own grid, which shows text as it is."""
    words = shown.words
    whole = weights_table(shown)
    table, title = whole, words("numbers.title", head=shown.at.head, layer=shown.layer_number)
    if max(whole.shape) > MOST:
        table = part_of(whole, shown.at.token)
        told = {"token": shown.at.token, "columns": table.shape[1], "rows": len(table)}
        title += " " + words("numbers.part", n=words.number(len(whole)), **told)
    st.html(f'<p lang="{words.lang}">{title}</p>')
    numbers = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        table,
        column_config=dict.fromkeys(table.columns, numbers),
        alt=words("numbers.alt", head=shown.at.head, n=len(table), m=table.shape[1]),
    )
    st.download_button(
        words("numbers.download"),
        data=lambda: as_csv(whole),
        file_name=FILE.format(layer=shown.layer_number, head=shown.at.head),
        mime="text/csv",
        on_click="ignore",
    )


def part_of(whole: pd.DataFrame, token: int) -> pd.DataFrame:
    """Of a large table the rows from just before ``token`` on, and the columns that it looks at
    most, both in the order of the text."""
    first = max(token - BEFORE, 0)
    ranked = np.argsort(-whole.to_numpy()[token], kind="stable")[:MOST]
    return whole.iloc[first : first + MOST, np.sort(ranked)]


def weights_table(shown: Shown) -> pd.DataFrame:
    """Rows look, columns are looked at. Every label begins with the token's number, so that none
    is doubled and no spreadsheet takes one for a formula."""
    rows, columns = (
        [f"{index} {token}" for index, token in enumerate(tokens)]
        for tokens in (shown.tokens, shown.keys.shown(shown.settings.raw))
    )
    index = pd.Index(rows, name=shown.words("numbers.corner"))
    return pd.DataFrame(shown.chosen[0], index=index, columns=columns)


def as_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with the mark that makes spreadsheets read it as such; six digits of each weight."""
    return table.to_csv(float_format="%.6g").encode("utf-8-sig")
