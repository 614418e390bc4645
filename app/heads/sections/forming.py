"""How heads form: three trainings from random weights on, played checkpoint by checkpoint."""

from pathlib import Path

import streamlit as st

from app.explore.next_token import paragraph
from app.heads.forming.choice import PLAYER, SCORE, SENTENCE, TEXT, runs, scores
from app.heads.forming.payload import encode
from app.heads.forming.telling import intro_text, text_change_text
from app.heads.settings import HeadsSettings
from app.heads.subject import Subject
from app.picture import parse_click
from app.session import Session
from attention import picture
from attention.models.layouts.forming import TEXTS

_HERE = Path(__file__).parents[1] / "forming"
SCRIPTS = ("chart.js", "run.js", "forming.js")  # each uses those before it

# Once, when the module is imported: to register a changed definition again warns.
_mount = st.components.v2.component(
    "headcount_forming",
    css=(_HERE / "forming.css").read_text(encoding="utf-8"),
    js=picture.tiles_script()
    + "".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """What the trainings are, what is chosen of them, and the player."""
    words, choice = subject.words, subject.settings.forming
    shown = runs(choice.text)
    st.html(paragraph(intro_text(shown, words), words, "hc-note"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            words("heads.forming.text"),
            TEXTS,
            key=session.widget(TEXT),
            format_func=lambda text: words(f"heads.forming.text_{text}"),
        )
        st.selectbox(
            words("heads.forming.score"),
            scores(choice.text),
            key=session.widget(SCORE),
            format_func=lambda name: words(f"heads.forming.score_{name}"),
        )
        sentences = shown[0].sentences
        st.selectbox(
            words("heads.forming.sentence"),
            range(len(sentences)),
            key=session.widget(SENTENCE),
            format_func=lambda index: sentences[index],
        )
    st.html(paragraph(words(f"heads.forming.about_{choice.score}"), words, "hc-note"))
    heard = parse_click(st.session_state.get(PLAYER), "step")
    data = encode(shown, choice, heard.made if heard else 0, words)
    _mount(key=session.source(PLAYER), data=data, on_step_change=_heard)
    if said := text_change_text(shown, choice.score, words):
        st.html(paragraph(said, words, "hc-note"))


def _heard() -> None:
    """A state needs a callback to exist; the page reads the value when it runs."""
