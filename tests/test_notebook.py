"""The picture in a notebook: executed by nbconvert, opened in Chromium without a network."""

import html
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from attention.models.huggingface.errors import CheckpointError
from attention.models.layouts.load import available_layouts, load_layout
from attention.models.limits import TextError
from attention.notebook import trace
from attention.picture.scene import SceneError
from attention.words import LocaleError
from tests.models import tiny

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = "The keys near the old cabinet are lost."

LOAD = """import sys
sys.path.insert(0, {root!r})
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained({folder!r})
tokenizer = AutoTokenizer.from_pretrained({folder!r})"""


def readme_lines() -> str:
    """What the README tells to type, once model and tokenizer are in memory."""
    return re.search(r"<!-- notebook -->\n```python\n(.*?)```", README, re.DOTALL)[1].strip()


def test_the_readme_needs_three_lines() -> None:
    lines = [line for line in readme_lines().splitlines() if line]
    assert len(lines) <= 3
    assert lines[-1].startswith("trace(") and "model=model, tokenizer=tokenizer" in lines[-1]


@pytest.mark.slow
def test_an_executed_notebook_shows_the_picture_without_a_network(chrome, tmp_path: Path) -> None:
    path = _execute(tmp_path, tiny.make("llama", tmp_path / "model"))
    page = chrome.new_page(viewport={"width": 1300, "height": 1000})
    inside, errors = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: request.frame.parent_frame and inside.append(request.url))
    # nbconvert's own frame of a page asks for MathJax; ours has to stand without.
    page.route("**/*", lambda route: _only_files(route))
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".hc-weights").wait_for()
    assert frame.locator("h1").inner_text().endswith("on one text")
    assert frame.locator(".hc-cell").count() == 3 * 4
    frame.get_by_role("radio", name=re.compile("^Head 2 ")).click()
    assert frame.locator(".hc-heat .hc-title").inner_text() == "Head 2"
    frame.get_by_role("gridcell", name="Layer 1, head 3, ").click()
    frame.get_by_text("All heads of layer 1").wait_for()
    assert frame.locator(".hc-heat .hc-title").inner_text() == "Head 3"
    held = page.locator("iframe").bounding_box()["height"]
    needed = frame.locator("body").evaluate("body => body.scrollHeight")
    assert held == pytest.approx(needed, abs=2)
    assert (inside, errors) == ([], [])
    page.close()


def test_in_a_dark_cell_the_picture_is_dark(chrome, tmp_path: Path) -> None:
    shown = trace(TEXT, model=_layout())._repr_html_()
    path = tmp_path / "cell.html"
    path.write_text(f'<body style="background: #1b1b2a">{shown}</body>', encoding="utf-8")
    page = chrome.new_page(color_scheme="light")
    page.goto(path.as_uri())
    body = page.frame_locator("iframe").locator("body")
    page.frame_locator("iframe").locator(".hc-weights").wait_for()
    colours = body.evaluate("body => [getComputedStyle(body).backgroundColor, "
                            "getComputedStyle(body).color]")  # fmt: skip
    assert colours == ["rgb(27, 27, 42)", "rgb(236, 238, 241)"]
    page.close()


def test_a_layout_needs_no_tokenizer(tmp_path: Path) -> None:
    shown = trace(TEXT, model=_layout(), layer=1, head=0)
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown._repr_html_())[1])
    shown.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page
    assert repr(shown).startswith("<Traced Headcount ")


def test_hostile_text_stays_in_its_frame() -> None:
    shown = trace('"></iframe><img src=x onerror=alert(1)>', model=_layout())._repr_html_()
    assert shown.count("<") == 2  # the frame's own two tags
    assert "onerror" not in shown


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"layer": 3}, TextError, "layer 3 does not exist: choose 0 to 2."),
        ({"head": 64}, TextError, "head 64 does not exist: choose 0 to {most}."),
        ({"text": ""}, TextError, "The text has no tokens: give at least one character."),
        ({"lang": "../en"}, LocaleError, "There is no language '../en': choose en or hi."),
        (
            {"model": object()},
            CheckpointError,
            "object is no model of transformers: give one that from_pretrained returned.",
        ),
    ],
)
def test_refusals_are_sentences(arguments: dict, error: type, message: str) -> None:
    model = _layout()
    given = {"text": TEXT, "model": model} | arguments
    with pytest.raises(error) as caught:
        trace(given.pop("text"), **given)
    assert str(caught.value) == message.format(most=model.config.n_heads - 1)


def _layout():
    return load_layout(*available_layouts()[0], device="cpu")


def _execute(folder: Path, checkpoint: Path) -> Path:
    """A notebook with the README's lines, run by a real kernel and written as HTML."""
    cells = [LOAD.format(root=str(ROOT), folder=str(checkpoint)), readme_lines()]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, folder / "picture.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "picture.ipynb"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "picture.html"


def _only_files(route) -> None:
    if route.request.url.startswith("file:"):
        route.continue_()
    else:
        route.abort()


def test_files_of_a_part(tmp_path: Path) -> None:
    shown = trace(TEXT, model=load_layout(8, 2, device="cpu"), layer=1, head=1)
    shown.svg(tmp_path / "all.svg")
    shown.svg(tmp_path / "head.svg", "head", layer=0, head=3, colours="dark")
    shown.png(tmp_path / "head.png", "head")
    shown.csv(tmp_path / "head.csv", token=2)
    shown.csv(tmp_path / "joined.csv", "joined", token=2)
    shown.svg(tmp_path / "joined.svg", "joined", token=2)
    assert (tmp_path / "all.svg").read_text(encoding="utf-8").count("data-head=") == 9
    assert ">Head 3 · KV" in (tmp_path / "head.svg").read_text(encoding="utf-8")
    assert "what each gathered for “s”" in (tmp_path / "joined.svg").read_text(encoding="utf-8")
    of_first = (tmp_path / "joined.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    model = load_layout(8, 2, device="cpu")
    traced = model.trace(model.encode(TEXT), layer=1).context[0, 0, 2, 0]
    assert of_first.startswith("2,context,0,0,0,")
    assert float(of_first.rsplit(",", 1)[1]) == pytest.approx(float(traced), abs=6e-4)
    assert (tmp_path / "head.png").read_bytes().startswith(b"\x89PNG")
    rows = (tmp_path / "head.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "query,token,0 The,1 key,2 s,3 near,4 the,5 old,6 cabinet,7 are,8 lost,9 ."


@pytest.mark.parametrize(
    "choices, message",
    [
        ({"layer": 9}, "layer 9 is outside 0 to 2"),
        ({"head": 99}, "head 99 is outside 0 to 7"),
        ({"token": 10}, "token 10 is outside 0 to 9"),
    ],
)
def test_files_of_what_is_not_there(tmp_path: Path, choices: dict, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        trace(TEXT, model=load_layout(8, 2, device="cpu")).svg(tmp_path / "x.svg", **choices)
    assert str(caught.value) == message
