"""Check a log: the cache lines that an engine printed, recomputed."""

from collections.abc import Iterator
from html import escape

import streamlit as st

from app.i18n import Words
from app.markup import failure_html
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import table
from app.memory.keys import Keys
from app.memory.settings import Configuration, MemorySettings
from app.session import Session
from attention.kv.engines import LOGS
from attention.kv.engines.log_check import LogCheck, check
from attention.kv.engines.log_reading import Basis, Fallback, Finding
from attention.kv.settings import Value
from attention.sentence import Sentence

HEIGHT = 180
MOST_CHARS = 1_000_000  # sent by a browser
OFFERED = frozenset(setting.name for log in LOGS for setting in log.settings)  # as by check-log


def draw(
    session: Session[MemorySettings], told: Answer | None, amounts: Amounts, words: Words
) -> None:
    """A field for the log; below it every figure in it beside what the arithmetic gives."""
    settings = session.settings
    st.text_area(
        words("memory.log.label"), key=session.widget(Keys.LOG), height=HEIGHT,
        max_chars=MOST_CHARS, help=words("memory.log.help"),
        placeholder=words("memory.log.placeholder"),
    )  # fmt: skip
    st.toggle(
        words("memory.log.own"), key=session.widget(Keys.LOG_OWN), disabled=told is None,
        help=words("memory.log.own_help"),
    )  # fmt: skip
    if not settings.log.strip():
        return
    above = _above(settings.now, told) if settings.log_own and told else Fallback()
    try:
        found = check(settings.log, Basis(fallback=above))
    except ValueError as error:
        st.html(failure_html(error, words))
        return
    st.html(_found(found, words))


def _above(one: Configuration, told: Answer) -> Fallback:
    """The model above and what is asked of its cache, where the log says nothing."""
    said: dict[str, Value] = {
        "context": one.context,
        "tp": told.workload.tp,
        "k_format": one.k_format,
    }
    said |= {name: value for name, value in one.engine_settings if name in OFFERED}
    return Fallback(shape=told.shape, settings=said)


def _found(found: LogCheck, words: Words) -> str:
    verdict = words({True: "memory.log.agrees", False: "memory.log.differs",
                     None: "memory.log.unknown"}[found.agrees])  # fmt: skip
    said = f"{escape(', '.join(found.engines))}: {verdict}"
    if found.model:
        said += f" {words('memory.log.model', model=escape(found.model))}"
    blocks = "".join(_blocks(found, words))
    return (
        f'<div class="hc-figure" lang="{words.lang}"><p role="status"><b>{said}</b></p>'
        f"{blocks}</div>"
    )


def _blocks(found: LogCheck, words: Words) -> Iterator[str]:
    """Every figure below its line, and the lines below the start that printed them."""
    last: Finding | None = None
    for finding in found.findings:
        starts = found.starts[finding.engine]
        is_next = last is None or last.start_of != finding.start_of
        if starts > 1 and is_next:
            said = words("memory.log.start", engine=finding.engine, n=finding.start, of=starts)
            yield f"<p><b>{escape(said)}</b></p>"
        if is_next or (last is not None and last.line != finding.line):
            yield f"<pre>{escape(finding.line)}</pre>"
        last = finding
        yield _figure(finding, words)
    if found.cut:
        yield f"<p>{words.count('memory.log.cut', found.cut)}</p>"


def _figure(finding: Finding, words: Words) -> str:
    heads = [words(f"memory.log.{key}") for key in ("what", "printed", "computed", "verdict")]
    mark = words({True: "memory.log.yes", False: "memory.log.no",
                  None: "memory.log.open"}[finding.agrees])  # fmt: skip
    row = [
        words.told(Sentence(finding.what)),
        words.told(finding.printed),
        words.told(finding.computed or "–"),
        mark,
    ]
    below = ""
    if finding.formula:
        below += f"<p><code>{escape(words.told(finding.formula))}</code></p>"
    if finding.cause:
        below += f"<p>{escape(words.told(finding.cause))}</p>"
    return table(heads, [row]) + below
