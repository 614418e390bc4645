"""One run of the page "Explore": what was asked, and what is computed of it once it is needed."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial

import streamlit as st

from app.explore.keys import Keys
from app.explore.offer import ModelFacts
from app.explore.scene import whole_page
from app.explore.settings import Settings, sections_of
from app.explore.shown import Decided, Shown, decide, show
from app.i18n import Words, load_words
from app.parameters import Notice
from app.session import Session
from app.share import show_share
from app.take import show_take


class Run:
    """What the parts of the page are drawn from, for a layout and for a model as it was built.

    Attributes:
        notices: what is to be said, but for what there is to say of the text.

    Args:
        on_wait: see :class:`app.explore.shown.Shown`.
    """

    def __init__(
        self,
        session: Session[Settings],
        notices: tuple[Notice, ...],
        facts: ModelFacts,
        on_wait: Callable[[int], None],
    ) -> None:
        self.session, self.notices, self.facts = session, notices, facts
        self.settings = session.settings
        self.words: Words = load_words(self.settings.lang)
        self._on_wait = on_wait

    @cached_property
    def decided(self) -> Decided:
        """The text, read, and the settings on it."""
        return decide(self.settings, self.facts, self._on_wait)

    @cached_property
    def shown(self) -> Shown:
        """What the picture is made of; a real model stands beside a layout only."""
        real = self.settings.real if self.facts.layouts else None
        return show(self.decided, real, self.words, self._on_wait)

    @property
    def of_text(self) -> tuple[Notice, ...]:
        """What there is to say of text and token. A token that typing left behind is no
        surprise."""
        said = self.decided.notices
        if self.session.from_address:
            return said
        return tuple(each for each in said if each.key != "notice.token_moved")

    def effect(self) -> None:
        """What heads that are off cost, where any is."""
        if self.settings.off:
            importlib.import_module("app.explore.sections.off").draw_effect(self.shown)

    def section(self) -> str | None:
        """The choice of a section, which is returned."""
        return st.segmented_control(
            self.words("section.label"),
            sections_of(self.facts),
            format_func=lambda name: self.words(f"section.{name}"),
            key=self.session.widget(Keys.SECTION),
            label_visibility="collapsed",
        )

    def below(self, section: str | None) -> None:
        """The section, and what the page is taken along by."""
        if section is not None:
            module = importlib.import_module(f"app.explore.sections.{section}")
            module.draw(self.shown, self.session)
        show_take(self.words, partial(whole_page, self.shown))
        show_share(self.words)

    def finish(self) -> None:
        """Remember the run. A choice that the page would make itself is no difference from the
        default, and an address need not carry what was cut off."""
        decided, settings = self.decided, self.settings
        auto, at, target = decided.auto, decided.at, decided.target
        told = replace(
            settings,
            layer=None if settings.layer == auto.layer else settings.layer,
            head=None if settings.head == auto.head else settings.head,
            token=None if at.token == auto.token and not at.also else at.token,
            also=at.also,
            text=decided.source.text if decided.source.cut else settings.text,
            target=target.text if target is not None and target.cut else settings.target,
        )
        self.session.finish(told=told, drawn=decided.settings)
