"""The page with a language model: choice, controls, clicks, pieces, sections.

On small random checkpoints, made here; the real SmolLM2 is for tests/browser.
"""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.i18n import load_words
from attention.models.layouts import cards
from tests.app.explore.test_page import MAIN, address, header, html, page, run
from tests.app.mounted import mounted
from tests.app.run import until
from tests.models.tiny import make

pytestmark = [
    pytest.mark.skipif(
        (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
    ),
    pytest.mark.usefixtures("any_model"),
]
HINDI = "कि 🙂 the cat"


def model_page(model: str, **params: str) -> AppTest:
    """The page at an address with a model; loading runs it anew."""
    return page(model=model, **params)


def test_a_folder_by_its_address(llama: str) -> None:
    text = "hello there"  # no example: nothing of it depends on where one opens
    app = model_page(llama, text=text, layer="2", head="3")
    drawn = header(app)
    assert drawn["shape"] == {"d_model": 48, "n_heads": 4, "n_kv_heads": 2, "head_dim": 12}
    assert (drawn["layer"], drawn["head"]) == (2, 3)
    assert len(drawn["map"]["entropy"]) == 3
    assert drawn["real"] is None
    told = {"model": llama, "text": text, "layer": "2", "head": "3"}
    # What the page would open by itself need not be said.
    assert address(app).items() <= told.items() and {"model", "text"} <= address(app).keys()
    said = re.sub("</?button[^>]*>", "", html(app))
    assert "4 query heads</b> of <b>12 numbers</b>; every <b>2</b> share a key–value head" in said
    assert "not 4. 3 layers." in html(app)


def test_of_an_encoder_with_a_decoder_the_encoder_is_shown(tmp_path: Path) -> None:
    app = model_page(str(make("t5", tmp_path / "tiny_t5")), text="hello there", layer="1")
    drawn = header(app)
    assert (drawn["causal"], drawn["cache"], len(drawn["map"]["entropy"])) == (False, None, 2)
    assert "The encoder’s attention: every token of the source looks at all of the source." in html(
        app
    )
    assert not app.exception


def test_the_roles_of_its_heads_are_filled_in_once_they_are_measured(llama: str) -> None:
    app = model_page(llama)
    until(app, lambda: any(header(app)["about"]))
    assert all(about.startswith("On held-out text: ") for about in header(app)["about"])
    assert [len(layer) for layer in header(app)["map"]["roles"]] == [4, 4, 4]


def test_the_controls_show_what_is_built_in(llama: str) -> None:
    app = model_page(llama)
    assert app.text_input[0].label == "Sentence"
    heads, kv_heads, layer = app.select_slider[:3]
    assert (heads.label, heads.value, heads.disabled) == ("Number of heads", 4, True)
    assert (kv_heads.value, kv_heads.disabled) == (2, True)
    assert (layer.options, layer.disabled) == (["0", "1", "2"], False)
    assert app.selectbox(key="model").value == "other"
    assert app.text_input(key="other_model").value == llama
    assert not [group for group in app.button_group if group.key in ("mask", "width")]
    assert set(address(app)) == {"model"}


def test_the_layer_slider_and_back_to_the_layer_that_the_page_picks(llama: str) -> None:
    app = model_page(llama)
    picked = header(app)["layer"]
    other = (picked + 1) % 3
    app.select_slider(key="model_layer").set_value(other)
    run(app)
    assert header(app)["layer"] == other
    assert address(app)["layer"] == str(other)
    app.select_slider(key="model_layer").set_value(picked)
    run(app)
    assert header(app)["layer"] == picked
    assert "layer" not in address(app)


def test_an_example_opens_the_layer_that_shows_most(llama: str) -> None:
    app = model_page(llama)
    app.selectbox(key="example").set_value("copied")
    run(app)
    picked = header(app)["layer"]
    assert header(model_page(llama, text=address(app)["text"]))["layer"] == picked
    app.select_slider(key="model_layer").set_value((picked + 1) % 3)
    run(app)
    app.selectbox(key="example").set_value("names")
    run(app)
    assert set(address(app)) == {"model", "text"}


def test_a_click_on_the_map_opens_layer_and_head(llama: str) -> None:
    app = model_page(llama, layer="0", head="0")
    app.session_state["picture"] = {"layer": [2, 7], "head": [1, 8]}
    run(app)
    assert (header(app)["layer"], header(app)["head"]) == (2, 1)
    assert app.select_slider(key="model_layer").value == 2
    app.session_state["picture"] = {"layer": [1, 9], "head": [1, 8]}  # the next layer, by keyboard
    run(app)
    assert (header(app)["layer"], header(app)["head"]) == (1, 1)


@pytest.mark.parametrize(
    "click", [{"layer": [99, 1]}, {"layer": [1, 1], "head": [99, 2]}, {"layer": 1}]
)
def test_a_click_that_nobody_can_make(llama: str, click: object) -> None:
    app = model_page(llama)
    app.session_state["picture"] = click
    run(app)
    assert 0 <= header(app)["layer"] < 3
    assert 0 <= header(app)["head"] < 4


def test_a_bad_layer_and_head_in_the_address_are_told(llama: str) -> None:
    app = model_page(llama, layer="77", head="9")
    assert (header(app)["layer"], header(app)["head"]) == (2, 3)
    assert "The address said layer=77: 2 is the nearest that works." in html(app)
    assert "The address said head=9: 3 is the nearest that works." in html(app)


def test_a_second_sentence_for_a_model_that_compares_two(tmp_path: Path, llama: str) -> None:
    folder = str(make("bert", tmp_path, tokenizer="wordpiece"))
    named = tmp_path / "tokenizer_config.json"
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]"}
    named.write_text(json.dumps(json.loads(named.read_text()) | names))
    app = model_page(folder, text="the cat", text_b="the mat")
    assert header(app)["tokens"] == ["[CLS]", "the", "cat", "[SEP]", "the", "mat", "[SEP]"]
    assert app.text_input(key="text_b").value == address(app)["text_b"] == "the mat"
    app.text_input(key="text_b").set_value("")
    run(app)
    assert header(app)["tokens"] == ["[CLS]", "the", "cat", "[SEP]"]
    assert "text_b" not in address(app)
    assert not [field for field in model_page(llama).text_input if field.key == "text_b"]


