"""``python -m tests.look [FOLDER] [--only WORD] [--readme]``: every page and state as pictures.

One picture a state and way, ``FOLDER/<state>-<way>.png``, the whole page down to its end, for a
person to look at. ``--readme`` writes those of the README into docs/ instead.
"""

import argparse
from pathlib import Path

from playwright.sync_api import BrowserContext

from attention.models.store import inventory
from tests.browser.harness import APP, ROOT, browser, serve
from tests.look.states import STATES, WAYS, State, Way, opened

README = ("explore", "memory", "heads-card")  # whose pictures are in docs/, in light colours
# Streamlit's own box scrolls, and a picture of the page ends where its window does.
TALL = """() => document.querySelector('[data-testid=stMain]').scrollHeight"""


def main() -> None:
    """Draw what was asked for, and say where it lies."""
    parser = argparse.ArgumentParser(prog="python -m tests.look", description=__doc__)
    parser.add_argument("folder", nargs="?", default="look", type=Path)
    parser.add_argument("--only", default="", help="a part of the pictures' names")
    parser.add_argument("--readme", action="store_true", help="the README's pictures alone")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    with serve(APP) as url, browser() as chrome:
        profile = chrome.new_context()
        for state in STATES:
            if args.readme and state.name not in README:
                continue
            if state.model and inventory.state(state.model) != "ready":
                print(f"{state.name}: left out, {state.model} is not fetched")
                continue
            if args.readme:
                path = ROOT / "docs" / f"{state.name}.png"
                draw(profile, url, state, WAYS[0], path, tall=False)
                continue
            for way in WAYS:
                name = f"{state.name}-{way.name}"
                if args.only in name:
                    draw(profile, url, state, way, args.folder / f"{name}.png", tall=True)


def draw(
    profile: BrowserContext, url: str, state: State, way: Way, path: Path, *, tall: bool
) -> None:
    """One picture; of the window alone, or ``tall``: of the whole page."""
    with opened(profile, url, state, way) as page:
        if tall:
            height = max(way.height, page.evaluate(TALL))
            page.set_viewport_size({"width": way.width, "height": height})
            page.wait_for_timeout(500)
        page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main()
