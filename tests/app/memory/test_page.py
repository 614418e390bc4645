"""The page "Memory": widgets, address, sections and errors, without a browser."""

import base64
import json
import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.memory.keys import CHANGE_KEYS, Keys
from app.memory.settings import SECTIONS
from attention.kv.engines import ENGINES
from attention.kv.read.catalog import list_models
from tests.app.run import at, html, run
from tests.sample import sample

ROOT = Path(__file__).resolve().parents[3]
PAGE = """
from app.memory.view import draw
draw(lambda words: None)
"""
CONFIG = {"model_type": "llama", "num_hidden_layers": 4, "hidden_size": 512,
          "num_attention_heads": 8, "num_key_value_heads": 2}  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)> **b** $x^2$ [a](javascript:alert(1)) %{y}"


def page(**params: str) -> AppTest:
    return at(AppTest.from_string(PAGE, default_timeout=60), **params)


def answer(app: AppTest) -> str:
    """The sentence at the top, tags taken out."""
    body = next(text for e in app.get("html") if "hc-answer" in (text := e.proto.body)
                and "<h1>" in text)  # fmt: skip
    said = body.split('<p aria-live="polite">')[1].split("</p>")[0]
    return unescape(re.sub(r"<[^>]*>", "", said))


def address(app: AppTest) -> dict[str, str]:
    params = app.query_params.items()
    return {name: value if isinstance(value, str) else value[-1] for name, value in params}


def test_the_first_visit() -> None:
    app = page()
    assert answer(app) == (
        "Llama-3-8B keeps 128 KiB a token: 8,192 tokens take 1 GiB; with a KV head for every query "
        "head it would be 4 GiB."
    )
    assert address(app) == {}


def test_the_sentence_tells_when_windows_fill() -> None:
    said = answer(page(model="Gemma-3-27B", context="32768"))
    assert "keeps 496 KiB a token until its windows fill, then 80 KiB" in said


def test_kv_heads_by_slider_change_the_sentence_and_the_address() -> None:
    app = page()
    app.select_slider(CHANGE_KEYS["n_kv_heads"]).set_value(32)
    run(app)
    assert answer(app).endswith(
        "take 4 GiB; every query head has a KV head of its own; with one for all it would be "
        "128 MiB."
    )
    assert address(app) == {"kv_heads": "32"}
    app.select_slider(CHANGE_KEYS["n_kv_heads"]).set_value(8)  # as built: no change any more
    assert address(run(app)) == {}


def test_heads_that_no_longer_divide_move_the_kv_heads_and_say_so() -> None:
    app = page()
    app.number_input(CHANGE_KEYS["n_heads"]).set_value(36)
    run(app)
    assert "8 key–value heads do not fit 36 heads: now 9." in html(app)
    assert address(app) == {"heads": "36", "kv_heads": "9"}


def test_another_model_drops_what_was_set_by_hand() -> None:
    app = page(kv_heads="32")
    app.selectbox(Keys.MODEL).set_value("Qwen3-8B")
    run(app)
    assert address(app) == {"model": "Qwen3-8B"}


def test_every_field_can_be_set_where_all_are_shown() -> None:
    app = page()
    app.toggle(Keys.MORE).set_value(True)
    run(app)
    app.number_input(CHANGE_KEYS["n_layers"]).set_value(16)
    run(app)
    assert "8,192 tokens take 512 MiB" in answer(app)
    app.number_input(Keys.CONTEXT_EXACT).set_value(1000)
    run(app)
    assert address(app)["context"] == "1000" and "1,000 tokens" in answer(app)


def test_settings_of_an_engine_count_only_in_it_and_stay() -> None:
    app = page(engine="llama.cpp", cells="10240")
    assert "take 1.25 GiB in llama.cpp" in answer(app)
    app.selectbox(Keys.ENGINE).set_value("vllm")
    run(app)
    assert "take 1 GiB in vLLM" in answer(app)
    assert address(app) == {"engine": "vllm", "cells": "10240"}


def test_units_are_decimal_all_over_the_sentence() -> None:
    said = answer(page(units="decimal"))
    assert "131.07 kB" in said and "1.07 GB" in said and "iB" not in said


