"""Share: fewer KV heads in this model, and what sharing cost the 21 layouts trained with it."""

from functools import partial
from typing import Any

import streamlit as st

from app.explore import compute
from app.explore.effect import costs_css, signed, tops_html
from app.explore.next_token import paragraph
from app.explore.sections.sharing import draw_layouts
from app.explore.telling import head_with_a_job
from app.heads import waiting
from app.heads.costing import Measurement
from app.heads.keys import Keys
from app.heads.parameters import fewer
from app.heads.pruned import table_html
from app.heads.published import PUBLISHED
from app.heads.sections.prune import choose_text
from app.heads.settings import GROUPINGS, WAYS, HeadsSettings
from app.heads.subject import Subject
from app.i18n import Words
from app.markup import chart_config
from app.session import Session
from app.theme import current_theme
from attention import pruning
from attention.figures.before_after import before_after
from attention.interventions.sharing import Sharing
from attention.models.fewer import fewer_of, passes
from attention.steps import Each, Steps


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The model with fewer KV heads, the layouts that were trained so, and the papers."""
    words, facts = subject.words, subject.facts
    counts = [config.n_kv_heads for config in facts.configs]
    options = fewer(counts)
    if not facts.predicts:
        said = words("off.no_prediction", title=facts.title)
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
    counts = sorted((kv, card["parameters"]) for (n, kv), card in compute.cards().items() if n == 8)
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
    key = ("share", settings.text, kv_heads, settings.shared_by, settings.grouping,
           settings.layer, settings.head)  # fmt: skip
    if subject.facts.layouts and not waiting.asked(subject, key):
        waiting.ask(subject, key)
    if not waiting.asked(subject, key):
        st.button(
            words("heads.share.show"), key="share_show", type="primary",
            on_click=partial(waiting.ask, subject, key),
        )  # fmt: skip
    found = waiting.measured(subject, key, partial(_measure, subject, kv_heads))
    if found is not None:
        _show(found, words)


def _option(label: str, words: Words, value: Any) -> str:
    return words.number(value) if label == "kv" else words(f"heads.share.{label}s.{value}")


def _measure(
    subject: Subject, kv_heads: int, model: Any, each: Each, measurement: Measurement
) -> Any:
    """Share and measure, a pass at a time."""
    settings, facts = subject.settings, subject.facts
    text = settings.text
    rows = pruning.text_rows(model, text) if text.strip() else pruning.held_out(model)
    sharing = Sharing(
        kv_heads=kv_heads,
        by=settings.shared_by,  # type: ignore[arg-type]
        grouping=settings.grouping,  # type: ignore[arg-type]
    )
    roles = model.roles() if facts.layouts else model.roles(each)
    layer = facts.default_layer if settings.layer is None else settings.layer
    head = head_with_a_job(roles[layer]) if settings.head is None else settings.head
    steps = Steps(passes(rows), each, measurement.tell, measurement.abandoned)
    return fewer_of(model, rows, sharing, layer, head, steps), layer, head


def _show(found: Any, words: Words) -> None:
    shared, layer, head = found
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
    figure = before_after(
        shared.weights_before, shared.weights_after, shared.tokens,
        (words("heads.share.before"), words("heads.share.after")), current_theme(),
    )  # fmt: skip
    right.plotly_chart(
        figure, key="share_heads", theme=None, config=chart_config(words),
        alt=words("heads.share.alt", layer=layer, head=head),
    )  # fmt: skip
    right.html(paragraph(words("heads.share.head", layer=layer, head=head), words, "hc-note"))
