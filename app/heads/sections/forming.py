"""How heads form: three trainings from random weights on, as far as they were kept."""

import streamlit as st

from app.explore.next_token import paragraph
from app.heads.settings import HeadsSettings
from app.heads.subject import Subject
from app.session import Session
from attention.models.layouts.forming import load_forming


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The loss that each training began and ended with."""
    words = subject.words
    for run in load_forming():
        said = words(
            "heads.forming.losses",
            heads=run.n_heads,
            kv_heads=run.n_kv_heads,
            first=words.number(float(run.losses[0]), ".2f"),
            last=words.number(float(run.losses[-1]), ".2f"),
            steps=words.number(int(run.steps[-1])),
        )
        st.html(paragraph(said, words, ""))