@pytest.mark.parametrize("engine", sample(ENGINES, 4))
@pytest.mark.parametrize("section", ["arithmetic", "engines", "fit", "speed"])
@pytest.mark.parametrize("model", ["Gemma-3-27B", "DeepSeek-V3.2", "Qwen3-Next-80B-A3B",
                                   "Whisper-tiny", "DeepSeek-V4-Flash", "Mamba-2.8B"])  # fmt: skip
def test_every_section_for_every_kind_of_model(model: str, section: str, engine: str) -> None:
    app = page(model=model, section=section, engine=engine)
    assert model in answer(app) or "hc-failed" in html(app)


@pytest.mark.slow
def test_every_model_of_the_list_has_an_answer() -> None:
    for row in list_models():
        assert row.name in answer(page(model=row.name))


def test_a_pasted_config_and_the_address_that_brings_it_back() -> None:
    app = page()
    app.session_state[Keys.SOURCE] = "paste"
    run(app)
    assert "Paste the text of a config.json." in html(app)
    app.text_area(Keys.TEXT).set_value(json.dumps(CONFIG))
    run(app)
    assert answer(app).startswith("llama keeps 2 KiB a token")
    assert answer(page(**address(app))) == answer(app)


def test_an_encoder_keeps_no_cache_and_every_section_can_be_drawn() -> None:
    encoder = {"model_type": "bert", "num_hidden_layers": 6, "hidden_size": 384,
               "num_attention_heads": 12, "vocab_size": 30522}  # fmt: skip
    data = base64.b64encode(json.dumps(encoder).encode()).decode()
    for engine, section in zip([*ENGINES, "vllm"], SECTIONS, strict=False):
        app = page(engine=engine, section=section)
        app.session_state[Keys.DROP] = {"dropped": {"name": "config.json", "data": data}}
        assert answer(run(app)).startswith(
            "bert reads its text at once, writes none token by token, and keeps no cache: "
        )
        assert "generates nothing and keeps no cache" in html(app), section


def test_what_is_no_config_is_a_sentence_and_nothing_entered_is_lost() -> None:
    app = page(engine="vllm", users="7")
    app.session_state[Keys.SOURCE] = "paste"
    run(app)
    app.text_area(Keys.TEXT).set_value('{"a": 1')
    run(app)
    assert "The config is no JSON" in html(app)
    assert app.text_area(Keys.TEXT).value == '{"a": 1'
    assert app.number_input(Keys.USERS).value == 7
    app.session_state[Keys.SOURCE] = "list"
    assert "7 users with 8,192 tokens each take 7 GiB in vLLM" in answer(run(app))
    app.session_state[Keys.SOURCE] = "paste"
    assert run(app).text_area(Keys.TEXT).value == '{"a": 1'


@pytest.mark.parametrize("section", ["arithmetic", "engines", "fit", "speed", "beside"])
def test_hostile_names_are_text_wherever_they_stand(section: str) -> None:
    app = page(section=section)
    app.session_state[Keys.SOURCE] = "paste"
    run(app)
    app.text_area(Keys.TEXT).set_value(json.dumps({**CONFIG, "_name_or_path": HOSTILE}))
    run(app)
    if section == "beside":
        app.button("memory_keep").click()
        run(app)
    assert "<img src=x" not in html(app)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html(app)
    for element in (*app.markdown, *app.caption, *app.expander):
        assert "onerror" not in str(getattr(element, "value", element.proto))
    for chart in app.get("plotly_chart"):
        assert "<img" not in chart.proto.spec.replace("&lt;", "")


def test_a_path_is_not_read_for_a_visitor_from_elsewhere(tmp_path: Path) -> None:
    secret = tmp_path / "config.json"
    secret.write_text(json.dumps(CONFIG))
    app = page(place=str(secret))
    assert "paths are read only at the machine itself" in html(app)


def test_a_path_at_the_machine_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    assert answer(page(place=str(tmp_path))).startswith("llama keeps 2 KiB a token")
    assert "is no file" in html(
        page(place=str(tmp_path / "none.json"))
    ) or "cannot be read" in html(page(place=str(tmp_path / "none.json")))


def test_a_dropped_config() -> None:
    app = page()
    data = base64.b64encode(json.dumps(CONFIG).encode()).decode()
    app.session_state[Keys.DROP] = {"dropped": {"name": HOSTILE, "data": data}}
    run(app)
    assert answer(app).startswith("llama keeps 2 KiB a token")
    assert app.session_state[Keys.SOURCE] == "file"
    assert "config" in address(app)


