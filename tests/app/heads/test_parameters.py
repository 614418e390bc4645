"""The address of the page "Heads", there and back."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from app.explore.offer import TRAINED, Family
from app.heads.links import anchor, card_address, explore_address
from app.heads.parameters import HeadsPage
from app.heads.settings import HeadsSettings, defaults
from tests.app.heads.hand_made import FACTS, SETTINGS

FAMILY = Family(
    layouts=((8, 1), (8, 2), (8, 8), (32, 8)),
    n_layers=3,
    d_model=256,
    languages=("en", "hi"),
    openings={"en": "The cat sat.", "hi": "बिल्ली बैठी।"},
)
PAGE = HeadsPage(FAMILY, lambda name: FACTS if name == FACTS.name else None)
START = defaults(FAMILY)


@pytest.mark.parametrize(
    ("settings", "params"),
    [
        (START, {}),
        (replace(START, layer=2, head=7), {"layer": "2", "head": "7"}),
        (
            replace(START, section="find", x="copying", y="subject_hi", best="role-first"),
            {"section": "find", "x": "copying", "y": "subject_hi", "best": "role-first"},
        ),
        (
            replace(START, n_heads=32, n_kv_heads=8, lang="hi"),
            {"heads": "32", "kv_heads": "8", "lang": "hi"},
        ),
    ],
)
def test_there_and_back(settings: HeadsSettings, params: dict[str, str]) -> None:
    table = PAGE.table(TRAINED)
    expected = table.fit(settings)[0]
    assert {k: v for k, v in table.write(settings).items() if k != "kv_heads"} == {
        k: v for k, v in params.items() if k != "kv_heads"
    }
    assert PAGE.read(params) == (expected, ())


def test_a_score_that_is_none_becomes_the_nearest() -> None:
    settings, [notice] = PAGE.read({"x": "inductoin"})
    assert settings.x == "induction"
    assert notice.values == {"name": "x", "given": "inductoin", "value": "induction"}


def test_the_card_has_an_address() -> None:
    address = card_address(FAMILY, SETTINGS, FACTS, embed=True)
    assert dict(parse_qsl(address.removeprefix("?"))) == {
        "model": "hand/made", "layer": "0", "head": "1", "embed": "true",
    }  # fmt: skip
    settings, notices = PAGE.read(dict(parse_qsl(address.removeprefix("?"))))
    assert (settings, notices) == (SETTINGS, ())


def test_explore_opens_at_the_same_head() -> None:
    address = explore_address(FAMILY, SETTINGS, FACTS)
    assert dict(parse_qsl(address.removeprefix("./?"))) == {
        "model": "hand/made", "layer": "0", "head": "1",
    }  # fmt: skip


def test_a_link_is_escaped_and_leaves_a_frame() -> None:
    assert anchor("?a=1&b=2", "<x>", bare=False) == (
        '<a href="?a=1&amp;b=2" target="_self">&lt;x&gt;</a>'
    )
    assert 'target="_blank"' in anchor("?", "x", bare=True)
