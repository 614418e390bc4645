"""Settings from the address and back: nearest valid values, notices, nothing that differs not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.explore.offer import Family, ModelFacts
from app.explore.parameters import ExplorePage, table
from app.explore.settings import Settings, defaults
from app.kinds import nearest
from app.parameters import Notice
from attention.config import AttentionConfig, divisors

WHOLE = Family(
    layouts=tuple((heads, kv) for heads in (1, 2, 4, 8, 16, 32) for kv in divisors(heads)),
    n_layers=2,
    d_model=192,
    languages=("en", "hi"),
    openings={"en": "The keys near the cabinet are lost.", "hi": "घोड़ा घर में गया है।"},
)
PARTIAL = Family(
    layouts=((4, 1), (8, 2)),
    n_layers=2,
    d_model=192,
    languages=("en", "hi"),
    openings={"en": "x", "hi": "x"},
)
SMALL = AttentionConfig(d_model=48, n_heads=4, n_kv_heads=2)
FACTS = ModelFacts(
    name="smollm2",
    title="A model",
    source="a folder",
    weights="",
    licence="",
    configs=(SMALL, AttentionConfig(d_model=48, n_heads=8, n_kv_heads=2), SMALL),
    windows=(None, None, None),
    telling=(0, 1, 2),
    default_layer=1,
    causal=True,
    predicts=True,
    pairs=False,
    generates=True,
)
PAIR = replace(FACTS, part="encoder", parts=(
    replace(FACTS, part="decoder", configs=(SMALL,) * 2), replace(FACTS, part="cross"),
))  # fmt: skip
NAMES = ("text", "heads", "kv_heads", "layer", "head", "token", "mask", "width", "lang", "pieces",
         "section")  # fmt: skip


def read(params: dict[str, str], family: Family, facts: ModelFacts | None = None):
    return ExplorePage(family, lambda model: facts).read(params)


def write(settings: Settings, family: Family) -> dict[str, str]:
    return table(family, settings.model).write(settings)


def read_model(params: dict[str, str]):
    settings, notices = read(params, WHOLE)
    return settings.model, notices


def test_no_parameters_are_the_defaults() -> None:
    settings, notices = read({}, WHOLE)
    assert settings == Settings(
        text="The keys near the cabinet are lost.",
        n_heads=8,
        n_kv_heads=2,
        layer=None,
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
    assert settings.layer in (None, 0, 1)
    assert settings.mask in ("causal", "bidirectional")
    assert settings.width in (None, 4096, 8192)
    assert settings.lang in ("en", "hi")
    assert settings.head is None or 0 <= settings.head < settings.n_heads
    assert settings.token is None or settings.token >= 0


@pytest.mark.parametrize(
    ("given", "model"),
    [
        ("smollm2", "smollm2"),
        ("minilm", "minilm"),
        ("trained", "trained"),
        ("other", "other"),
        ("gpt2", "gpt2"),
        ("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"),
        ("/home/me/a model", "/home/me/a model"),
        ("..\\models", "..\\models"),
    ],
)
def test_a_name_that_can_be_a_model_is_taken_as_it_is(given: str, model: str) -> None:
    assert read_model({"model": given}) == (model, ())


@pytest.mark.parametrize(
    ("given", "model"),
    [("SmolLM", "smollm2"), ("mini", "minilm"), ("", "trained"), ("a b", "trained"),
     ("x\ny/z", "trained"), ("$(rm)", "trained"), ("a/" * 400, "trained")],
)  # fmt: skip
def test_a_name_that_can_be_none_becomes_the_nearest_and_is_told(given: str, model: str) -> None:
    found, (notice,) = read_model({"model": given})
    assert found == model
    assert (notice.key, notice.values["name"]) == ("notice.url_changed", "model")
    assert notice.values["value"] == model


def test_every_parameter_of_a_model() -> None:
    params = {"text": "a", "model": "smollm2", "layer": "1", "head": "7", "token": "3"}
    params |= {"pieces": "raw", "lang": "hi"}
    settings, notices = read(params, WHOLE, FACTS)
    assert (settings.layer, settings.head, settings.raw, notices) == (1, 7, True, ())
    assert write(settings, WHOLE) == params


def test_the_family_of_a_model_page_is_not_in_its_address() -> None:
    settings, _ = read({"model": "smollm2", "heads": "32", "mask": "bidirectional"}, WHOLE, FACTS)
    assert write(settings, WHOLE) == {"model": "smollm2"}
    assert settings.layer is None


@pytest.mark.parametrize(
    ("params", "layer", "head", "told"),
    [
        ({"layer": "9"}, 2, None, ("layer", 2)),
        ({"layer": "-1", "head": "1"}, 0, 1, ("layer", 0)),
        ({"layer": "0", "head": "7"}, 0, 3, ("head", 3)),  # layer 0 has 4 heads, layer 1 has 8
        ({"head": "7"}, None, 3, ("head", 3)),  # the page picks the layer
    ],
)
def test_layer_and_head_of_a_model(
    params: dict[str, str], layer: int | None, head: int | None, told: tuple[str, int]
) -> None:
    settings, (notice,) = read(params | {"model": "smollm2"}, WHOLE, FACTS)
    assert (settings.layer, settings.head) == (layer, head)
    assert (notice.values["name"], notice.values["value"]) == told


def test_layer_and_head_are_checked_once_the_model_is_loaded() -> None:
    before, notices = read({"model": "smollm2", "layer": "9", "head": "7"}, WHOLE)
    assert (before.layer, before.head, notices) == (9, 7, ())
    settings, notices = ExplorePage(WHOLE, lambda model: FACTS).settle(before, before)
    assert (settings.layer, settings.head) == (2, 3)
    assert [notice.values["name"] for notice in notices] == ["layer", "head"]


@pytest.mark.parametrize("section", [None, "numbers"])
def test_sliders_that_moved_together_are_made_to_fit(section: str | None) -> None:
    """Two moves before a run: 1 head and 2 KV heads are no layout."""
    before, _ = read({}, WHOLE)
    moved = replace(before, n_heads=1, n_kv_heads=2, section=section)
    settings, _ = ExplorePage(WHOLE, lambda model: None).settle(before, moved)
    assert (settings.n_heads, settings.n_kv_heads, settings.section) == (1, 1, section)


@given(
    st.dictionaries(st.sampled_from((*NAMES, "model")), st.text(max_size=30)),
    st.none() | st.just(FACTS),
)
def test_any_address_gives_a_model_or_the_family(
    params: dict[str, str], facts: ModelFacts | None
) -> None:
    settings, _ = read(params, WHOLE, facts)
    if settings.trained:
        assert settings.layer in (None, 0, 1)
    elif facts:
        assert settings.layer is None or 0 <= settings.layer < 3
        assert settings.head is None or 0 <= settings.head < 8
    assert settings.pieces in ("merged", "words", "raw")


@given(
    st.sampled_from(WHOLE.layouts),
    st.text(max_size=40),
    st.sampled_from((None, 0, 1)),
    st.none() | st.integers(0, 31),
    st.none() | st.integers(0, 400),
    st.sampled_from((None, 4096, 8192)),
)
def test_an_address_gives_back_what_wrote_it(layout, text, layer, head, token, width) -> None:
    head = None if head is None else head % layout[0]
    settings = Settings(text, *layout, layer, "causal", width, "hi", head, token)
    assert read(write(settings, WHOLE), WHOLE) == (settings, ())


@pytest.mark.parametrize(
    ("said", "shown", "told"),
    [
        ({}, "encoder", {}),
        ({"target": "x"}, "cross", {"target": "x"}),
        ({"attention": "cross", "target": "x"}, "cross", {"target": "x"}),
        ({"attention": "cross"}, "cross", {"attention": "cross"}),
        ({"attention": "encoder", "target": "x"}, "encoder",
         {"attention": "encoder", "target": "x"}),
        ({"attention": "decoder", "layer": "2"}, "decoder",
         {"attention": "decoder", "layer": "1"}),
    ],
)  # fmt: skip
def test_a_target_alone_means_cross_attention_as_in_trace(said, shown, told) -> None:
    one = table(PARTIAL, "smollm2", PAIR)
    settings, _ = one.read(said)
    assert settings.attention == shown
    assert one.write(settings) == told
    other = table(PARTIAL, "smollm2", FACTS)  # of one stack: neither is said nor heard
    assert set(other.write(other.read(said)[0])) <= {"layer"}
