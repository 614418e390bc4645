"""Check a log: the cache lines that an engine printed, recomputed."""

from html import escape

import streamlit as st

from app.i18n import Words
from app.markup import failure_html
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import table
from app.memory.keys import Keys
from app.memory.settings import MemorySettings
from app.session import Session
from attention.kv.engines.log_check import LogCheck, check_log
from attention.sentence import Sentence

HEIGHT = 180
MOST_CHARS = 1_000_000  # sent by a browser


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
    shape = told.shape if settings.log_own and told is not None else None
    tp = told.workload.tp if shape is not None and told is not None else 1
    given = {"tp": tp} if tp > 1 else {}
    try:
        found = check_log(settings.log, shape, **given)
    except ValueError as error:
        st.html(failure_html(error, words))
        return
    st.html(_found(found, words))


def _found(found: LogCheck, words: Words) -> str:
    verdict = words({True: "memory.log.agrees", False: "memory.log.differs",
                     None: "memory.log.unknown"}[found.agrees])  # fmt: skip
    engines = ", ".join(found.engines)
    said = f"{escape(engines)}: {verdict}"
    if found.model:
        said += f" {words('memory.log.model', model=escape(found.model))}"
    heads = [words(f"memory.log.{key}") for key in ("what", "printed", "computed", "verdict")]
    blocks, last = [], None
    for finding in found.findings:
        if finding.line != last:
            last = finding.line
            blocks.append(f"<pre>{escape(finding.line)}</pre>")
        mark = words({True: "memory.log.yes", False: "memory.log.no",
                      None: "memory.log.open"}[finding.agrees])  # fmt: skip
        blocks.append(
            table(
                heads,
                [
                    [
                        words.told(Sentence(finding.what)),
                        words.told(finding.printed),
                        words.told(finding.computed or "–"),
                        mark,
                    ]
                ],
            )
        )
        blocks += [f"<p><code>{escape(words.told(finding.formula))}</code></p>"] * bool(
            finding.formula
        )
        blocks += [f"<p>{escape(words.told(finding.cause))}</p>"] * bool(finding.cause)
    if found.cut:
        blocks.append(f"<p>{words.count('memory.log.cut', found.cut)}</p>")
    return (
        f'<div class="hc-figure" lang="{words.lang}"><p role="status"><b>{said}</b></p>'
        f"{''.join(blocks)}</div>"
    )
