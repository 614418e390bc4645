"""The page's wiring: widgets, address, clicks and texts, without a browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.explore import layouts
from app.explore.examples import load_examples
from app.i18n import load_words
from attention.models.layouts import cards
from attention.picture.payload import decode
from tests.app.mounted import mounted
from tests.app.run import at, html, run

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "app" / "main.py")
LAYOUTS = cards.available_layouts()
HEADS = sorted({heads for heads, _ in LAYOUTS})

pytestmark = pytest.mark.skipif((8, 2) not in LAYOUTS, reason="layout 8x2 is not trained yet")


def page(**params: str) -> AppTest:
    """The page, opened at an address with these parameters."""
    return at(AppTest.from_file(MAIN, default_timeout=60), **params)


def header(app: AppTest) -> dict:
    """What the picture was told to draw."""
    return decode(mounted(app)[0].bytes)[0]


def said(app: AppTest) -> str:
    """The same without the terms' buttons."""
    return re.sub("</?button[^>]*>", "", html(app))


def address(app: AppTest) -> dict[str, str]:
    params = app.query_params.items()
    return {name: value if isinstance(value, str) else value[-1] for name, value in params}


def other_heads() -> int:
    others = [heads for heads in HEADS if heads != 8]
    if not others:
        pytest.skip("only one head count is trained yet")
    return others[-1]


def test_the_first_visit() -> None:
    app = page()
    shape = header(app)["shape"]
    assert shape == {"d_model": 192, "n_heads": 8, "n_kv_heads": 2, "head_dim": 24}
    assert "every <b>4</b> share a key–value head, so the cache holds <b>2</b>, not 8" in said(app)
    assert "grouped-query attention, GQA" in said(app)
    assert address(app) == {}


def test_the_sentence_is_the_first_field_and_heads_the_first_slider() -> None:
    app = page()
    assert app.text_input[0].label == "Sentence"
    assert [slider.label for slider in app.select_slider][:2] == [
        "Number of heads",
        "Key–value heads (KV groups)",
    ]


def test_a_step_of_the_heads_slider_keeps_the_nearest_kv_heads_and_says_so() -> None:
    heads = other_heads()
    counts = [kv for n, kv in LAYOUTS if n == heads]
    app = page()
    app.select_slider(key="heads").set_value(heads)
    run(app)
    nearest = min(counts, key=lambda kv: (abs(kv - 2), kv))
    assert header(app)["shape"]["n_heads"] == heads
    assert header(app)["shape"]["n_kv_heads"] == nearest
    assert app.select_slider(key="kv_heads").options == [str(kv) for kv in counts]
    assert address(app)["heads"] == str(heads)
    said = f"2 key–value heads do not fit {heads} heads: now {nearest}."
    assert (said in html(app)) == (nearest != 2)


@pytest.mark.parametrize("heads", HEADS)
def test_every_head_count_on_disk_is_drawn(heads: int) -> None:
    app = page(heads=str(heads))
    assert header(app)["shape"]["n_heads"] == heads
    assert len(header(app)["short"]) == heads


def test_an_address_is_reproduced() -> None:
    params = {"text": "Asha lost her key.", "layer": "0", "head": "5", "token": "1"}
    params |= {"mask": "bidirectional", "width": "4096", "lang": "hi"}
    app = page(**params)
    drawn = header(app)
    assert (drawn["head"], drawn["token"], drawn["layer"]) == (5, 1, 0)
    assert (drawn["causal"], drawn["lang"], drawn["shape_only"]) == (False, "hi", True)
    assert drawn["split"]["d_model"] == 4096
    assert drawn["tokens"][:2] == ["Asha", "lost"]
    assert address(app) == params


def test_a_bad_address_is_answered_with_the_nearest_and_a_sentence() -> None:
    app = page(head="99", kv_heads="<b>")
    assert header(app)["head"] == 7
    assert "The address said head=99: 7 is the nearest that works." in html(app)
    assert "kv_heads=&lt;b&gt;" in html(app)


def test_a_token_beyond_the_sentence_is_the_last_one() -> None:
    app = page(text="one two three", token="77")
    last = len(header(app)["tokens"]) - 1
    assert header(app)["token"] == last
    assert f"There is no token 77 here: token {last} is shown." in html(app)


def test_a_click_on_a_head_and_on_a_token() -> None:
    app = page()
    head = (header(app)["head"] + 3) % 8
    app.session_state["picture"] = {"head": [head, 1]}
    run(app)
    assert header(app)["head"] == head
    app.session_state["picture"] = {"head": [head, 1], "token": [2, 2]}
    run(app)
    assert (header(app)["head"], header(app)["token"]) == (head, 2)
    assert address(app) == {"head": str(head), "token": "2"}


@pytest.mark.parametrize(
    "click",
    [{"head": [9999, 1]}, {"head": [-1, 1]}, {"head": 3}, {"head": None}, {"layer": [99, 1]}, 5],
)
def test_a_click_that_nobody_can_make_breaks_nothing(click: object) -> None:
    app = page()
    app.session_state["picture"] = click
    run(app)
    assert 0 <= header(app)["head"] < 8


