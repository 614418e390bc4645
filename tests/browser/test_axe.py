"""All pages by axe-core's rules (https://github.com/dequelabs/axe-core), the picture included."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.look.states import STATES, WAYS, State, Way, opened
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
#: Looked at every time.
SMOKE = ("explore-light", "memory-light")
#: Looked at in the dark and on a phone too; the first state of all is looked at every way.
TWO_WAYS = ("memory", "heads-card", "heads-find", "heads-share")
LOOKS = [
    *((state, WAYS[0]) for state in STATES),
    *((STATES[0], way) for way in WAYS[1:]),
    *(
        (state, way)
        for state in STATES
        if state.name in TWO_WAYS
        for way in WAYS
        if way.name in ("dark", "hindi-phone")
    ),
]


def case(state: State, way: Way) -> Any:
    name = f"{state.name}-{way.name}"
    return pytest.param(state, way, id=name, marks=pytest.mark.smoke if name in SMOKE else ())


def faults(page: Page, alike: str | None = None) -> list[str]:
    """What axe-core finds on a page.

    Args:
        alike: selector of what is not looked at pixel by pixel.
    """
    page.add_script_tag(path=str(AXE))
    whole = {rule: {"enabled": rule not in OF_PIXELS} for rule in (*ASKED, *OF_PIXELS)}
    found = _found(page, [], {"rules": whole})
    found += _found(page, [alike] if alike else [], {"runOnly": list(OF_PIXELS)})
    return [
        f"{rule}: {target} {told}"
        for rule, target, told in found
        if not (rule.startswith("target-size") and any(one in target for one in EQUIVALENT))
    ]


def _found(page: Page, without: list[str], options: dict[str, Any]) -> list[list[str]]:
    return page.evaluate(RUN, [[[one] for one in (*LEFT_OUT, *without)], GRAVE, options])


@pytest.mark.parametrize(("state", "way"), [case(state, way) for state, way in LOOKS])
def test_nothing_stands_in_the_way(
    app_url: str, profile: BrowserContext, state: State, way: Way
) -> None:
    if state.model:
        fetched(state.model)
    with opened(profile, app_url, state, way) as page:
        assert faults(page, state.alike) == []
