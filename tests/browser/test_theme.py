"""What Python colours, when the visitor changes the colours of the page that is open."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from attention.theme import DARK, LIGHT, Theme, role_color
from tests.browser.test_take import rgb
from tests.look.states import Way, settle

Visit = Callable[..., Page]


def mixed(page: Page) -> Locator:
    """A head of the atlas whose colour is another one in the dark."""
    return page.locator(".hc-atlas-cell", has_text="mixed").first


def is_in(page: Page, theme: Theme) -> None:
    expect(mixed(page)).to_have_css("background-color", rgb(role_color(theme, "mixed")))


def choose(page: Page, name: str) -> None:
    """In Streamlit's own menu."""
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_test_id("stMainMenuPopover").get_by_text(name, exact=False).last.click()
    page.keyboard.press("Escape")


def test_it_follows_the_machine_and_the_menu(visit: Visit) -> None:
    page = visit("heads?layer=1&head=3")
    is_in(page, LIGHT)
    Way("", dark=True).turn(page)
    is_in(page, DARK)
    choose(page, "Light")
    is_in(page, LIGHT)


def test_a_page_that_opens_in_the_dark_runs_once(visit: Visit) -> None:
    sent: list[str | bytes] = []
    page = visit("memory", dark=True)
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))
    page.reload()
    page.wait_for_selector(".hc-share", state="attached")
    settle(page)
    assert len(sent) == 1
