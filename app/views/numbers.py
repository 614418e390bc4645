"""Numbers: the chosen head's weights as a table and as CSV."""

import pandas as pd
import streamlit as st

from app.shown import Shown

FILE = "attention_layer{layer}_head{head}.csv"


def draw(shown: Shown) -> None:
    """The table as the browser's own grid, which shows text as it is."""
    words, settings = shown.words, shown.settings
    table = weights_table(shown)
    st.html(
        f'<p lang="{words.lang}">'
        f"{words('numbers.title', head=settings.head, layer=settings.layer)}</p>"
    )
    numbers = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        table,
        column_config=dict.fromkeys(table.columns, numbers),
        alt=words("numbers.alt", head=settings.head, n=len(table)),
    )
    st.download_button(
        words("numbers.download"),
        data=lambda: table.to_csv().encode("utf-8-sig"),  # the mark makes spreadsheets read UTF-8
        file_name=FILE.format(layer=settings.layer, head=settings.head),
        mime="text/csv",
        on_click="ignore",
    )


def weights_table(shown: Shown) -> pd.DataFrame:
    """Rows look, columns are looked at. Every label begins with the token's number, so that none
    is doubled and no spreadsheet takes one for a formula."""
    labels = [f"{index} {token}" for index, token in enumerate(shown.reading.tokens)]
    weights = shown.look.weights[shown.settings.head]
    index = pd.Index(labels, name=shown.words("numbers.corner"))
    return pd.DataFrame(weights, index=index, columns=labels)
