"""Both pages by axe-core's rules (https://github.com/dequelabs/axe-core), the picture included."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.look.states import STATES, WAYS, State, Way, opened
from tests.models.real import fetched

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
#: Everything but minor faults is ours to mend.
GRAVE = ("critical", "serious", "moderate")
RUN = """async ([exclude, grave]) => {
  const found = await axe.run({ exclude }, { resultTypes: ["violations"] });
  return found.violations.filter((one) => grave.includes(one.impact)).flatMap((one) =>
    one.nodes.map((node) => `${one.id} (${one.impact}): ${node.target.join(" ")}`
      + ` ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`));
}"""
#: Parts of Streamlit that no option of it mends, and why.
STREAMLITS_OWN: dict[str, str] = {}
LOOKS = [
    *((state, WAYS[0]) for state in STATES),
    *((STATES[0], way) for way in WAYS[1:]),
    *((state, way) for state in STATES if state.name == "memory" for way in WAYS[1:]),
]


def faults(page: Page) -> list[str]:
    page.add_script_tag(path=str(AXE))
    return page.evaluate(RUN, [[[one] for one in STREAMLITS_OWN], GRAVE])


@pytest.mark.parametrize(
    ("state", "way"), [pytest.param(*look, id=f"{look[0].name}-{look[1].name}") for look in LOOKS]
)
def test_nothing_stands_in_the_way(
    app_url: str, chrome: Browser, state: State, way: Way
) -> None:
    if state.model:
        fetched(state.model)
    with opened(chrome, app_url, state, way) as page:
        assert faults(page) == []
