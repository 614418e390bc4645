"""A question in one line: what it fills in, what was understood, and what would fit. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import Any

from app.i18n import Words
from app.memory import fitting
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.settings import LIST, FitChoice, MemorySettings, Source
from attention.errors import HeadcountError
from attention.kv.fit.budget import Deployment
from attention.kv.fit.mend import Change, changes
from attention.kv.fit.total import Fit
from attention.kv.question.parse import Question, parse

FIT = "fit"  # the section that answers

#: A line as it is read, kept.
parsed = lru_cache(maxsize=64)(parse)


def fill(settings: MemorySettings, text: str) -> MemorySettings:
    """The settings with what the line says; the rest stays. An empty line says nothing."""
    asked, now, choice = parsed(text), settings.now, settings.fit
    if asked.model:
        now = replace(now, source=Source(kind=LIST, model=asked.model), changes=())
        choice = replace(choice, weights=FitChoice.weights)
    if asked.gpu:
        now = replace(now, n_gpus=1, pp=None, dp=None)
    if asked.k_format:
        now = replace(now, v_format=None)
    now = replace(now, **_given(asked, "context", "users", "engine", "k_format", "n_gpus"))
    devices = _given(asked, "gpu", "weights")
    section = FIT if devices or asked.n_gpus else settings.section
    choice = replace(choice, **devices)
    return replace(settings, now=now, fit=choice, section=section, question=text)


def _given(asked: Question, *names: str) -> dict[str, Any]:
    values = {name: getattr(asked, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def understood_html(text: str, words: Words) -> str:
    """What the line was taken for, and the words that were not understood."""
    asked = parsed(text)
    parts = []
    if asked.understood:
        parts.append(words("memory.question.understood", what=_listed(asked.understood, words)))
    if asked.missed:
        parts.append(words("memory.question.missed", what=escape(", ".join(asked.missed))))
    if asked.problem:
        said = words.told(asked.problem)
        parts.append(f'<span class="hc-failed">{escape(said[:1].upper() + said[1:])}</span>')
    return " ".join(parts)


def verdict(told: Answer, settings: MemorySettings, amounts: Amounts, words: Words) -> str:
    """Whether it fits; if not, what lacks, how many users fit and what would; as HTML.

    Raises:
        ValueError: what cannot be counted, in one sentence.
    """
    one = fitting.asked(told.shape, settings.now, settings.fit)
    found = fitting.fits(one)
    said = [_holds(found, amounts, words)]
    if not found.holds:
        users = fitting.solve(one, "most_users").answer
        if users is not None and users.value is not None:
            said.append(_users(users.value, words))
        would = _changes(one)
        if would:
            said.append(words("memory.fit.would", what=_either(would, words)))
    return " ".join(said)


def _holds(found: Fit, amounts: Amounts, words: Words) -> str:
    budget = found.budget
    name, way = words.told(budget.gpu.name), words.told(found.division.text)
    return words.count(
        f"memory.fit.{'holds' if found.holds else 'lacks'}",
        budget.n_gpus,
        gpu=escape(f"{name} ({way})" if way else name),
        left=amounts.size(abs(found.left_bytes)),
    )


def _users(most: int, words: Words) -> str:
    return words.count("memory.fit.users_fit", most) if most else words("memory.fit.no_user")


@lru_cache(maxsize=128)
def _changes(one: Deployment) -> tuple[Change, ...]:
    try:
        return changes(one)
    except HeadcountError:
        return ()


def _either(would: Iterable[Change], words: Words) -> str:
    texts = [f"<b>{escape(words.told(change.text))}</b>" for change in would]
    return words("memory.fit.or").join(texts)


def _listed(parts: Iterable[str], words: Words) -> str:
    return ", ".join(f"<b>{escape(words.told(part))}</b>" for part in parts)
