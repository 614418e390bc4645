"""Next token: what may follow the text, and generation while the cache grows."""

from pathlib import Path

import streamlit as st

from app.explore import compute
from app.explore.caches import Caches
from app.explore.generated import How, Looks, Subject, View
from app.explore.generating import Desk, Run
from app.explore.models import PAGE_TOKENS
from app.explore.next_token import (
    cells_css,
    choices_html,
    milliseconds,
    paragraph,
    percent,
    row_html,
    text_html,
)
from app.explore.shown import Shown
from app.i18n import Words
from app.markup import chart_config
from app.session import again
from app.theme import current_theme
from attention.figures.growth import GrowthWords, growth
from attention.figures.style import byte_label
from attention.kv.equal_layers import cache_bytes
from attention.kv.formats import stored_format
from attention.text.tokens import isolated

CSS = Path(__file__).parents[1] / "generate.css"
TICK_S = 0.25  # how often the page asks while something is under way
PATIENCE_S = 0.7  # a step this quick is drawn at once, without asking again
TEMPERATURES = tuple(tenth / 10 for tenth in range(21))
COMPARED_TOKENS = 256  # longer texts are not run without the cache unless the visitor wants it


def draw(shown: Shown) -> None:
    """What is chosen for the whole run first; the part that moves is a fragment of its own."""
    words = shown.words
    facts = shown.facts
    if not facts.generates:
        st.html(paragraph(words("generate.no_head"), words, "hc-state"))
        return
    st.html(CSS)
    st.html(cells_css(current_theme()))
    with st.container(key="generate", horizontal=True):
        temperature = st.select_slider(
            words("generate.temperature"),
            TEMPERATURES,
            format_func=lambda value: _degree(value, words),
            key="generate_temperature",
            help=words("generate.help_temperature"),
        )
        seed = st.number_input(
            words("generate.seed"), 0, 2**31 - 1, 0, key="generate_seed",
            help=words("generate.help_seed"),
        )  # fmt: skip
        compare = st.toggle(
            words("generate.compare"),
            len(shown.reading.ids) <= COMPARED_TOKENS,
            key="generate_compare",
            help=words("generate.help_compare"),
        )
    limit = min(PAGE_TOKENS, shown.model.max_tokens)
    run = _desk().at(Subject(facts.name, shown.reading.ids, int(seed), limit))
    how = How(temperature, compare)
    run.look(how)
    if run.busy and not run.playing:
        run.wait(PATIENCE_S)
    run.drawn = None  # in a run of the whole page everything is drawn
    panel = st.fragment(_panel, run_every=TICK_S if run.moves else None)
    panel(shown, run.subject, how, ticks=run.moves)
    st.html(paragraph(words("generate.plain", title=facts.title), words, "hc-note"))


def _degree(temperature: float, words: Words) -> str:
    if not temperature:
        return words("generate.greedy")
    return words("generate.warm", value=f"{temperature:.1f}")


@st.cache_resource(max_entries=1, show_spinner=False)
def _caches() -> Caches:
    return Caches()


@st.cache_resource(max_entries=1, show_spinner=False, scope="session", on_release=Desk.leave)
def _desk() -> Desk:
    """The visitor's own, and away with the visitor."""
    return Desk(compute.models(), _caches())


def _panel(shown: Shown, subject: Subject, how: How, *, ticks: bool) -> None:
    """The buttons and what moves: a fragment, which runs without the rest of the page.

    Args:
        ticks: whether it runs by itself every moment. That cannot be changed from within: for
            that the whole page runs, once when something begins and once when it ends.
    """
    run = _desk().at(subject)
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
    st.html(text_html(shown.reading.text, view.written, words))
    left, right = st.columns([2, 3], gap="large")
    chosen = view.last.chosen if view.ended and view.last else None
    left.html(choices_html(view.at(how.temperature), chosen, how.temperature, words))
    row = view.outlook.row(shown.at.layer, shown.at.head)
    tokens = view.tokens[: view.outlook.kv_len]
    right.html(row_html(tokens, row, view.n_prompt, shown.at.head, shown.at.layer, words))
    right.html(_told(view, shown))
    figure = growth(view.growth, _chart_words(words), current_theme())
    right.plotly_chart(
        figure, key="growth_chart", theme=None, config=chart_config(words), alt=_alt(view, words)
    )


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
    given = percent(view.last.chosen.probability)
    said = words("generate.took", token=isolated(view.last.chosen.text), percent=given)
    if view.ended is None:
        return said
    made, limit = words.number(len(view.tokens) - view.n_prompt), words.number(subject.max_tokens)
    return f"{said} {words(f'generate.ended.{view.ended}', limit=limit, n=made)}"


def _told(view: View, shown: Shown) -> str:
    """The cache and the time in sentences; every value in them is a number or a unit."""
    words, outlook, whole = shown.words, view.outlook, view.outlook.whole
    parts = [
        words(
            "generate.holds",
            n=words.number(outlook.kv_len),
            size=_bytes(outlook.cache_bytes, words),
            exact=words.number(outlook.cache_bytes),
        ),
        _formula(view, shown),
        words("generate.took_with", ms=milliseconds(outlook.seconds, words)),
    ]
    if whole is not None:
        ms, difference = milliseconds(whole.seconds, words), f"{whole.largest_difference:.1g}"
        parts.append(words("generate.took_without", ms=ms, difference=difference))
    if outlook.fill_seconds:
        ms = milliseconds(outlook.fill_seconds, words)
        parts.append(words("generate.took_fill", ms=ms))
    return f'<p class="hc-told" lang="{words.lang}">{" ".join(parts)}</p>'


def _formula(view: View, shown: Shown) -> str:
    words, outlook, config = shown.words, view.outlook, shown.facts.configs[0]
    n_layers = shown.facts.n_layers
    if outlook.formula_bytes != outlook.cache_bytes:
        return words("generate.formula_differs", exact=words.number(outlook.formula_bytes))
    each = int(stored_format(shown.model.number_format).bytes_per_number)
    of_token = cache_bytes(
        n_layers=n_layers,
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        number_bytes=each,
    )
    if of_token * outlook.kv_len != outlook.formula_bytes:  # layers differ, or have windows
        return words("generate.formula_sum")
    factors = {"layers": n_layers, "kv": config.n_kv_heads, "dim": config.head_dim}
    product = words("generate.formula", **factors, n=words.number(outlook.kv_len), each=each)
    return f"{product} {words('generate.grows', n=words.number(of_token))}"


def _alt(view: View, words: Words) -> str:
    whole, steps = view.outlook.whole, view.growth
    timed = words("generate.not_timed") if whole is None else milliseconds(whole.seconds, words)
    return words(
        "generate.alt",
        first=words.number(steps[0].tokens),
        last=words.number(steps[-1].tokens),
        size=_bytes(view.outlook.cache_bytes, words),
        ms=milliseconds(view.outlook.seconds, words),
        without=timed,
    )


def _chart_words(words: Words) -> GrowthWords:
    return GrowthWords(
        tokens=words("curve.tokens"),
        cache_title=words("generate.cache_title"),
        time_title=words("generate.time_title"),
        measured=words("generate.measured"),
        formula=words("generate.formula_line"),
        with_cache=words("generate.with_cache"),
        without_cache=words("generate.without_cache"),
        ms=words("generate.ms"),
        units=_units(words),
    )


def _bytes(size: int, words: Words) -> str:
    return byte_label(size, _units(words))


def _units(words: Words) -> tuple[str, ...]:
    return tuple(words("picture.byte_units").split())
