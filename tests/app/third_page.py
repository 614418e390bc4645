"""A page as the next one might be: a dataclass, a table, and a view."""

from dataclasses import dataclass

import streamlit as st

from app.kinds import Choice, Number
from app.parameters import Notice, Parameter
from app.session import Session, put
from app.table import Table


@dataclass(frozen=True)
class Settings:
    n_heads: int = 8
    head: int | None = None
    lang: str = "en"
    folded: bool = False


TABLE = Table(
    Settings(),
    (
        Parameter("n_heads", Number((2, 4, 8)), 8, ("third_heads",), "heads"),
        Parameter(
            "head", lambda values: Number(range(values["n_heads"])), None, ("third_head",),
            empty=None, moved=lambda given, value, values: Notice("notice.head_moved"),
        ),
        Parameter("lang", Choice(("en", "hi")), "en", ("third_lang",), shared=True),
        Parameter("folded", keys=("third_folded",)),  # in no address
    ),
)  # fmt: skip


def draw() -> None:
    session: Session[Settings] = Session("third")
    settings, notices = session.begin(TABLE)
    session.show(settings, TABLE)
    for notice in notices:
        st.caption(notice.key)
    st.select_slider("heads", (2, 4, 8), key=session.widget("third_heads"))
    if not settings.folded:
        st.number_input("head", 0, 7, None, step=1, key=session.widget("third_head"))
    st.segmented_control("language", ("en", "hi"), key=session.widget("third_lang"), required=True)
    st.toggle("fold", key=session.widget("third_folded"))
    st.button("reset", key="third_reset", on_click=_reset)
    session.finish()


def draw_part() -> None:
    """The slider alone, in a run of its own."""
    session: Session[Settings] = Session("third")
    stands = lambda settings: not settings.folded  # noqa: E731
    settings, _ = session.begin_part(TABLE, {"n_heads"}, stands)
    session.show(settings, TABLE)
    st.caption("part")
    st.select_slider("heads", (2, 4, 8), key=session.widget("third_heads"))
    session.finish()


def _reset() -> None:
    put("third", n_heads=2, head=None)
