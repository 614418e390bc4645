"""Next token: what may follow the text, and generation while the cache grows."""

from pathlib import Path

import streamlit as st

from app.explore import registry
from app.explore.caches import Caches
from app.explore.generated import How, Looks, Subject, View
from app.explore.generating import Desk, Run
from app.explore.growth import growth_alt, growth_words, told_html
from app.explore.keys import Keys
from app.explore.models import PAGE_TOKENS
from app.explore.next_token import (
    cells_css,
    choices_html,
    paragraph,
    percent,
    row_html,
    text_html,
)
from app.explore.settings import GOES_ON, LARGEST_SEED, TEMPERATURES, Settings
from app.explore.shown import Shown
from app.explore.vocabulary import known_html
from app.i18n import Words
from app.markup import chart_config
from app.session import Session, again
from app.theme import current_theme
from attention.figures.growth import growth
from attention.text.tokens import isolated

CSS = Path(__file__).parents[1] / "generate.css"
TICK_S = 0.25  # how often the page asks while something is under way
PATIENCE_S = 0.7  # a step this quick is drawn at once, without asking again
COMPARED_TOKENS = 256  # longer texts are not run without the cache unless the visitor wants it


def draw(shown: Shown, session: Session[Settings]) -> None:
    """What is chosen for the whole run first; the part that moves is a fragment of its own."""
    words, facts = shown.words, shown.facts
    if not facts.generates:
        st.html(paragraph(words("generate.no_head"), words, "hc-state"))
        return
    st.html(CSS)
    st.html(cells_css(current_theme()))
    how = _choose(shown, session)
    ids = prompt_ids(shown)
    limit, chosen = min(PAGE_TOKENS, shown.model.max_tokens), session.settings.next_token
    off = shown.settings.off
    subject = Subject(facts.name, ids, chosen.seed, limit, off, facts.part, facts.given)
    run = _run(shown, subject)
    run.look(how)
    if run.busy and not run.playing:
        run.wait(PATIENCE_S)
    run.drawn = None  # in a run of the whole page everything is drawn
    panel = st.fragment(_panel, run_every=TICK_S if run.moves else None)
    panel(shown, run.subject, how, ticks=run.moves)
    if off:
        said = words("generate.off", heads=facts.called(off))
        st.html(paragraph(said, words, "hc-note"))
    if not shown.settings.causal and facts.layouts:
        st.html(paragraph(words("generate.causal"), words, "hc-note"))
    kind = "plain_layout" if facts.layouts else "plain_pair" if facts.part else "plain"
    st.html(paragraph(words(f"generate.{kind}", title=facts.title), words, "hc-note"))
    if facts.layouts:
        st.html(known_html(shown.reading.text, words))


def prompt_ids(shown: Shown) -> tuple[int, ...]:
    """What the model goes on from: the whole text, or as far as the chosen token."""
    whole = shown.settings.next_token.goes_on == GOES_ON[0]
    return shown.reading.ids if whole else shown.reading.ids[: shown.followed + 1]


def _choose(shown: Shown, session: Session[Settings]) -> How:
    words, chosen = shown.words, session.settings.next_token
    with st.container(key="generate", horizontal=True):
        st.segmented_control(
            words("generate.goes_on"),
            GOES_ON,
            format_func=lambda name: words(f"generate.from.{name}"),
            key=session.widget(Keys.GOES_ON),
            required=True,
            help=words("generate.help_goes_on"),
        )
        st.select_slider(
            words("generate.temperature"),
            TEMPERATURES,
            format_func=lambda value: _degree(value, words),
            key=session.widget(Keys.TEMPERATURE),
            help=words("generate.help_temperature"),
        )
        st.number_input(
            words("generate.seed"), 0, LARGEST_SEED, key=session.widget(Keys.SEED),
            help=words("generate.help_seed"),
        )  # fmt: skip
        usual = len(shown.reading.ids) <= COMPARED_TOKENS
        compare = usual if chosen.compare is None else chosen.compare
        st.toggle(
            words("generate.compare"),
            key=session.fill(Keys.COMPARE, compare),
            help=words("generate.help_compare"),
        )
    return How(chosen.temperature, compare)


def _degree(temperature: float, words: Words) -> str:
    if not temperature:
        return words("generate.greedy")
    return words("generate.warm", value=words.number(temperature, ".1f"))


@st.cache_resource(max_entries=1, show_spinner=False)
def _caches() -> Caches:
    return Caches()


