"""The section "Next token" on the page: buttons, words and numbers, on small random checkpoints."""

import re
import time
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.explore.generated import How
from app.explore.generating import Desk, Run
from app.explore.sections import generate
from app.i18n import load_words
from attention.models.generate import MAX_NEW_TOKENS, Generation
from attention.models.layouts import cards
from tests.app.explore.test_page import html, page, run
from tests.app.explore.test_parameters import FACTS
from tests.app.run import until
from tests.models.tiny import load_tiny, make

pytestmark = pytest.mark.skipif(
    (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
)
TEXT = "the cat <b>sat</b>"


@pytest.fixture(autouse=True)
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that the test can look at; all pages of AppTest are one session, with one desk."""
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    desk = Desk()
    monkeypatch.setattr(generate, "_desk", lambda: desk)
    yield desk
    desk.leave()


def opened(model: str, **params: str) -> AppTest:
    """The page with the section open and the first look done."""
    app = page(model=model, **({"text": TEXT} | params))
    app.button_group(key="section").set_value("generate")
    return still(run(app))


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"generate_{name}").click()
    return run(app)


def still(app: AppTest) -> AppTest:
    """Run the page again, as its timer would, until nothing moves."""
    return run(until(app, lambda: not the_run(app).moves))


def the_run(app: AppTest) -> Run:
    return generate._desk().run


def buttons(app: AppTest) -> dict[str, bool]:
    """Which of the section's buttons there are, and whether each can be pressed."""
    ours = (button for button in app.button if (button.key or "").startswith("generate_"))
    return {button.key.removeprefix("generate_"): not button.disabled for button in ours}


def state(app: AppTest) -> str:
    (said,) = re.findall(r'<p class="hc-state" role="status" lang="\w+">(.*?)</p>', html(app))
    return said


def written(app: AppTest) -> str:
    return "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html(app), re.S))


def alone(text: str = TEXT, **how: object) -> Generation:
    model = load_tiny("llama")
    return Generation(model, model.encode(text), **how)


@pytest.mark.float32
def test_the_likeliest_next_tokens_are_there_before_any_step(llama: str) -> None:
    app = opened(llama)
    assert buttons(app) == {"step": True, "play": True, "reset": False}
    assert state(app) == "Step adds one token, Play goes on until you press Stop."
    generation = alone()
    bars = re.findall(r"width:([\d.]+)%", html(app))
    top = generation.choices(generation.outlook(), 0)
    assert bars == [f"{choice.probability * 100:.2f}" for choice in top]
    assert "no chat template, no hidden prompt" in html(app)


def test_steps_write_what_the_library_writes(llama: str) -> None:
    app, generation = opened(llama), alone()
    for _ in range(3):
        app = still(press(app, "step"))
        chosen = generation.step().chosen
        assert state(app).startswith(f"Chosen: “{chosen.text}”, to which the model gave ")
    assert the_run(app).view.written == generation.written()
    assert buttons(app) == {"step": True, "play": True, "reset": True}


def test_start_again_goes_back_to_the_text_as_typed(llama: str) -> None:
    app = still(press(opened(llama), "step"))
    first = state(app)
    app = still(press(app, "reset"))
    assert (written(app), buttons(app)["reset"]) == ("", False)
    assert state(still(press(app, "step"))) == first


def test_start_again_is_asked_for_where_the_first_look_takes_long(
    llama: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a click the fragment runs alone: a timer comes with a run of the whole page."""

    class RerunError(Exception):
        pass

    def rerun() -> None:
        raise RerunError

    still(press(opened(llama), "step"))
    desk.again()
    monkeypatch.setattr(Run, "busy", property(lambda self: True))
    monkeypatch.setattr(generate, "PATIENCE_S", 0.0)
    monkeypatch.setattr(generate.st, "rerun", rerun)
    shown = SimpleNamespace(words=load_words("en"), facts=FACTS)
    with pytest.raises(RerunError):
        generate._panel(shown, desk.run.subject, How(0.0, False), ticks=False)


def test_play_becomes_stop_and_stop_ends_it(llama: str) -> None:
    app = press(opened(llama), "play")
    assert (buttons(app)["step"], buttons(app)["stop"]) == (False, True)
    until(app, lambda: len(the_run(app).view.growth) >= 4)
    app = press(app, "stop")
    assert not the_run(app).playing
    assert "play" in buttons(app)
    app = still(app)
    tokens = the_run(app).view.tokens
    time.sleep(0.3)
    assert the_run(run(app)).view.tokens == tokens
    assert buttons(app) == {"step": True, "play": True, "reset": True}


@pytest.mark.float32
def test_the_bytes_are_measured_and_grow_by_the_same_each_step(llama: str) -> None:
    app = opened(llama)
    sizes = []
    for _ in range(3):
        app = still(press(app, "step"))
        sizes.append(int(re.search(r"measured: ([\d,]+) bytes", html(app))[1].replace(",", "")))
    # 2 (K and V) x 3 layers x 2 KV heads x 12 numbers x 4 bytes
    assert {b - a for a, b in pairwise(sizes)} == {2 * 3 * 2 * 12 * 4}
    assert (
        "The formula says the same: 2 (K and V) × 3 layers × 2 KV heads × 12 numbers × 15 tokens "
        "× 4 bytes. One more token adds 576 bytes."
    ) in html(app)


def test_a_step_is_timed_without_the_cache_unless_that_is_switched_off(llama: str) -> None:
    app = opened(llama)
    assert "Without it, with the whole text passed again, <b>" in html(app)
    alt = app.get("plotly_chart")[0].proto.alt
    assert re.search(r"from 12 to 12\. .*ms with the cache, .*ms without it", alt)
    app.toggle(key="generate_compare").set_value(False)
    app = still(press(still(run(app)), "step"))
    assert "Without it" not in html(app)
    assert "not timed without it" in app.get("plotly_chart")[0].proto.alt


def test_the_row_is_that_of_the_chosen_layer_and_head(llama: str) -> None:
    app = opened(llama, layer="2", head="3")
    assert "Head 3 of layer 2: the newest query over 12 cached keys" in html(app)
    row = the_run(app).view.outlook.row(2, 3)
    shades = [int(level) for level in re.findall(r'<i class="w(\d+)', html(app))]
    assert shades == [round(float(weight) * 32) for weight in row]


def test_another_head_is_shown_without_another_pass(llama: str) -> None:
    app = still(press(opened(llama, layer="2", head="3"), "step"))
    before = the_run(app).view
    app.select_slider(key="model_layer").set_value(0)
    app = still(run(app))
    assert re.search(r"Head \d of layer 0: the newest query over 13 cached keys", html(app))
    assert the_run(app).view is before


def test_a_temperature_tells_its_chances_and_draws_from_the_seed(llama: str) -> None:
    app = opened(llama)
    app.select_slider(key="generate_temperature").set_value(1.5)
    app.number_input(key="generate_seed").set_value(7)
    app = still(run(app))
    assert '<th scope="col">chance at 1.5</th>' in html(app)
    generation = alone(seed=7)
    for _ in range(4):
        app = still(press(app, "step"))
        chosen = generation.step(temperature=1.5).chosen
        assert the_run(app).view.last.chosen.token == chosen.token


def test_another_text_starts_afresh(llama: str) -> None:
    app = still(press(opened(llama), "step"))
    app.text_input(key="text").set_value("another text")
    app = still(run(app))
    assert (written(app), buttons(app)["reset"]) == ("", False)
    assert "as typed" in html(app)
    assert ">another text<" in html(app)


def test_the_text_stays_when_another_section_is_looked_at(llama: str) -> None:
    app = still(press(opened(llama), "step"))
    tokens = the_run(app).view.tokens
    app.button_group(key="section").set_value("curve")
    run(app)
    app.button_group(key="section").set_value("generate")
    assert the_run(still(run(app))).view.tokens == tokens


def test_the_end_is_told_with_its_reason(llama: str) -> None:
    app = opened(llama, text="q x " * 300)  # cut to the 256 tokens that it takes
    app = still(press(app, "step"))
    assert "The text is now as long as fits here, 256 tokens." in state(app)
    assert buttons(app) == {"step": False, "play": False, "reset": True}
    assert "What the last token was chosen from" in html(app)
    assert html(app).count("<small>chosen</small>") == 1


def test_enough_is_told(llama: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(llama)
    monkeypatch.setattr(the_run(app)._generation, "_most", 2)
    for _ in range(2):
        app = still(press(app, "step"))
    assert "That makes 2 tokens, the most that are generated here in one go." in state(app)
    assert MAX_NEW_TOKENS == 256


def test_what_fails_is_one_sentence(llama: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(llama)
    with monkeypatch.context() as broken:
        broken.setattr(Generation, "step", _break)
        app = still(press(app, "step"))
    assert state(app) == ("This step failed (RuntimeError). Start again, or take a shorter text.")
    assert "secret" not in html(app)
    app = still(press(app, "reset"))
    assert state(app).startswith("Step adds one token")


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("secret")


def test_hostile_text_is_text(llama: str) -> None:
    hostile = '<script>alert(1)</script> $x$ {n} "><img src=x onerror=alert(1)>'
    app = still(press(opened(llama, text=hostile), "step"))
    assert "<script" not in html(app).replace("<script>document.documentElement.lang", "")
    assert "<img" not in html(app)


def test_in_hindi(llama: str) -> None:
    app = still(press(opened(llama, lang="hi"), "step"))
    words = load_words("hi")
    assert app.button(key="generate_step").label == words("generate.step")
    assert state(app).startswith("चुना गया: “")
    assert words("generate.choices") in html(app)


def test_an_encoder_is_told_to_have_no_next_token(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(make("bert", tmp_path_factory.mktemp("models") / "tiny_bert"))
    app = page(model=folder, text=TEXT)
    assert "Next token" not in app.button_group(key="section").options


@pytest.mark.float32
def test_heads_that_are_off_are_off_here_too_and_it_is_said(llama: str) -> None:
    app = opened(llama, off="0.1,1.2")
    assert "In every step these heads are switched off (layer.head): 0.1, 1.2." in html(app)
    model = load_tiny("llama").without(the_run(app).subject.off)
    generation = Generation(model, the_run(app).subject.ids)
    assert the_run(app).view.top == generation.choices(generation.outlook(), 0)
    assert str(the_run(app).subject.off) == "0.1,1.2"
