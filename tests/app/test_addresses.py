"""The link is the screen: whatever an address says, what the page writes of it says the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.explore.parameters import ExplorePage
from app.heads.parameters import HeadsPage
from app.memory.compute import gpu_names, model_names
from app.memory.parameters import table as memory_table
from app.parameters import Parameter
from app.table import Part, Table
from tests.app.explore.test_parameters import FACTS, WHOLE

EXPLORE, HEADS = (
    page(WHOLE, lambda name: FACTS if name == "smollm2" else None)
    for page in (ExplorePage, HeadsPage)
)
MEMORY = memory_table(WHOLE.languages, model_names(), gpu_names())


def parameters(table: Table[Any]) -> Iterator[tuple[Parameter, dict[str, Any]]]:
    """Those of a table and of its parts, each with the settings that it starts beside."""
    for entry in table.entries:
        if isinstance(entry, Part):
            yield from parameters(entry.table)
        elif isinstance(entry, Parameter):
            yield entry, getattr(table.start, "__dict__", {})


def addresses(table: Table[Any]) -> st.SearchStrategy[dict[str, str]]:
    """Some parameters, each with one of its options, a number or any text."""
    said = {}
    for parameter, beside in parameters(table):
        kind = parameter.kind(beside) if callable(parameter.kind) else parameter.kind
        options = [str(each) for each in getattr(kind, "options", ())[:50]]
        said[parameter.param or parameter.name] = (
            st.sampled_from(options or ["0"]) | st.integers(0, 40).map(str) | st.text(max_size=12)
        )
    return st.fixed_dictionaries({}, optional=said)


@pytest.mark.parametrize(
    ("page", "table_of", "model"),
    [
        pytest.param(EXPLORE, EXPLORE.table, "trained", id="explore"),
        pytest.param(EXPLORE, EXPLORE.table, "smollm2", id="explore-model"),
        pytest.param(HEADS, HEADS.table, "trained", id="heads"),
        pytest.param(HEADS, HEADS.table, "smollm2", id="heads-model"),
        pytest.param(MEMORY, lambda model: MEMORY, None, id="memory"),
    ],
)
@given(st.data())
@settings(max_examples=40)
def test_what_is_written_means_what_was_read(
    page: Any, table_of: Callable[[str | None], Table[Any]], model: str | None, data: st.DataObject
) -> None:
    asked = data.draw(addresses(table_of(model))) | ({"model": model} if model else {})
    found, _ = page.read(asked)
    again, notices = page.read(table_of(model).write(found))
    assert (again, notices) == (found, ())


def test_every_setting_is_asked_for() -> None:
    tables = (EXPLORE.table("trained"), HEADS.table("trained"), MEMORY)
    names = {each.param or each.name for table in tables for each, _ in parameters(table)}
    assert {"heads", "kv_heads", "off", "section", "part", "beside", "temperature", "real"} <= names
    assert {"forms", "step", "rank", "x", "context", "gpu", "engine"} <= names