@st.cache_resource(max_entries=1, show_spinner=False, scope="session", on_release=Desk.leave)
def _desk() -> Desk:
    """The visitor's own, and away with the visitor."""
    return Desk()


def _run(shown: Shown, subject: Subject) -> Run:
    layouts = bool(shown.facts.layouts)
    return _desk().at(subject, registry.asked(shown.facts), None if layouts else _caches())


def _panel(shown: Shown, subject: Subject, how: How, *, ticks: bool) -> None:
    """The buttons and what moves: a fragment, which runs without the rest of the page.

    Args:
        ticks: whether it runs by itself every moment. That cannot be changed from within: for
            that the whole page runs, once when something begins and once when it ends.
    """
    run = _run(shown, subject)
    drawn = run.drawn
    run.look(how)
    run.tick(how)
    if run.busy and not (ticks or run.playing or run.stopped):
        run.wait(PATIENCE_S)
    if ticks and run.busy and drawn == run.looks:
        # Nothing new. To draw the same again would take the processor from the model; a run that
        # ends like this leaves what stands, and between two of them a click on Stop is heard.
        run.wait(TICK_S)
        st.rerun(scope="fragment")
    # Before any button is drawn: one that can be pressed while the page makes the fragment anew
    # would be pressed in vain. What began without ticks, and is not over, would stand for good.
    if run.moves != ticks and (run.moves or drawn is not None):
        again()
    with st.container(key="generate_buttons", horizontal=True):
        _buttons(run, how, shown.words)
    _draw(shown, run, how)


def _buttons(run: Run, how: How, words: Words) -> None:
    st.button(
        words("generate.step"), key="generate_step", disabled=run.moves or not run.can_step,
        on_click=run.step, args=(how,), type="primary",
    )  # fmt: skip
    if run.playing:
        st.button(words("generate.stop"), key="generate_stop", on_click=run.stop)
    else:
        st.button(
            words("generate.play"), key="generate_play", disabled=not run.can_step,
            on_click=run.play, args=(how,),
        )  # fmt: skip
    st.button(
        words("generate.reset"), key="generate_reset", disabled=not run.begun,
        on_click=_desk().again,
    )  # fmt: skip


def _draw(shown: Shown, run: Run, how: How) -> None:
    looks = run.drawn = run.looks
    words, view = shown.words, looks.view
    st.html(paragraph(_state(looks, run.subject, words), words, "hc-state"))
    if view is None:
        return
    st.html(text_html(_prompt(shown, view), view.written, words))
    left, right = st.columns([2, 3], gap="large")
    chosen = view.last.chosen if view.ended and view.last else None
    left.html(choices_html(view.at(how.temperature), chosen, how.temperature, words))
    row = view.outlook.row(shown.at.layer, shown.at.head)
    tokens, over = view.tokens[: view.outlook.kv_len], shown.reading.over
    right.html(
        row_html(
            tokens,
            row,
            view.n_prompt,
            shown.at.head,
            shown.at.layer,
            words,
            keys=None if over is None else over.tokens,
        )
    )
    right.html(told_html(view, shown))
    figure = growth(view.growth, growth_words(words), current_theme())
    right.plotly_chart(
        figure,
        key="growth_chart",
        theme=None,
        config=chart_config(words),
        alt=growth_alt(view, words),
    )


def _prompt(shown: Shown, view: View) -> str:
    """The text as typed, as far as the model went on from it."""
    text, ids = shown.reading.text, shown.reading.ids
    return text if view.n_prompt == len(ids) else shown.model.decode(ids[: view.n_prompt])


def _state(looks: Looks, subject: Subject, words: Words) -> str:
    """One line: what is under way, what was just chosen, or why it ended."""
    view = looks.view
    if isinstance(looks.problem, ValueError):
        return str(looks.problem)
    if looks.problem is not None:
        return words("generate.failed", kind=type(looks.problem).__name__)
    if view is None:
        if looks.ahead:
            return words.count("generate.ahead", looks.ahead)
        return words.count("generate.filling", len(subject.ids))
    if view.last is None:
        return words("generate.ready")
    given = percent(view.last.chosen.probability, words)
    said = words("generate.took", token=isolated(view.last.chosen.text), percent=given)
    if view.ended is None:
        return said
    made, limit = words.number(len(view.tokens) - view.n_prompt), words.number(subject.max_tokens)
    return f"{said} {words(f'generate.ended.{view.ended}', limit=limit, n=made)}"