@pytest.mark.parametrize("bad", ["smollm", "??", "x" * 200])
def test_a_model_that_is_none_becomes_the_nearest_and_is_told(bad: str) -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["model"] = bad
    run(app)
    assert f"The address said model={bad[:24]}" in html(app)


def test_from_the_family_to_a_model_and_back(llama: str) -> None:
    app = page(heads="8", kv_heads="4", mask="bidirectional", head="5")
    app.selectbox(key="model").set_value("other")
    run(app)
    assert "Type the name of a model on the Hugging Face Hub" in html(app)
    assert not mounted(app)
    app.text_input(key="other_model").set_value(llama)
    run(app)
    assert header(app)["shape"]["n_heads"] == 4
    assert set(address(app)) == {"model"}
    app.selectbox(key="model").set_value("trained")
    run(app)
    assert header(app)["shape"]["n_kv_heads"] == 4
    assert address(app) == {"kv_heads": "4", "mask": "bidirectional"}


def test_merged_pieces_and_the_switch(llama: str) -> None:
    app = model_page(llama, text=HINDI)
    merged = header(app)
    assert "🙂" in merged["tokens"]
    assert sum(merged["counts"]) > len(merged["tokens"])
    app.selectbox(key="pieces").set_value("raw")
    run(app)
    raw = header(app)
    assert len(raw["tokens"]) == sum(merged["counts"])
    assert raw["counts"] is None
    assert address(app)["pieces"] == "raw"
    app.selectbox(key="pieces").set_value("words")
    run(app)
    assert header(app)["tokens"] == ["कि", "␣", "🙂", "the", "cat"]
    assert sum(header(app)["counts"]) == len(raw["tokens"])
    assert address(app)["pieces"] == "words"
    assert header(model_page(llama, text=HINDI, pieces="words"))["tokens"][-1] == "cat"


def test_the_switch_in_the_family_and_in_the_address() -> None:
    app = page(text="🙂 cats", pieces="raw")
    raw = len(header(app)["tokens"])
    app.selectbox(key="pieces").set_value("merged")
    run(app)
    assert "🙂" in header(app)["tokens"]
    assert len(header(app)["tokens"]) < raw


@pytest.mark.parametrize("lang", ["en", "hi"])
@pytest.mark.parametrize("text", [HINDI, "the cat " * 40])
def test_every_section(llama: str, lang: str, text: str) -> None:
    app = model_page(llama, lang=lang, text=text)
    for section in ("steps", "curve", "sharing", "numbers"):
        app.button_group(key="section").set_value(section)
        run(app)
        assert not app.get("exception")