def test_a_head_is_chosen_again_after_an_example_reset_it() -> None:
    app = page()
    app.session_state["picture"] = {"head": [5, 1]}
    run(app)
    assert header(app)["head"] == 5
    app.selectbox(key="example").set_value("hindi")
    run(app)
    assert header(app)["head"] != 5
    app.session_state["picture"] = {"head": [5, 2]}  # the picture repeats the head, not the moment
    run(app)
    assert header(app)["head"] == 5


def test_back_restores_the_address() -> None:
    app = page()
    app.session_state["picture"] = {"head": [6, 1]}
    run(app)
    assert address(app) == {"head": "6"}
    app.query_params.clear()  # what the browser sends after Back: another address, nothing else
    run(app)
    assert address(app) == {}
    assert header(app)["head"] == header(page())["head"]


def test_a_move_made_before_the_address_was_written_is_not_lost() -> None:
    heads = other_heads()
    app = page(layer="0")
    app.query_params.clear()  # the browser had not caught up
    app.select_slider(key="heads").set_value(heads)
    run(app)
    assert header(app)["shape"]["n_heads"] == heads
    assert address(app)["layer"] == "0"


def test_an_example_brings_its_sentence_and_its_telling_head() -> None:
    app = page(head="7", token="0")
    app.selectbox(key="example").set_value("hindi")
    run(app)
    assert header(app)["tokens"][0].startswith("ल")
    assert set(address(app)) == {"text"}
    assert header(app)["head"] == header(page(text=load_examples()[-1].text))["head"]
    assert header(app)["role"][header(app)["head"]] in ("subject", "referent")


def test_typing_leaves_the_example() -> None:
    app = page()
    assert app.selectbox(key="example").value == "referent"
    app.text_input(key="text").set_value("other words")
    run(app)
    assert app.selectbox(key="example").value is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no text yet, so the example is drawn."),
        ("   ", "There is no text yet, so the example is drawn."),
        ("a", "This is one token: it can only look at itself. Type more."),
        ("🙂", None),
        ("שלום עולם", None),
        ("مرحبا بالعالم", None),
        ("\x00\u202e\ufffd", None),
        ("<script>alert(1)</script> $\\frac{1}{0}$ :smile: {n} %{x}", None),
    ],
)
def test_any_text_is_answered(text: str, sentence: str | None) -> None:
    app = page()
    app.text_input(key="text").set_value(text)
    run(app)
    assert sentence is None or sentence in html(app)
    for section in ("steps", "numbers", "curve", "sharing"):
        app.button_group(key="section").set_value(section)
        run(app)
    assert "<script" not in html(app).replace("<script>document.documentElement.lang", "")


def test_twelve_thousand_words_are_cut_and_the_cut_says_its_number() -> None:
    app = page()
    app.text_input(key="text").set_value("the keys are lost " * 3000)
    run(app)
    assert len(header(app)["tokens"]) == 1024
    assert "tokens; the first 1,024 are drawn." in html(app)
    assert len(address(app)["text"]) < 6000


@pytest.mark.parametrize("lang", ["en", "hi"])
@pytest.mark.parametrize("section", ["steps", "curve", "sharing", "numbers"])
def test_every_section(section: str, lang: str) -> None:
    app = page(lang=lang)
    app.button_group(key="section").set_value(section)
    run(app)
    assert not app.get("exception")


def test_the_section_is_in_the_address_and_back_closes_it() -> None:
    app = page()
    app.button_group(key="section").set_value("curve")
    run(app)
    assert address(app) == {"section": "curve"}
    app.query_params.clear()
    run(app)
    assert app.button_group(key="section").value is None
    assert not app.get("plotly_chart")
    app.query_params["section"] = "curve"
    assert len(run(app).get("plotly_chart")) == 2  # of this layout, of the real model
    app.button_group(key="section").set_value(None)
    assert address(run(app)) == {}


@pytest.mark.parametrize(
    ("given", "opened", "said"),
    [
        ("Curves", "curve", "The address said section=Curves: curve is the nearest that works."),
        ("qq", None, "The address said section=qq, which cannot be used: it was left out."),
        ("generate", "generate", None),  # the trained family predicts, too
    ],
)
def test_a_section_by_the_address(given: str, opened: str | None, said: str | None) -> None:
    app = page(section=given)
    assert app.button_group(key="section").value == opened
    assert said in html(app) if said else "The address said" not in html(app)
    assert address(app) == ({"section": opened} if opened else {})


def test_one_section_is_run_at_a_time() -> None:
    app = page()
    assert not app.get("plotly_chart")
    app.button_group(key="section").set_value("curve")
    run(app)
    assert len(app.get("plotly_chart")) == 2
    assert not app.dataframe


