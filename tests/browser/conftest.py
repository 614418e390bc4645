"""One server for all tests here; a page of its own for each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from attention.models.layouts import cards
from tests.browser.harness import APP, serve, wait_ready


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
        profile.new_page().goto(f"{app_url}/_stcore/health")
        found[touch] = profile
    return found


@pytest.fixture
def profile(app_url: str, profiles: dict[bool, BrowserContext]) -> Iterator[BrowserContext]:
    """The profile of a visitor with a mouse."""
    yield profiles[False]
    forget(profiles[False], app_url)


def forget(profile: BrowserContext, app_url: str) -> None:
    """Close its pages but the empty one and drop whatever they left, but for the cache."""
    for page in profile.pages[1:]:
        if page.url.startswith(app_url):
            page.evaluate("localStorage.clear()")
        page.close()
    profile.clear_cookies()
    profile.clear_permissions()


@pytest.fixture
def visit(app_url: str, profiles: dict[bool, BrowserContext]) -> Iterator[Callable[..., Page]]:
    """``visit("?heads=4", width=390)``: a page, ready. At the end nothing may have gone wrong:
    no error in the console, no request to anywhere but the server."""
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # On any page but the first Streamlit looks for itself below that page's path, too.
        address = message.location.get("url", "")
        probing = any(f"/{path}/_stcore/" in address for path in ("heads", "memory"))
        if message.type == "error" and not probing:
            wrong.append(f"console: {message.text}")

    def asked(url: str) -> None:
        if not url.startswith((app_url, app_url.replace("http", "ws"), "data:", "blob:")):
            wrong.append(f"outside: {url}")

    def open_page(
        query: str = "",
        *,
        width: int = 1400,
        height: int = 900,
        dark: bool = False,
        touch: bool = False,
    ) -> Page:
        page = profiles[touch].new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: asked(request.url))
        page.goto(f"{app_url}/{query}")
        wait_ready(page)
        return page

    yield open_page
    for profile in profiles.values():
        forget(profile, app_url)
    assert wrong == []
