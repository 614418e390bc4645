"""All pages by axe-core's rules (https://github.com/dequelabs/axe-core), the picture included."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.explore.settings import PARTS
from tests.look.states import STATES, WAYS, opened, settle
from tests.models.real import fetched

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
#: Everything but minor faults is ours to mend.
GRAVE = ("critical", "serious", "moderate")
#: Rules that axe-core leaves out by itself: WCAG 2.2, 2.5.8 (24 px or the room of it), and 2.5.3.
ASKED = ("target-size", "label-content-name-mismatch")
#: Rules that look at every node's pixels, three quarters of the time.
OF_PIXELS = ("color-contrast", "target-size")
RUN = """async ([exclude, grave, options]) => {
  const found = await axe.run({ exclude }, { resultTypes: ["violations"], ...options });
  return found.violations.filter((one) => grave.includes(one.impact)).flatMap((one) =>
    one.nodes.map((node) => [`${one.id} (${one.impact})`, node.target.flat().join(" "),
      `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`]));
}"""
#: What is left out, and why: parts of Streamlit that no option of it mends.
LEFT_OUT = {
    ".stSlider:has(input:disabled)": "grey is how it shows what is off; WCAG 2.2, 1.4.3 allows it",
}
#: Small targets whose function a larger one on the page has, too (2.5.8, "Equivalent").
EQUIVALENT = {
    ".hc-cell": "the layer's slider and the tiles",
}
#: Looked at in the dark and on a Hindi phone, too.
MORE = ("memory", "heads-card", "heads-find", "heads-share")
#: Of each page the first state, the key of its sections, and what stands above every one of them.
PAGES = (("explore", "section", ".st-key-picture"), ("heads", "heads_section", None),
         ("memory", "memory_section", None))  # fmt: skip
LOOKS = {
    state.name: state
    for state in STATES
    if tuple(dict(state.query)) != ("section",)
    if not (dict(state.query).get("view") and not state.model)
    if state.name not in {name for name, *_ in PAGES}  # whole, before their other sections
}
NAMED = {state.name: state for state in STATES}
DARK, HINDI_PHONE = (way for way in WAYS if way.name in ("dark", "hindi-phone"))


def faults(page: Page, alike: str | None = None) -> list[str]:
    """What axe-core finds on a page.

    Args:
        alike: selector of what is not looked at pixel by pixel.
    """
    if not page.evaluate("'axe' in window"):  # to read it takes as long as a small page
        page.add_script_tag(path=str(AXE))
    if alike is None:  # all in one go: to read the page is a quarter of what a run costs
        found = _found(page, [], {"rules": _rules(pixels=True)})
    else:
        found = _found(page, [], {"rules": _rules(pixels=False)})
        found += _found(page, [alike], {"runOnly": list(OF_PIXELS)})
    return [
        f"{rule}: {target} {told}"
        for rule, target, told in found
        if not (rule.startswith("target-size") and any(one in target for one in EQUIVALENT))
    ]


def faults_in_the_dark(page: Page, name: str) -> list[str]:
    """Of some states; the page is light again afterwards."""
    if name not in MORE:
        return []
    found = []
    for way in (DARK, WAYS[0]):
        way.turn(page)
        page.wait_for_timeout(400)  # the page hears of it, and draws its charts anew
        settle(page)
        found += [f"dark: {one}" for one in faults(page)] if way is DARK else []
    return found


def _rules(*, pixels: bool) -> dict[str, dict[str, bool]]:
    return {rule: {"enabled": pixels or rule not in OF_PIXELS} for rule in {*ASKED, *OF_PIXELS}}


def _found(page: Page, without: list[str], options: dict[str, Any]) -> list[list[str]]:
    return page.evaluate(RUN, [[[one] for one in (*LEFT_OUT, *without)], GRAVE, options])


@pytest.mark.parametrize("name", LOOKS)
def test_nothing_stands_in_the_way(app_url: str, profile: BrowserContext, name: str) -> None:
    state = LOOKS[name]
    if state.model:
        fetched(state.model)
    with opened(profile, app_url, state, WAYS[0]) as page:
        assert faults(page) + faults_in_the_dark(page, name) == []


@pytest.mark.parametrize(("name", "key", "above"), PAGES, ids=[name for name, *_ in PAGES])
def test_nor_in_any_section(
    app_url: str, profile: BrowserContext, name: str, key: str, above: str | None
) -> None:
    with opened(profile, app_url, NAMED[name], WAYS[0]) as page:
        sections = page.locator(f"[class*='st-key-{key}'] [role=radio]")
        closed = [i for i, one in enumerate(sections.all()) if not one.is_checked()]
        found, results = [("as it opens", *faults(page), *faults_in_the_dark(page, name))], []
        for section in map(sections.nth, closed):
            section.click()
            expect(section).to_be_checked()
            page.wait_for_timeout(400)  # the page hears of it
            settle(page)
            asked = page.locator(".st-key-heads_ask button")
            if asked.count():  # its result: of pruning, of training on
                asked.click()
                expect(asked).to_have_count(0)
                settle(page)
                results.append(page.locator(".hc-verdict").last.inner_text())
            found += [(section.inner_text(), *faults(page, above))]
        assert len(found) > 4
        assert name != "heads" or "Validation loss" in results[-1]
        assert [one for one in found if len(one) > 1] == []


def test_nor_where_a_part_is_presented(app_url: str, profile: BrowserContext) -> None:
    found = []
    with opened(profile, app_url, NAMED["present-split"], WAYS[0]) as page:
        for part in PARTS[:-1]:  # a layout has no map
            expect(page.locator(".hc-picture")).to_have_attribute("data-part", part)
            settle(page)
            found += [f"{part}: {one}" for one in faults(page)]
            page.keyboard.press("PageDown")
    assert found == []


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_nor_any_other_way(app_url: str, profile: BrowserContext, lang: str) -> None:
    first, *others = (way for way in WAYS if way.lang == lang)
    with opened(profile, app_url, STATES[0], first) as page:
        found = [] if first is WAYS[0] else faults(page)
        for way in others:
            way.turn(page)
            settle(page)
            found += [f"{way.name}: {one}" for one in faults(page)]
        assert found == []


@pytest.mark.parametrize("name", MORE)
def test_nor_on_a_hindi_phone(app_url: str, profile: BrowserContext, name: str) -> None:
    with opened(profile, app_url, NAMED[name], HINDI_PHONE) as page:
        assert faults(page) == []
