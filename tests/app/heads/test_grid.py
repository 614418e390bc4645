"""The atlas as cells, and its table of roles."""

from dataclasses import replace

import pytest

from app.heads.grid import agreement_said, cell_of, grid_data, roles_html
from app.i18n import load_words
from attention.theme import DARK, LIGHT, role_color
from tests.app.heads.hand_made import ATLAS, FACTS

WORDS = load_words("en")
DATA = grid_data(ATLAS, FACTS, (0, 1), LIGHT, WORDS)


def test_every_head_is_a_cell_under_its_kv_head() -> None:
    places = [
        [[(cell["layer"], cell["head"]) for cell in group["cells"]] for group in row]
        for row in DATA["rows"]
    ]
    assert places == [
        [[(0, 0), (0, 1)], [(0, 2), (0, 3)]],
        [[(1, 0), (1, 1)], [(1, 2), (1, 3)]],
    ]
    assert [group["name"] for group in DATA["rows"][0]] == ["KV head 0", "KV head 1"]
    assert [group["color"] for group in DATA["rows"][0]] == list(LIGHT.kv[:2])
    assert DATA["chosen"] == [0, 1]


def test_a_cell_says_its_role_and_where_ordinary_text_differs() -> None:
    first, second = DATA["rows"][0][0]["cells"]
    assert first["says"] == "Layer 0, head 0, KV head 0: previous 0.90."
    assert second["says"] == ("Layer 0, head 1, KV head 0: previous 0.70. On ordinary text: first.")
    assert (first["word"], first["code"]) == ("previous", "pr")
    assert first["color"] == role_color(LIGHT, "previous") != role_color(DARK, "previous")
    assert (first["score"], first["other"], second["other"]) == (0.9, "", "first")


def test_the_legend_of_a_file_has_the_roles_that_there_are() -> None:
    roles = grid_data(ATLAS, FACTS, None, DARK, WORDS)["roles"]
    assert [role["name"] for role in roles] == [
        "mixed: no single role",
        "previous: mostly the previous token",
        "induction: what followed the same token before",
    ]
    assert roles[1]["code"] == "pr"
    assert roles[1]["color"] == role_color(DARK, "previous")
    assert roles[1]["paper"] == role_color(LIGHT, "previous")
    assert DATA["cut"] == "another role on ordinary text"
    agreed = tuple(tuple(replace(head, agrees=True) for head in row) for row in ATLAS.heads)
    assert grid_data(replace(ATLAS, heads=agreed), FACTS, None, LIGHT, WORDS)["cut"] == ""


@pytest.mark.parametrize(
    ("heard", "place"),
    [
        ({"layer": 1, "head": 3}, (1, 3)),
        ({"layer": 1, "head": 4}, None),
        ({"layer": 2, "head": 0}, None),
        ({"layer": -1, "head": 0}, None),
        ({"layer": True, "head": 0}, None),
        ({"layer": "0", "head": 0}, None),
        ({"layer": 0}, None),
        ([0, 1], None),
        (None, None),
    ],
)
def test_only_a_head_of_the_model_is_heard(heard: object, place: tuple | None) -> None:
    assert cell_of(heard, FACTS) == place


def test_roles_are_counted() -> None:
    html = roles_html(ATLAS, LIGHT, WORDS)
    rows = [row for row in html.split("<tr>") if 'scope="row"' in row]
    counts = [
        (row.split("<b>")[1].split("</b>")[0], row.count("<td>"), row.split("<td>")[1:])
        for row in rows[:-1]
    ]
    assert [(name, *(int(cell.split("<")[0]) for cell in cells)) for name, _, cells in counts] == [
        ("mixed", 4, 0),
        ("previous", 2, 1),
        ("induction", 2, 1),
    ]
    assert ">All</th><td>8</td><td>2</td>" in html


def test_how_far_roles_hold_is_said() -> None:
    assert agreement_said(ATLAS, WORDS) == (
        "5 heads have their role on ordinary text, too. 2 have another one there. "
        "Of 1 ordinary text has too few places to say."
    )
