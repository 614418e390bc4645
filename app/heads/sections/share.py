"""Share: fewer KV heads in this model, and what sharing cost the 21 layouts trained with it."""

from functools import partial
from typing import Any

import streamlit as st

from app.explore import layouts, registry
from app.explore.effect import costs_css, signed, tops_html
from app.explore.next_token import paragraph
from app.explore.sections.sharing import draw_layouts
from app.explore.telling import head_with_a_job
from app.heads import following, uptraining
from app.heads.grid import Place
from app.heads.keys import Keys
from app.heads.long_work import Run, Task
from app.heads.parameters import fewer
from app.heads.published import PUBLISHED
from app.heads.settings import GROUPINGS, WAYS, HeadsSettings
from app.heads.subject import Subject
from app.heads.text import choose_text, own_text, rows_of, text_of
from app.i18n import Words
from app.markup import chart_config, table_html
from app.session import Session
from app.theme import current_theme
from attention.figures.before_after import before_after
from attention.interventions.sharing import Sharing
from attention.models.fewer import PROTOCOL, Fewer, fewer_of, passes
from attention.steps import Steps


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The model with fewer KV heads, the layouts that were trained so, and the papers."""
    words, facts = subject.words, subject.facts
    counts = [config.n_kv_heads for config in facts.configs]
    options = fewer(counts)
    if facts.weights_only:
        st.html(paragraph(words("sentence.weights_only"), words, "hc-note"))
    elif not facts.predicts:
        said = words("heads.no_loss", title=facts.title)
        st.html(paragraph(said, words, "hc-note"))
    elif not options:
        st.html(paragraph(words("heads.share.single", title=facts.title), words, "hc-note"))
    else:
        _fewer(subject, session, options)
    st.html(f'<h2 lang="{words.lang}">{words("heads.share.layouts")}</h2>')
    layout = (subject.settings.n_heads, subject.settings.n_kv_heads) if facts.layouts else None
    draw_layouts(layout, facts.title, words)
    st.html(paragraph(_uncompensated(words), words, "hc-note"))
    st.html(f'<h2 lang="{words.lang}">{words("heads.share.published.title")}</h2>')
    for table in PUBLISHED:
        columns = [_column(name, words) for name in ("", *table.columns)]
        caption = words(f"heads.share.published.{table.name}")
        rows = [(row[0] or words("heads.share.published.as_small"), *row[1:]) for row in table.rows]
        st.html(table_html(caption, columns, rows, words))


def _uncompensated(words: Words) -> str:
    """That fewer KV heads are fewer parameters here: of 8 heads the fewest against the most."""
    counts = sorted((kv, card["parameters"]) for (n, kv), card in layouts.cards().items() if n == 8)
    (fewest, few), (most, many) = counts[0], counts[-1]
    return words(
        "heads.share.uncompensated",
        fewest=f"8/{fewest}",
        most=f"8/{most}",
        share=words.number(100 * (1 - few / many), ".1f"),
    )


def _column(name: str, words: Words) -> str:
    own = {"": "layout", "s": "seconds", "average": "average", "perplexity": "perplexity"}
    return words(f"heads.share.published.{own[name]}") if name in own else name


def _fewer(subject: Subject, session: Session[HeadsSettings], options: tuple[int, ...]) -> None:
    words, settings = subject.words, subject.settings
    kv_heads = settings.shared_kv or options[-1]
    with st.container(key="share_choices"):
        choose_text(subject, session)
        with st.container(horizontal=True):
            for widget, label, values in (
                (session.fill(Keys.SHARED_KV, kv_heads), "kv", options),
                (session.widget(Keys.SHARED_BY), "way", WAYS),
                (session.widget(Keys.GROUPING), "grouping", GROUPINGS),
            ):
                st.segmented_control(
                    words(f"heads.share.{label}"), values, key=widget, required=True,
                    format_func=partial(_option, label, words),
                )  # fmt: skip
    sharing = task(subject, kv_heads)
    if subject.facts.layouts:
        following.ask(subject, sharing)
    found = following.result(subject, sharing, words("heads.share.show"))
    if found is not None:
        _show(subject, found)
        if subject.facts.layouts:
            uptraining.draw(subject, sharing_of(subject, kv_heads))


def _option(label: str, words: Words, value: Any) -> str:
    return words.number(value) if label == "kv" else words(f"heads.share.{label}s.{value}")


def sharing_of(subject: Subject, kv_heads: int) -> Sharing:
    """How the visitor has them shared."""
    return Sharing(
        kv_heads=kv_heads,
        by=subject.settings.shared_by,  # type: ignore[arg-type]
        grouping=subject.settings.grouping,  # type: ignore[arg-type]
    )


def task(subject: Subject, kv_heads: int) -> Task[Fewer]:
    """Share and measure, a pass at a time."""
    own = own_text(subject)
    layer, head = _place(subject)
    sharing = sharing_of(subject, kv_heads)

    def work(model: Any, run: Run) -> Fewer:
        rows = rows_of(model, own)
        steps = Steps(passes(rows), run.each, run.tell, run.cancelled)
        return fewer_of(model, rows, sharing, layer, head, steps)

    how = ("share", PROTOCOL, own is None, text_of(subject), sharing, layer, head)
    return Task(how, work) if own else Task(how, work, Fewer.json, Fewer.of_json)


def _place(subject: Subject) -> Place:
    """The head that is chosen; else one that shows something."""
    settings, facts = subject.settings, subject.facts
    layer = facts.default_layer if settings.layer is None else settings.layer
    if settings.head is not None:
        return layer, settings.head
    if not facts.layouts:
        return layer, facts.telling[layer]
    return layer, head_with_a_job(registry.model(facts, subject.on_wait).roles()[layer])


def _show(subject: Subject, shared: Fewer) -> None:
    words, number = subject.words, subject.facts.number_of(shared.layer)
    said = words(
        "heads.share.cost",
        before=words.number(shared.loss_before, ".2f"),
        after=words.number(shared.loss_after, ".2f"),
        change=signed(shared.loss_after - shared.loss_before, words),
        cache_before=words.number(shared.cache_before),
        cache_after=words.number(shared.cache_after),
        windows=words.number(shared.windows),
        window=words.number(shared.window),
    )
    st.html(paragraph(said, words, "hc-verdict"))
    left, right = st.columns([2, 3], gap="large")
    left.html(costs_css(current_theme()))
    tops = (shared.top_before, shared.top_after)
    titles = (words("heads.share.top_before"), words("heads.share.top_after"))
    left.html(tops_html(tops, titles, words))
    names = (words("heads.share.before"), words("heads.share.after"))
    weights = (shared.weights_before, shared.weights_after)
    figures = before_after(weights, shared.tokens, names, current_theme())
    for place, figure, name in zip(right.columns(2), figures, names, strict=True):
        place.plotly_chart(
            figure, key=f"share_heads_{name}", theme=None, config=chart_config(words),
            alt=words("heads.share.alt", layer=number, head=shared.head, name=name),
        )  # fmt: skip
    which = words("heads.share.head", layer=number, head=shared.head)
    right.html(paragraph(which, words, "hc-note"))