def test_a_large_table_shows_the_chosen_row_and_what_it_looks_at() -> None:
    app = page(text="the keys near the old cabinet are lost and " * 20, token="150")
    app.button_group(key="section").set_value("numbers")
    run(app)
    table = app.dataframe[0].value
    weights = decode(mounted(app)[0].bytes)[2][150]
    assert table.shape[1] == 128 and len(table) < 128
    assert table.index[4].startswith("150 ")
    columns = [int(label.split()[0]) for label in table.columns]
    assert columns == sorted(columns)
    assert table.iloc[4].sum() == pytest.approx(np.sort(weights)[-128:].sum(), abs=1e-3)
    assert "the file has them all." in html(app)


@pytest.mark.parametrize(
    ("section", "said"),
    [("curve", "this layout holds 20.25 KiB, with MHA it would hold 81 KiB"), ("sharing", "1,152")],
)
def test_charts_have_text_alternatives(section: str, said: str) -> None:
    app = page()
    app.button_group(key="section").set_value(section)
    run(app)
    assert said in app.get("plotly_chart")[0].proto.alt


def test_the_language_changes_every_label() -> None:
    app = page()
    app.button_group(key="lang").set_value("hi")
    run(app)
    words = load_words("hi")
    assert app.text_input[0].label == words("controls.text")
    assert app.select_slider[0].label == words("controls.heads")
    assert address(app) == {"lang": "hi"}


HINDI = next(example for example in load_examples() if example.lang == "hi")


def test_the_hindi_page_opens_on_a_hindi_sentence_with_its_head_and_token() -> None:
    app = page(lang="hi")
    assert app.text_input(key="text").value == HINDI.text
    drawn = header(app)
    # The chosen token is the one before a verb, "घर में" before "गया", and the head's line tells
    # of verbs and their subjects.
    here = slice(drawn["token"], drawn["token"] + 2)
    assert [token.strip() for token in drawn["tokens"][here]] == ["में", "गया"]
    assert "0.86 (2 क्रियाओं पर)" in drawn["here"][drawn["head"]]
    assert app.selectbox(key="example").value == HINDI.name
    assert address(app) == {"lang": "hi"}


def test_the_text_that_a_page_opens_on_follows_its_language_and_one_that_was_typed_stays() -> None:
    app = page()
    app.button_group(key="lang").set_value("hi")
    assert run(app).text_input(key="text").value == HINDI.text
    assert header(app)["tokens"][0] == HINDI.text.split()[0]
    app.button_group(key="lang").set_value("en")
    assert run(app).text_input(key="text").value == load_examples()[0].text
    assert address(app) == {}
    app.text_input(key="text").set_value("The dog slept.")
    app.button_group(key="lang").set_value("hi")
    assert run(app).text_input(key="text").value == "The dog slept."
    assert (address(app)["lang"], address(app)["text"]) == ("hi", "The dog slept.")


def test_the_emptied_hindi_field_draws_the_hindi_example() -> None:
    app = page(lang="hi")
    app.text_input(key="text").set_value("")
    assert header(run(app))["tokens"][0] == HINDI.text.split()[0]


def test_bidirectional_says_that_the_weights_were_trained_causal() -> None:
    app = page(mask="bidirectional")
    assert "These weights were trained causal" in html(app)
    assert header(app)["causal"] is False


def test_the_real_model_is_drawn_as_built_and_as_the_visitor_groups_it() -> None:
    app = page()
    app.selectbox(key="real_model").set_value("Llama 2 70B")
    run(app)
    real = header(app)["real"]
    # 80 layers x 8 KV heads x 128 x 2 (K, V) x 2 bytes x 4096 tokens = 1.25 GiB
    assert real["built_bytes"] == 1.25 * 2**30
    assert (real["regrouped_n_kv_heads"], real["regrouped_bytes"]) == (16, 2.5 * 2**30)


def test_a_group_size_that_does_not_divide_is_refused_in_a_sentence() -> None:
    app = page()
    app.selectbox(key="real_model").set_value("SmolLM2 135M")  # 9 heads
    run(app)
    real = header(app)["real"]
    assert real["regrouped_bytes"] is None
    assert real["note"] == "Groups of 4 do not divide its 9 heads, so it is drawn only as built."


def test_a_shorter_model_takes_its_own_longest_context() -> None:
    app = page()
    app.selectbox(key="real_model").set_value("GPT-2")
    run(app)
    assert app.select_slider(key="context").value == 1024
    assert header(app)["real"]["setting"].startswith("1,024 tokens")


def test_the_cache_is_measured() -> None:
    cache = header(page())["cache"]
    # 2 (K and V) x 3 layers x 2 KV heads x 24 numbers x 4 bytes
    assert cache["bytes_per_token"] == 1152
    assert cache["now_bytes"] == 1152 * cache["seq_len"]
    assert cache["mha_bytes"] == 4 * cache["now_bytes"]


def test_main_is_short() -> None:
    assert len(Path(MAIN).read_text().splitlines()) < 60


def test_without_layouts_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "cards", dict)
    app = run(AppTest.from_file(MAIN, default_timeout=60))
    assert app.error[0].value.startswith("There are no trained layouts in assets/layouts.")
    assert not app.select_slider
