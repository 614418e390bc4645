"""The page with a model that reads pictures: a picture of ours or a file, and nothing of a text."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from attention.models.images import seen
from attention.models.layouts import cards
from attention.models.samples import SAMPLES, sample
from tests.app.explore.test_page import address, header, html, page, run
from tests.app.mounted import mounted
from tests.models.tiny_pictures import load_tiny, make, picture

pytestmark = pytest.mark.skipif(
    (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
)


@pytest.fixture(scope="module")
def vit(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make("vit", tmp_path_factory.mktemp("models") / "tiny_vit"))


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")


def png(pixels: np.ndarray) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    return held.getvalue()


def upload(app: AppTest, content: bytes, name: str = "mine.png") -> AppTest:
    app.file_uploader(key="upload").set_value((name, content, "image/png"))
    return run(app)


def test_it_opens_on_a_picture_of_ours(vit: str) -> None:
    app = page(model=vit)
    drawn = header(app)
    shown = seen(load_tiny("vit"), sample("house"))
    look = shown.model.look(shown.reading.ids)
    assert drawn["patches"]["rows"] == drawn["patches"]["columns"] == 4
    assert drawn["tokens"] == list(shown.reading.tokens)
    assert (drawn["layer"], drawn["token"], drawn["cache"]) == (2, 0, None)
    spreads = look.values("spread")[2]
    assert drawn["head"] == spreads.index(min(spreads))
    said = html(app)
    assert "it reads the whole picture at once and keeps no cache." in said
    assert "Every patch sees every other." in said
    assert "on the head that looks least evenly" in said
    keys = {each.key for each in (*app.selectbox, *app.text_input)}
    assert "image" in keys and not keys & {"text", "pieces", "example"}


def test_the_address_holds_the_picture(vit: str) -> None:
    app = page(model=vit, image="rings", layer="1")
    assert app.selectbox(key="image").value == "rings"
    before = header(app)["patches"]["png"]
    app.selectbox(key="image").set_value("shapes")
    run(app)
    assert header(app)["patches"]["png"] != before
    assert address(app)["image"] == "shapes"
    app.selectbox(key="image").set_value(SAMPLES[0])
    run(app)
    assert "image" not in address(app)
    near = page(model=vit, image="hous")
    assert near.selectbox(key="image").value == "house"


@pytest.mark.float32
def test_a_file_of_the_visitors(vit: str) -> None:
    app = upload(page(model=vit, image="rings"), png(picture()))
    shown = seen(load_tiny("vit"), picture())
    weights = shown.model.look(shown.reading.ids).weights(2, header(app)["head"])
    from attention.picture.payload import decode  # noqa: PLC0415

    held = decode(mounted(app)[0].bytes)[2]
    np.testing.assert_allclose(held, weights, atol=1e-4)
    assert "it is not part of the link" in html(app)
    assert "image" not in address(app) and app.selectbox(key="image").value == "own"
    assert app.selectbox(key="image").options[-1] == "mine.png"
    app.selectbox(key="image").set_value("house")
    run(app)
    assert "it is not part of the link" not in html(app)
    app.selectbox(key="image").set_value("own")  # it is still there
    run(app)
    assert "it is not part of the link" in html(app)


def test_a_file_that_is_no_picture(vit: str) -> None:
    app = upload(page(model=vit), b"no picture at all")
    assert (
        "mine.png is no picture that can be read: give a PNG, a JPEG or a WebP. Meanwhile a "
        "picture of ours is shown."
    ) in html(app)
    assert header(app)["patches"]["rows"] == 4
    hindi = upload(page(model=vit, lang="hi"), png(np.zeros((3, 90, 3), np.uint8)))
    assert "mine.png में 90 × 3 पिक्सेल हैं" in html(hindi)


@pytest.mark.parametrize("section", ["steps", "off", "numbers"])
def test_sections_below(vit: str, section: str) -> None:
    app = page(model=vit, section=section, token="5", off="2.1")
    assert not app.exception
    assert header(app)["off"] == [1]
    if section == "numbers":
        assert "r1 c1" in " ".join(app.dataframe[0].value.columns)


def test_sections_about_a_text_are_not_there(vit: str) -> None:
    app = page(model=vit)
    sections = next(group for group in app.segmented_control if group.key == "section")
    assert len(sections.options) == 4


@pytest.mark.slow
def test_a_model_with_two_towers_is_shown_its_picture(tmp_path_factory) -> None:
    clip = str(make("clip", tmp_path_factory.mktemp("models") / "tiny_clip"))
    app = page(model=clip)
    shown = seen(load_tiny("clip"), sample("house"))
    assert header(app)["tokens"] == list(shown.reading.tokens)
