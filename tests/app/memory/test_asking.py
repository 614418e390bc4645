"""One line that fills the controls of Memory, and what it did not say or was not understood."""

import re
from html import unescape

from streamlit.testing.v1 import AppTest

from app.memory.keys import Keys
from tests.app.memory.test_page import HOSTILE, address, answer, page
from tests.app.run import html, run

QUESTION = "Will Qwen3-30B-A3B with 32k context and 20 users fit on 2 × 4090 in vLLM with fp8 KV?"


def marked(app: AppTest, style: str) -> list[str]:
    """Texts of the paragraphs with that class."""
    bodies = [element.proto.body for element in app.get("html")]
    return [unescape(re.sub(r"<[^>]*>", "", body)) for body in bodies if f'class="{style}"' in body]


def test_one_line_fills_the_controls_and_is_answered() -> None:
    app = page()
    app.text_input(Keys.QUESTION).set_value(QUESTION)
    run(app)
    assert answer(app).startswith(
        "Qwen3-30B-A3B keeps 24 KiB a token: 20 users with 32,768 tokens each take 15 GiB in vLLM "
        "on each of 2 GPUs (TP 2) beside 28.45 GiB of weights;"
    )
    assert address(app) == {
        "model": "Qwen3-30B-A3B", "context": "32768", "users": "20", "k": "fp8", "engine": "vllm",
        "gpu": "NVIDIA RTX 4090", "n_gpus": "2", "section": "fit",
    }  # fmt: skip
    assert marked(app, "hc-understood") == [
        "Understood: model Qwen3-30B-A3B, 32,768 tokens, 20 users, 2 × NVIDIA RTX 4090, engine "
        "vllm, KV cache in fp8."
    ]
    assert app.selectbox(Keys.MODEL).value == "Qwen3-30B-A3B"
    assert (app.number_input(Keys.USERS).value, app.number_input(Keys.N_GPUS).value) == (20, 2)
    verdict = (
        "It does not fit on 2 NVIDIA RTX 4090 (TP 2): 25.36 GiB are lacking on each. Not one user "
        "fits. It fits with weights in fp8 + 4 users, or weights in fp8 + 4 of this GPU, or 5 of "
        "this GPU."
    )
    assert marked(app, "hc-fits") == [verdict]
    # The link is the screen, and the controls go on from there.
    assert marked(page(**address(app)), "hc-fits") == [verdict]
    app.number_input(Keys.N_GPUS).set_value(8)
    run(app)
    assert marked(app, "hc-fits")[0].startswith("It fits on 8 NVIDIA RTX 4090 (")
    assert address(app)["n_gpus"] == "8"


def test_what_a_line_does_not_say_stays_and_what_is_not_known_is_told() -> None:
    app = page(model="Qwen3-8B", users="4")
    app.text_input(Keys.QUESTION).set_value("Qwen3-31B 16k bananas")
    run(app)
    assert address(app) == {"model": "Qwen3-8B", "context": "16384", "users": "4"}
    (said,) = marked(app, "hc-understood")
    assert said.startswith("Understood: 16,384 tokens. Not understood: bananas. Model 'qwen3-31b'")
    app.text_input(Keys.QUESTION).set_value(HOSTILE)
    run(app)
    assert "<img src=x" not in html(app)
    app.text_input(Keys.QUESTION).set_value("")
    run(app)
    assert marked(app, "hc-understood") == []