def test_addresses_that_make_no_sense_are_told_and_mended() -> None:
    app = page(context="-3", users="1e9", engine="vlm", kv_heads="<b>x</b>",
               config="%%%", swa_ratio="nan", section="xx", gpu="H100")  # fmt: skip
    body = html(app)
    assert "context=-3" in body and "users=1e9" in body and "kv_heads=&lt;b&gt;x&lt;/b&gt;" in body
    assert "take 1 GiB in vLLM" in answer(app)  # the nearest engine


@pytest.mark.parametrize("value", ["9223372036854775808", "0", "NaN", "-1", "1" * 400])
def test_numbers_that_cannot_be(value: str) -> None:
    assert "8,192 tokens take 1 GiB" in answer(page(context=value, users=value, tp=value))


def test_more_bytes_than_can_be_said_is_a_sentence() -> None:
    app = page(context=str(2**40), users=str(2**40))
    assert "more than 9,223,372,036,854,775,807" in html(app)
    assert app.number_input(Keys.USERS).value == 2**40


def test_up_to_four_side_by_side_in_the_address() -> None:
    app = page(section="beside")
    for kv_heads in (1, 2, 4, 32):
        app.select_slider(CHANGE_KEYS["n_kv_heads"]).set_value(kv_heads)
        run(app)
        app.button("memory_keep").click()
        run(app)
    assert app.button("memory_keep").disabled
    body = html(app)
    assert body.count("n_kv_heads = ") >= 4 and 'class="differs"' in body
    again = page(**address(app))
    assert address(again) == address(app)
    again.button("memory_take_0").click()
    assert address(run(again))["kv_heads"] == "1"
    again.button("memory_remove_3").click()
    run(again)
    assert not again.button("memory_keep").disabled


def test_the_page_in_hindi() -> None:
    app = page(lang="hi", section="fit")
    assert "हर टोकन के लिए 128 KiB कैश रखता है" in answer(app)
    assert 'lang="hi"' in html(app)


# Words side by side that are no name, path or unit: English that a visitor would read.
ENGLISH = re.compile(r"(?<![\w./@-])[A-Za-z]{3,},? [a-z]{2,}(?![\w/@])")
# Citations keep the words of what they cite.
CITED = ("arXiv", "ggml-org/", "vllm-project/", "sgl-project/", "Communications of the ACM")


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("model", ["Gemma-2B", "DeepSeek-V3"])
def test_the_hindi_page_has_no_english_sentence(section: str, model: str) -> None:
    app = page(lang="hi", section=section, model=model, gpu="NVIDIA B200", engines="vllm")
    shown = unescape(re.sub(r"<style.*?</style>|<[^>]+>", "\n", html(app), flags=re.DOTALL))
    shown += "\n" + "\n".join(option for box in app.selectbox for option in box.options)
    lines = [line.strip() for line in shown.split("\n") if not any(name in line for name in CITED)]
    assert [line for line in lines if ENGLISH.search(line)] == []


def test_a_model_in_the_address_has_any_of_its_names() -> None:
    app = page(model="meta-llama/Llama-3.1-8B-Instruct")
    assert (answer(app)[:12], address(app)) == ("Llama-3.1-8B", {"model": "Llama-3.1-8B"})
    app = page(model="Qwen/Qwen3-8B-FP8")
    assert (answer(app)[:8], address(app)) == ("Qwen3-8B", {"model": "Qwen/Qwen3-8B-FP8"})


def test_gpus_are_one_control_and_each_holds_what_the_headline_says() -> None:
    app = page(engine="vllm")
    app.number_input(Keys.N_GPUS).set_value(8)
    run(app)
    assert answer(app).startswith("Llama-3-8B keeps 16 KiB a token: 8,192 tokens take 128 MiB")
    assert "in vLLM on each of 8 GPUs (TP 8) beside 1.87 GiB of weights" in answer(app)
    assert address(app) == {"engine": "vllm", "n_gpus": "8"}
    app.number_input(Keys.N_GPUS).set_value(3)
    assert "352 MiB in vLLM on each of 3 GPUs (PP 3)" in answer(run(app))
    assert "on each of 4 GPUs (TP 4)" in answer(page(tp="4"))  # a link of before
