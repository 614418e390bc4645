"""Share, of a layout: what sharing lost comes back when it is trained on for a little."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import streamlit as st

from app.explore import registry
from app.explore.next_token import paragraph
from app.heads import following
from app.heads.long_work import Run, Task
from app.heads.subject import Subject
from app.heads.text import own_text, rows_of, text_of
from app.i18n import Words
from app.markup import chart_config, table_html
from app.theme import current_theme
from attention.figures.uptraining import UptrainingWords, uptraining
from attention.interventions.sharing import Sharing
from attention.models.layouts.model import LayoutModel
from attention.steps import Steps
from attention.uptraining.compare import PROTOCOL, Comparison, Standing, Uptrained
from attention.uptraining.layouts import ROWS, SHARE, n_steps


def draw(subject: Subject, sharing: Sharing) -> None:
    """The button; while it trains the curve that comes down; then before beside after."""
    words = subject.words
    st.html(f'<h2 lang="{words.lang}">{words("heads.uptrain.title")}</h2>')
    steps = n_steps(cast(LayoutModel, registry.model(subject.facts, subject.on_wait)))
    said = words(
        "heads.uptrain.what", share=words.number(100 * SHARE, ".0f"), steps=words.number(steps)
    )
    st.html(paragraph(said, words, "hc-note"))
    show = partial(_curve, steps, words)
    found = following.result(
        subject, task(subject, sharing), words("heads.uptrain.begin"), show=show
    )
    if found is not None:
        st.html(paragraph(verdict(found, words), words, "hc-verdict"))
        st.html(standings_html(found, subject.settings.n_heads, words))
        show(found.curve)


def task(subject: Subject, sharing: Sharing) -> Task[Uptrained]:
    """Measure, train on and measure again, an update at a time."""
    own, language = own_text(subject), subject.settings.lang

    def work(model: Any, run: Run) -> Uptrained:
        comparison = Comparison(model, sharing, rows_of(model, own), language)

        def each(work: Any) -> Any:
            found = run.each(work)
            run.so_far = comparison.losses() or None
            return found

        return comparison.run(Steps(comparison.passes, each, run.tell, run.stopped.is_set))

    how = ("uptrain", PROTOCOL, ROWS, SHARE, own is None, text_of(subject), sharing, language)
    return Task(how, work) if own else Task(how, work, Uptrained.json, Uptrained.of_json)


def verdict(found: Uptrained, words: Words) -> str:
    """What came back, in a sentence: of the loss on held-out text of the family's own kind."""
    before, shared, after = (
        each.validation_loss for each in (found.before, found.shared, found.after)
    )
    losses = {
        "before": words.number(before, ".2f"),
        "shared": words.number(shared, ".2f"),
        "after": words.number(after, ".2f"),
        "seconds": words.number(round(found.seconds)),
        "tokens": words.number(found.tokens),
    }
    if shared <= before:
        return words("heads.uptrain.nothing_lost", **losses)
    share = words.number(100 * (shared - after) / (shared - before), ".0f")
    return words("heads.uptrain.came_back", share=share, **losses)


def standings_html(found: Uptrained, n_heads: int, words: Words) -> str:
    """A row a layout: loss of the text, what it can do, what it needs."""
    rows = [
        _row(words("heads.uptrain.rows.before", layout=_name(n_heads, found.before)), found.before),
        _row(words("heads.uptrain.rows.shared"), found.shared),
        _row(words("heads.uptrain.rows.after"), found.after),
    ]
    if found.trained is not None:
        name = words("heads.uptrain.rows.trained", layout=_name(n_heads, found.trained))
        rows.append(_row(name, found.trained))
    columns = ("layout", "loss", "validation", "agreement", "cache", "parameters")
    head = [words(f"heads.uptrain.columns.{name}") for name in columns]
    formats = (".2f", ".2f", ".0f", "", "")
    cells = [
        [name, *(words.number(value, form) if form else words.number(value)
                 for value, form in zip(values, formats, strict=True))]
        for name, values in rows
    ]  # fmt: skip
    return table_html(words("heads.uptrain.caption"), head, cells, words)


def _row(name: str, each: Standing) -> tuple[str, Sequence[float]]:
    agreement = 100 * each.agreement
    numbers = (each.loss, each.validation_loss, agreement, each.cache_bytes, each.parameters)
    return name, numbers


def _name(n_heads: int, each: Standing) -> str:
    return f"{n_heads}/{each.n_kv_heads}"


def _curve(total: int, words: Words, losses: Sequence[float]) -> None:
    """The curve so far."""
    said = UptrainingWords(
        updates=words("heads.uptrain.updates"),
        loss=words("heads.uptrain.loss"),
        each=words("heads.uptrain.each"),
        mean=words("heads.uptrain.mean"),
    )
    st.plotly_chart(
        uptraining(losses, total, said, current_theme()),
        key="uptrain_curve", theme=None, config=chart_config(words),
        alt=words("heads.uptrain.alt", loss=words.number(losses[-1], ".2f")),
    )  # fmt: skip
