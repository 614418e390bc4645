"""Settings from the address and back: nearest valid values, notices, nothing that differs not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.address import Family, Notice, Settings, defaults, nearest, read, write
from attention.config import divisors

WHOLE = Family(
    layouts=tuple((heads, kv) for heads in (1, 2, 4, 8, 16, 32) for kv in divisors(heads)),
    n_layers=2,
    d_model=192,
    languages=("en", "hi"),
    default_text="The keys near the cabinet are lost.",
    default_layer=1,
)
PARTIAL = Family(
    layouts=((4, 1), (8, 2)),
    n_layers=2,
    d_model=192,
    languages=("en", "hi"),
    default_text="x",
    default_layer=1,
)
NAMES = ("text", "heads", "kv_heads", "layer", "head", "token", "mask", "width", "lang")


def test_no_parameters_are_the_defaults() -> None:
    settings, notices = read({}, WHOLE)
    assert settings == Settings(
        text="The keys near the cabinet are lost.",
        n_heads=8,
        n_kv_heads=2,
        layer=1,
        mask="causal",
        width=None,
        lang="en",
        head=None,
        token=None,
    )
    assert notices == ()


def test_defaults_write_nothing() -> None:
    assert write(defaults(WHOLE), WHOLE) == {}


def test_every_parameter() -> None:
    params = {
        "text": "a <b> & c=d",
        "heads": "32",
        "kv_heads": "8",
        "layer": "0",
        "head": "31",
        "token": "3",
        "mask": "bidirectional",
        "width": "8192",
        "lang": "hi",
    }
    settings, notices = read(params, WHOLE)
    assert notices == ()
    assert write(settings, WHOLE) == params


@pytest.mark.parametrize(
    ("params", "name", "value", "notice"),
    [
        ({"heads": "12"}, "n_heads", 8, ("heads", "12", 8)),
        ({"heads": "1000"}, "n_heads", 32, ("heads", "1000", 32)),
        ({"heads": "-3"}, "n_heads", 1, ("heads", "-3", 1)),
        ({"heads": "many"}, "n_heads", 8, ("heads", "many", 8)),
        ({"kv_heads": "3"}, "n_kv_heads", 2, ("kv_heads", "3", 2)),
        ({"kv_heads": "9"}, "n_kv_heads", 8, ("kv_heads", "9", 8)),
        ({"heads": "4", "kv_heads": "8"}, "n_kv_heads", 4, ("kv_heads", "8", 4)),
        ({"layer": "7"}, "layer", 1, ("layer", "7", 1)),
        ({"head": "8"}, "head", 7, ("head", "8", 7)),
        ({"token": "-1"}, "token", 0, ("token", "-1", 0)),
        ({"mask": "Bidirectional"}, "mask", "bidirectional", ("mask", "Bidirectional", None)),
        ({"mask": "?"}, "mask", "causal", ("mask", "?", "causal")),
        ({"width": "5000"}, "width", 4096, ("width", "5000", 4096)),
        ({"lang": "fr"}, "lang", "en", ("lang", "fr", "en")),
        ({"lang": "hi-IN"}, "lang", "hi", ("lang", "hi-IN", "hi")),
    ],
)
def test_a_bad_value_becomes_the_nearest_and_is_told(
    params: dict[str, str], name: str, value: object, notice: tuple[str, str, object]
) -> None:
    settings, notices = read(params, WHOLE)
    assert getattr(settings, name) == value
    parameter, given, used = notice
    used = value if used is None else used
    told = {"name": parameter, "given": given, "value": used}
    assert notices == (Notice("notice.url_changed", told),)


def test_a_head_that_is_no_number_is_left_to_the_page() -> None:
    settings, notices = read({"head": "x" * 100}, WHOLE)
    assert settings.head is None
    told = {"name": "head", "given": f"{'x' * 24}…"}
    assert notices == (Notice("notice.url_dropped", told),)


def test_the_trained_width_is_the_default_width() -> None:
    settings, notices = read({"width": "192"}, WHOLE)
    assert (settings.width, notices) == (None, ())


def test_only_what_is_trained_is_offered() -> None:
    assert PARTIAL.head_counts == (4, 8)
    assert PARTIAL.kv_counts(4) == (1,)
    assert PARTIAL.missing() == 19
    assert WHOLE.missing() == 0
    settings, notices = read({"heads": "32", "kv_heads": "8"}, PARTIAL)
    assert settings.layout == (8, 2)
    assert [notice.values["name"] for notice in notices] == ["heads", "kv_heads"]


def test_of_two_equally_near_the_smaller() -> None:
    assert nearest((2, 4), 3) == 2


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_any_address_gives_settings_that_are_there(params: dict[str, str]) -> None:
    settings, _ = read(params, WHOLE)
    assert settings.layout in WHOLE.layouts
    assert settings.layer in (0, 1)
    assert settings.mask in ("causal", "bidirectional")
    assert settings.width in (None, 4096, 8192)
    assert settings.lang in ("en", "hi")
    assert settings.head is None or 0 <= settings.head < settings.n_heads
    assert settings.token is None or settings.token >= 0


@given(
    st.sampled_from(WHOLE.layouts),
    st.text(max_size=40),
    st.sampled_from((0, 1)),
    st.none() | st.integers(0, 31),
    st.none() | st.integers(0, 400),
    st.sampled_from((None, 4096, 8192)),
)
def test_an_address_gives_back_what_wrote_it(layout, text, layer, head, token, width) -> None:
    head = None if head is None else head % layout[0]
    settings = Settings(text, *layout, layer, "causal", width, "hi", head, token)
    assert read(write(settings, WHOLE), WHOLE) == (settings, ())
