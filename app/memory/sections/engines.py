"""Engines: what each takes for the same cache, what then fits, and a sentence for each gap."""

from dataclasses import replace
from html import escape

import streamlit as st

from app.i18n import Words
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import sources, table
from app.memory.compute import allocation
from app.memory.settings import ENGINES, Configuration, MemorySettings
from app.session import Session
from attention.errors import sentence_of
from attention.kv.allocation import Allocation


def draw(session: Session[MemorySettings], told: Answer, amounts: Amounts, words: Words) -> None:
    """A row for each engine; below, the gaps between ideal, allocated and usable, and sources."""
    now = session.settings.now
    rows, details = [], []
    for engine in ENGINES:
        name = words(f"memory.engine.{engine}")
        one = replace(now, engine=engine)
        try:
            found = allocation(told.shape, one.workload(told.shape), engine)
        except ValueError as error:
            rows.append([name, words.told(sentence_of(error)), "", "", "", ""])
            continue
        rows.append([name, *_row(found, amounts, words)])
        details.append(_details(name, found, one, amounts, words))
    heads = [words(f"memory.engines.{key}") for key in
             ("engine", "ideal", "allocated", "more", "asked", "usable")]  # fmt: skip
    st.html(
        f'<div class="hc-figure" lang="{words.lang}">{table(heads, rows)}'
        f"<p>{words('memory.engines.meaning')}</p>{''.join(details)}</div>"
    )


def _row(found: Allocation, amounts: Amounts, words: Words) -> list[str]:
    ideal, allocated = found.ideal_bytes, found.allocated_bytes
    share = words.number(allocated / ideal - 1, "+.1%").replace("-", "−") if ideal else "–"
    return [
        amounts.size(ideal),
        amounts.size(allocated),
        share,
        words.number(found.asked_tokens),
        words.number(found.usable_tokens),
    ]


def _details(
    name: str, found: Allocation, one: Configuration, amounts: Amounts, words: Words
) -> str:
    gaps = found.gaps or (words("memory.engines.no_gap"),)
    entries = "".join(f"<li>{escape(words.told(gap))}</li>" for gap in gaps)
    settings = ", ".join(f"{key} = {value}" for key, value in one.engine_settings)
    given = f"<p>{escape(settings)}</p>" if settings else ""
    return (
        f"<details><summary>{escape(name)}: {amounts.size(found.allocated_bytes)}</summary>{given}"
        f"<ul>{entries}</ul><p><code>{escape(words.told(found.formula))}</code></p>"
        f"{sources(found.sources, words)}</details>"
    )