def test_the_next_token_is_a_section_of_models_that_predict_one(llama: str) -> None:
    app = model_page(llama)
    assert "Next token" in app.button_group(key="section").options[-1]
    app.button_group(key="section").set_value("generate")
    run(app)
    assert app.select_slider(key="generate_temperature")
    app.selectbox(key="model").set_value("trained")
    run(app)
    assert app.button_group(key="section").value == "generate"


def test_the_steps_follow_the_last_token_of_a_piece(llama: str) -> None:
    app = model_page(llama, text=HINDI, token="0")
    app.button_group(key="section").set_value("steps")
    run(app)
    n = header(app)["counts"][0]
    assert n > 1
    said = f"The piece that is chosen stands for {n} tokens: the last of them is followed here."
    assert said in html(app)
    assert f"Token {n - 1}," in html(app)
    counts = header(app)["counts"]
    said = f"Steps count the model’s {sum(counts)} tokens; the picture above joins them into "
    assert f"{said}{len(counts)} readable pieces." in html(app)


def test_sharing_is_about_the_family(llama: str) -> None:
    app = model_page(llama)
    app.button_group(key="section").set_value("sharing")
    run(app)
    assert "tiny_llama was built one way" in html(app)


@pytest.mark.parametrize(
    "name",
    ["gemma2", *(pytest.param(n, marks=pytest.mark.slow) for n in ("gpt2", "bert", "gpt_oss"))],
)
def test_steps_and_curve_of_other_architectures(name: str, tmp_path: Path) -> None:
    app = model_page(str(make(name, tmp_path / name)), text="the cat sat on the mat")
    for section in ("steps", "curve"):
        app.button_group(key="section").set_value(section)
        run(app)
        if section == "steps":
            steps = app.markdown[0].value
            assert ("one matrix; W_Q is the part of it" in steps) == (name == "gpt2")
            assert ("(soft-cap)" in steps) == (name == "gemma2")
            assert ("A sink takes part" in steps) == (name == "gpt_oss")
    assert ("keeps no cache, so there is no curve" in html(app)) == (name == "bert")
    assert ("Every token sees every other." in html(app)) == (name == "bert")
    assert ("so its cache is no straight line" in html(app)) == (name in ("gemma2", "gpt_oss"))


def test_a_long_text_is_cut_and_told(llama: str) -> None:
    app = model_page(llama, text="the cat " * 400)
    assert len(header(app)["tokens"]) == 256
    assert "tokens; the first 256 are drawn." in html(app)


@pytest.mark.float32
def test_the_footer_tells_where_it_ran_and_where_it_is_from(llama: str) -> None:
    text = html(model_page(llama))
    assert "tiny_llama (LlamaForCausalLM)." in text
    assert f"From: {llama}." in text
    assert "float32" in text


def test_a_model_that_hands_over_its_weights_alone(tmp_path: Path) -> None:
    folder = str(make("bloom", tmp_path / "tiny_bloom"))
    app = model_page(folder, text="hello there", layer="1", head="2", off="0.1", section="steps")
    drawn = header(app)
    assert (drawn["layer"], drawn["head"], drawn["off"], drawn["check"]) == (1, 2, [], "")
    assert drawn["cache"]["measured"] and drawn["joined"] is None
    assert load_words("en")("sentence.weights_only") in html(app)
    groups = [{option.content for option in each.proto.options} for each in app.get("button_group")]
    (sections,) = [each for each in groups if "Numbers" in each]
    assert not {"Step by step", "Heads off"} & sections
    assert "section" not in address(app) and "off" not in address(app)


def test_the_layers_of_a_hybrid_have_the_numbers_of_their_blocks(tmp_path: Path) -> None:
    folder = str(make("lfm2", tmp_path / "tiny_lfm2"))
    app = model_page(folder, text="hello there", layer="1", head="2", section="off", off="0.1")
    drawn = header(app)
    assert drawn["layer"] == 1 and drawn["map"]["rows"] == ["convolution", 0, "convolution", 1]
    assert "bytes for a text of any length" in drawn["cache"]["formula"]
    (layer,) = [each for each in app.select_slider if each.label == "Layer"]
    assert layer.options == ["1", "3"]
    assert "convolution (0, 2)" in html(app) and "1.1" in html(app)
    assert "Switch head 2 of layer 3 off" in [button.label for button in app.button]
