"""Addresses of a head: its card, and the page "Explore" where it stands. Pure; no Streamlit."""

from dataclasses import replace
from html import escape
from urllib.parse import urlencode

from app.explore import parameters as explore
from app.explore.offer import Family, ModelFacts
from app.explore.settings import defaults as explore_defaults
from app.heads import parameters
from app.heads.settings import HeadsSettings
from app.i18n import Words


def card_address(
    family: Family, settings: HeadsSettings, facts: ModelFacts, *, embed: bool = False
) -> str:
    """Of the card of the head that the settings choose, from the same page."""
    there = replace(settings, section="atlas")
    params = parameters.table(family, there.model, facts).write(there)
    return f"?{urlencode(params | ({'embed': 'true'} if embed else {}))}"


def explore_address(family: Family, settings: HeadsSettings, facts: ModelFacts) -> str:
    """Of the same model, layer and head on the page "Explore"."""
    there = replace(
        explore_defaults(family),
        n_heads=settings.n_heads,
        n_kv_heads=settings.n_kv_heads,
        lang=settings.lang,
        model=settings.model,
        text=family.openings[settings.lang],
        layer=settings.layer,
        head=settings.head,
    )
    own = None if facts.layouts else facts
    return f"./?{urlencode(explore.table(family, settings.model, own).write(there))}"


def head_link(
    family: Family, settings: HeadsSettings, facts: ModelFacts, words: Words, *, bare: bool
) -> str:
    """A head by its numbers, which lead to its card.

    Args:
        bare: within a frame, which a card must not leave for a whole page.
    """
    number = None if settings.layer is None else facts.number_of(settings.layer)
    said = words("heads.head", layer=number, head=settings.head)
    address = card_address(family, settings, facts, embed=bare)
    return anchor(address, said, bare=False)


def anchor(address: str, said: str, *, bare: bool) -> str:
    """A link; from within a frame it opens a window of its own."""
    target = "_blank" if bare else "_self"
    return f'<a href="{escape(address)}" target="{target}">{escape(said)}</a>'
