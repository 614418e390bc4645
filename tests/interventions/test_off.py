import pytest

from attention.config import AttentionConfig
from attention.interventions.off import Off, OffError

SHAPE = AttentionConfig(d_model=32, n_heads=8, n_kv_heads=2)


@pytest.mark.parametrize(
    ("text", "heads", "written"),
    [
        ("1.3,1.5", {(1, 3), (1, 5)}, "1.3,1.5"),
        (" 10.0 , 2.11,10.0", {(10, 0), (2, 11)}, "2.11,10.0"),
        ("", set(), ""),
        ("  ", set(), ""),
    ],
)
def test_what_is_written_is_read_again(text, heads, written):
    off = Off.parse(text)
    assert (off.heads, str(off), bool(off)) == (frozenset(heads), written, bool(heads))
    assert Off.parse(str(off)) == off
    assert len({off, Off.parse(str(off)), Off.parse(text, "mean")}) == 2


@pytest.mark.parametrize(
    "part", ["1", "1.", ".3", "1-3", "1.3.5", "-1.3", "a.b", "1. 3", "²." + "3"]
)
def test_what_is_no_head_is_named(part):
    with pytest.raises(OffError) as refused:
        Off.parse(f"0.0,{part}")
    assert str(refused.value) == (
        f"{part!r} is no head: write its layer, a point and its number, both from 0, and a comma "
        "between heads: 1.3,1.5."
    )


def test_an_unknown_kind_is_named():
    with pytest.raises(OffError, match=r"^kind 'noise' is unknown: choose zero or mean\.$"):
        Off.parse("1.3", "noise")


def test_a_head_that_the_model_has_not_is_named_with_those_it_has():
    with pytest.raises(OffError) as no_layer:
        Off.parse("0.1,3.1").require([SHAPE] * 3)
    assert str(no_layer.value) == "head 3.1 does not exist: the model has layers 0 to 2."
    with pytest.raises(OffError) as no_head:
        Off.parse("0.1,2.8").require([SHAPE] * 3)
    assert str(no_head.value) == "head 2.8 does not exist: layer 2 has heads 0 to 7."


@pytest.mark.parametrize(
    ("off", "idle"),
    [("", 0), ("1.0,1.1,1.2", 0), ("1.0,1.1,1.2,1.3", 1), ("1.3,1.4,1.5,1.6,1.7", 1), ("0.0", 0)],
)
def test_a_kv_head_is_idle_once_every_query_head_of_it_is_off(off, idle):
    assert Off.parse(off).idle_kv_heads(1, SHAPE) == idle
