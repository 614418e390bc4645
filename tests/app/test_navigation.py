"""What every page begins with."""

import re
from pathlib import Path

import pytest

from app import navigation

APP = Path(navigation.__file__).parent
#: A root, or the whole page, that is asked what it holds.
ASKS = re.compile(r"(?::root|html|body|\.stApp)(?:\[[^\]]*\])?:has\(")
SHEETS = sorted(set(APP.rglob("*.css")) - {APP / "explore" / "present.css"})


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_sheet_asks_the_root_what_it_holds(sheet: Path) -> None:
    """Each change of the page would have the style of all of it found anew: a sheet that does so,
    the presenter's, is on the page only while somebody presents."""
    assert ASKS.findall(sheet.read_text(encoding="utf-8")) == []


def test_the_presenters_sheet_is_not_among_those_of_every_page() -> None:
    assert ASKS.search((APP / "explore" / "present.css").read_text(encoding="utf-8"))
    assert not ASKS.search(navigation._style())
