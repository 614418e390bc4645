"""Every state of the pages that is looked at, and the ways to look: for eyes and for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Page

from app.explore.settings import PARTS
from app.explore.settings import SECTIONS as EXPLORE_SECTIONS
from app.heads.settings import SECTIONS as HEADS_SECTIONS
from app.memory.settings import SECTIONS as MEMORY_SECTIONS
from tests.browser.harness import wait_ready

LONG = " ".join(["the cat sat on the mat and the dog sat on the rug while"] * 24)[:1400]
PATIENCE_S = 240  # an atlas may have to be measured, or a model loaded
HINDI = "क्षत्रिय ने बाज़ार में चाबियाँ खो दीं 🙂"
# Long work on the page Heads has a button that stops it until it is over.
SETTLED = """() => !document.querySelector(
    '[data-testid=stSkeleton], [data-stale=true], .st-key-heads_stop')
  && !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"""


@dataclass(frozen=True)
class State:
    """What a page shows: its address, without a language."""

    name: str
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def model(self) -> str | None:
        """The language model that has to be fetched for it."""
        return None if self.path == "memory" else dict(self.query).get("model")

    def address(self, lang: str) -> str:
        query = self.query if lang == "en" else (*self.query, ("lang", lang))
        return f"/{self.path}?{urlencode(query)}"


@dataclass(frozen=True)
class Way:
    """One way to look at it: the window, the colours of the machine, the language."""

    name: str
    width: int = 1400
    height: int = 900
    dark: bool = False
    forced: bool = False
    lang: str = "en"

    def page(self, profile: BrowserContext) -> Page:
        """An empty page that is looked at this way."""
        page = profile.new_page()
        self.turn(page)
        return page

    def turn(self, page: Page) -> None:
        """Look at a page that is open this way; it stays in its language."""
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(
            color_scheme="dark" if self.dark else "light",
            forced_colors="active" if self.forced else "none",
        )


def _explore(name: str, **query: str) -> State:
    return State(name, "", tuple(query.items()))


def _heads(name: str, **query: str) -> State:
    return State(name, "heads", tuple(query.items()))


def _memory(name: str, **query: str) -> State:
    return State(name, "memory", tuple(query.items()))


STATES = (
    _explore("explore"),
    *(_explore(f"explore-{section}", section=section) for section in EXPLORE_SECTIONS),
    _explore("explore-32-8", heads="32", kv_heads="8"),
    _explore("explore-long", text=LONG),
    _explore("explore-pieces", text=HINDI),
    _explore("explore-raw", text=HINDI, pieces="raw"),
    _explore("explore-both-ways", mask="bidirectional", width="4096"),
    _explore("explore-smollm2", model="smollm2"),
    _explore("explore-next-token", model="smollm2", section="generate"),
    _explore("explore-minilm", model="minilm", text="an unbelievable embedding"),
    *(_explore(f"present-{part}", view="present", part=part) for part in PARTS[:-1]),
    _explore("present-map", view="present", part="map", model="smollm2"),
    _heads("heads"),
    *(_heads(f"heads-{section}", section=section) for section in HEADS_SECTIONS[1:]),
    _heads("heads-card", layer="1", head="3"),
    _heads("heads-embed", layer="1", head="3", embed="true"),
    _heads("heads-32-8", heads="32", kv_heads="8"),
    _heads("heads-smollm2", model="smollm2"),
    _heads("heads-smollm2-share", model="smollm2", section="share"),
    _memory("memory"),
    *(_memory(f"memory-{section}", section=section) for section in MEMORY_SECTIONS),
    _memory("memory-gemma", model="Gemma-3-27B", engine="vllm"),
    _memory("memory-refused", source="paste", config="{"),
)
WAYS = (
    Way("light"),
    Way("dark", dark=True),
    Way("forced", forced=True),
    Way("forced-dark", forced=True, dark=True),
    Way("wide", 1920, 1080),
    Way("projector", 1280, 720),
    Way("phone", 390, 844),
    Way("hindi", lang="hi"),
    Way("hindi-phone", 390, 844, lang="hi"),
)


@contextmanager
def opened(profile: BrowserContext, url: str, state: State, way: Way) -> Iterator[Page]:
    """The page in this state, drawn to the end."""
    page = way.page(profile)
    try:
        page.goto(url + state.address(way.lang))
        wait_ready(page, PATIENCE_S)
        if not state.path:
            page.wait_for_selector(".hc-weights", state="attached")  # presented, a part is alone
        settle(page)
        yield page
    finally:
        page.close()


def settle(page: Page) -> None:
    """Wait until the page is drawn to the end, with nothing broken on it."""
    page.wait_for_function(SETTLED)
    assert page.locator("[data-testid=stException]").count() == 0
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(400)  # charts are drawn after the script has run
