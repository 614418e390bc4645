"""One server for all tests here; a page of its own for each, unless it only looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from attention.models.layouts import cards
from tests.browser.harness import APP, serve, wait_ready
from tests.look.states import Way, settle

MOST_STANDING = 8  # pages that stay open
NAVIGATION_MS = 120_000  # a page has to be there after: machines that others use stall


@dataclass
class Visited:
    """A page, and what went wrong there: errors in the console, requests to another server."""

    page: Page
    app_url: str
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        # On any page but the first Streamlit looks for itself below that page's path, too.
        address = message.location.get("url", "")
        probing = any(f"/{path}/_stcore/" in address for path in ("heads", "memory"))
        if message.type == "error" and not probing:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, url: str) -> None:
        ours = (self.app_url, self.app_url.replace("http", "ws"), "data:", "blob:")
        if not url.startswith(ours):
            self.wrong.append(f"outside: {url}")


Standing = dict[tuple[str, bool], Visited]


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    if (8, 2) not in cards.available_layouts():
        pytest.skip("layout 8x2 is not trained yet")
    with serve(APP, measures=False) as url:
        yield url


@pytest.fixture(scope="session")
def profiles(chrome: Browser, app_url: str) -> dict[bool, BrowserContext]:
    """Two visitors' profiles, by whether the screen is touched. All tests share them, and in each
    an empty page of the server that stays open: Streamlit's scripts come compiled from the cache,
    and from the process that all pages of a profile share, which halves what a page costs. Nothing
    moves where it need not: what fades and turns meanwhile is drawn sixty times a second.
    """
    found = {}
    for touch in (False, True):
        profile = chrome.new_context(has_touch=touch, is_mobile=touch, reduced_motion="reduce")
        profile.set_default_navigation_timeout(NAVIGATION_MS)
        profile.new_page().goto(f"{app_url}/_stcore/health")
        found[touch] = profile
    return found


@pytest.fixture(scope="session")
def standing() -> Standing:
    """The pages of :func:`look`, by address and whether the screen is touched."""
    return {}


@pytest.fixture
def profile(
    app_url: str,
    profiles: dict[bool, BrowserContext],
    standing: Standing,
) -> Iterator[BrowserContext]:
    """The profile of a visitor with a mouse."""
    yield profiles[False]
    forget(profiles[False], app_url, standing)


def forget(profile: BrowserContext, app_url: str, standing: Standing) -> None:
    """Close its pages but those that stay and drop whatever they left, but for the cache."""
    stay = [visited.page for visited in standing.values()]
    for page in profile.pages[1:]:
        if page in stay:
            continue
        if page.url.startswith(app_url):
            page.evaluate("localStorage.clear()")
        page.close()
    profile.clear_cookies()
    profile.clear_permissions()


@pytest.fixture
def visit(
    app_url: str,
    profiles: dict[bool, BrowserContext],
    standing: Standing,
) -> Iterator[Callable[..., Page]]:
    """``visit("?heads=4", width=390)``: a page, ready. At the end nothing may have gone wrong:
    no error in the console, no request to anywhere but the server. ``width``, ``height`` and
    ``dark`` are those of :class:`tests.look.states.Way`."""
    opened: list[Visited] = []

    def open_page(query: str = "", *, touch: bool = False, **window: Any) -> Page:
        visited = Visited(profiles[touch].new_page(), app_url)
        opened.append(visited)
        Way("", **window).turn(visited.page)
        visited.page.goto(f"{app_url}/{query}")
        wait_ready(visited.page)
        return visited.page

    yield open_page
    for profile in profiles.values():
        forget(profile, app_url, standing)
    assert [wrong for visited in opened for wrong in visited.wrong] == []


@pytest.fixture
def look(
    app_url: str,
    profiles: dict[bool, BrowserContext],
    standing: Standing,
) -> Iterator[Callable[..., Page]]:
    """As ``visit``, for who chooses nothing on the page: all look at the same one of an address, in
    windows and colours of their own, as to open it takes seconds."""
    looked: list[Visited] = []

    def find_page(query: str = "", *, touch: bool = False, **window: Any) -> Page:
        known = standing.pop((query, touch), None)
        visited = known or Visited(profiles[touch].new_page(), app_url)
        standing[query, touch] = visited  # the last one is dropped last
        looked.append(visited)
        page = visited.page
        Way("", **window).turn(page)
        if known is None:
            page.goto(f"{app_url}/{query}")
            wait_ready(page)
        else:
            page.bring_to_front()
            page.keyboard.press("Escape")
            page.mouse.move(0, 0)
            page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
            settle(page)
        return page

    yield find_page
    for key in list(standing)[:-MOST_STANDING]:
        standing.pop(key).page.close()
    assert [wrong for visited in looked for wrong in visited.wrong] == []
