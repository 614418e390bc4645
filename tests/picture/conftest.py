"""Chromium for the tests of the picture: one page a scene."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.picture.synthetic import page as page_of


@pytest.fixture(scope="session")
def files(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> BrowserContext:
    """The profile in which files are opened, offline. An empty one stays open: all others join its
    process, and a page costs a third of what it does in a process and a profile of its own."""
    profile = chrome.new_context(offline=True, color_scheme="light")
    empty = tmp_path_factory.mktemp("files") / "empty.html"
    empty.write_text("", encoding="utf-8")
    profile.new_page().goto(empty.as_uri())
    return profile


@pytest.fixture
def show(files: BrowserContext, tmp_path: Path):
    """Open a page with one scene; a script error fails the test."""
    opened, errors = [], []

    def open_page(one, *, size=(1368, 900), **look):
        path = tmp_path / "page.html"
        path.write_text(page_of(one, **look), encoding="utf-8")
        page = files.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: _only_here(request.url, errors))
        page.goto(path.as_uri())
        page.wait_for_selector(".hc-weights")
        page.evaluate("document.fonts.ready.then(() => true)")
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.close()
    assert errors == []


def _only_here(url: str, errors: list[str]) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        errors.append(f"loaded {url}")
