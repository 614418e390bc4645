"""One server for all tests here; a page of its own for each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from attention.models.layouts import load
from tests.browser.harness import APP, serve, wait_ready


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    if (8, 2) not in load.available_layouts():
        pytest.skip("layout 8x2 is not trained yet")
    with serve(APP) as url:
        yield url


@pytest.fixture
def visit(app_url: str, chrome: Browser) -> Iterator[Callable[..., Page]]:
    """``visit("?heads=4", width=390)``: a page, ready. At the end nothing may have gone wrong:
    no error in the console, no request to anywhere but the server."""
    wrong: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
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
        scheme = "dark" if dark else "light"
        context = chrome.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: asked(request.url))
        page.goto(f"{app_url}/{query}")
        wait_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
