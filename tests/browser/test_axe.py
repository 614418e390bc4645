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
#: The rules that look at every node's pixels, which is three quarters of the time.
OF_PIXELS = ("color-contrast", "target-size")
RUN = """async ([exclude, grave, asked, only]) => {
  const rules = Object.fromEntries(asked.map((rule) => [rule, { enabled: true }]));
  const which = only ? { runOnly: only } : { rules };
  const found = await axe.run({ exclude }, { resultTypes: ["violations"], ...which });
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


def faults(page: Page) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(RUN, [[[one] for one in LEFT_OUT], GRAVE, ASKED])
    return [
        f"{rule}: {target} {told}"
        for rule, target, told in found
        if not (rule.startswith("target-size") and any(one in target for one in EQUIVALENT))
    ]


@pytest.mark.parametrize(("state", "way"), [case(state, way) for state, way in LOOKS])
def test_nothing_stands_in_the_way(
    app_url: str, profile: BrowserContext, state: State, way: Way
) -> None:
    if state.model:
        fetched(state.model)
    with opened(profile, app_url, state, way) as page:
        assert faults(page) == []
