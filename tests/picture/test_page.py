"""The self-contained page: what it holds, that it opens offline and shows every layer and head."""

import base64
import html
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

from attention.models.huggingface.model import LanguageModel
from attention.models.layouts.cards import available_layouts
from attention.models.layouts.load import load_layout
from attention.models.layouts.model import LayoutModel
from attention.models.limits import TextError
from attention.models.reading import read
from attention.picture import held
from attention.picture.compose import map_of, scene_of
from attention.picture.page import page_html, write_page
from attention.picture.scene import CacheFigures
from attention.scores import of_weights
from attention.words import load_words
from tests.models import tiny
from tests.picture.looking import corner, pixels

TEXT = "The keys near the old cabinet are lost. The keys are old."
HINDI = "पुरानी अलमारी 🙂 के पास"
HOSTILE = "</script><img src=x onerror=alert(1)> {token} $x$ <!-- \u2028"


def layout() -> LayoutModel:
    return load_layout(*available_layouts()[0], device="cpu")


def unpacked(page: str) -> tuple[dict, list[bytes]]:
    """The header and the layers' bytes, as the page's own script reads them."""
    packed = re.search(r'<script type="text/plain" class="packed">([^<]*)</script>', page)[1]
    lines = [zlib.decompress(base64.b64decode(line)) for line in packed.split("\n")]
    return json.loads(lines[0]), lines[1:]


def n_tiles(own: dict) -> int:
    tile = own["tile"]
    return own["shape"]["n_heads"] * (tile * (tile + 1) // 2 if own["causal"] else tile**2)


def tiles_of(header: dict, layer: int, content: bytes) -> np.ndarray:
    """[n_heads, tile, tile] as weights, spread out again in plain Python."""
    own = header["layers"][layer]
    tile, n_heads = own["tile"], own["shape"]["n_heads"]
    content = content[: n_tiles(own)]
    if not own["causal"]:
        tiles = np.frombuffer(content, np.uint8).reshape(n_heads, tile, tile)
        return tiles * (own["scale"] / 255)
    tiles, values = np.zeros((n_heads, tile, tile)), iter(content)
    for head in range(n_heads):
        for key in range(tile):
            for query in range(key, tile):
                tiles[head, query, key] = next(values)
    assert next(values, None) is None
    return tiles * (own["scale"] / 255)


@pytest.mark.parametrize("name", ["llama", "gemma2", "bert"])
def test_every_head_of_a_language_model_is_there(name: str) -> None:
    model = tiny.load_tiny(name)
    header, contents = unpacked(page_html(model, TEXT))
    ids = model.encode(TEXT)
    assert len(contents) == model.n_layers
    for layer, content in enumerate(contents):
        weights = model.trace(ids, layer=layer).weights[0].numpy()
        assert np.abs(tiles_of(header, layer, content) - weights).max() <= 1 / 255 / 2 + 1e-5
    assert header["common"]["tokens"] == model.token_texts(ids)


@pytest.mark.parametrize("causal", [None, True, False])
def test_every_head_of_a_layout_is_there(causal: bool | None) -> None:
    model = layout()
    header, contents = unpacked(page_html(model, TEXT, causal=causal))
    for layer, content in enumerate(contents):
        traced = model.trace(model.encode(TEXT), layer=layer, causal=causal)
        weights = traced.weights[0].numpy()
        assert np.abs(tiles_of(header, layer, content) - weights).max() <= 1 / 255 / 2 + 1e-5


def test_the_map_holds_the_scores_of_every_head() -> None:
    model = tiny.load_tiny("llama")
    ids = model.encode(TEXT)
    drawn = map_of(model.look(ids), read(model, TEXT), None, load_words("en"))
    for layer in range(model.n_layers):
        weights = model.trace(ids, layer=layer).weights[0].numpy()
        scores = of_weights(weights, ids, causal=True)
        for measure, name in (("entropy", "spread"), ("first", "first"), ("previous", "previous")):
            expected = [one[name] for one in scores]
            assert getattr(drawn, measure)[layer] == pytest.approx(expected, abs=1e-5)
        query, key = np.mgrid[: len(ids), : len(ids)]
        distance = (weights * abs(query - key)).sum(-1).mean(-1)
        assert drawn.distance[layer] == pytest.approx(distance, abs=1e-4)


def drawn_cache(model: LanguageModel) -> CacheFigures | None:
    reading = read(model, TEXT)
    return scene_of(model.look(reading.ids), reading, 0, 0, load_words("en")).cache


def test_cache_figures_are_measured_and_add_up() -> None:
    model = tiny.load_tiny("llama")  # 3 layers, 4 heads, 2 KV heads of 12, float32
    cache = drawn_cache(model)
    n = len(model.encode(TEXT))
    assert cache.now_bytes == model.measure_cache(model.encode(TEXT)) == 2 * 3 * 2 * 12 * n * 4
    assert (cache.mha_bytes, cache.mqa_bytes) == (2 * cache.now_bytes, cache.now_bytes // 2)
    assert cache.measured
    assert drawn_cache(tiny.load_tiny("bert")) is None


def test_layers_with_windows_say_a_sum_and_not_a_product() -> None:
    header, _ = unpacked(page_html(tiny.load_tiny("gemma2"), TEXT))
    formulas = {layer["cache"]["formula"] for layer in header["layers"]}
    assert formulas == {
        "The sum over its 3 layers, which keep different numbers of tokens or heads."
    }


def held_of(own: dict, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Contexts ``[tokens, n_heads * width]`` and outputs ``[tokens, d_model]`` of a layer."""
    rows = np.frombuffer(content[n_tiles(own) :], "<i2").reshape(len(own["held"]["scales"]), -1)
    wide = own["shape"]["n_heads"] * own["held"]["width"]
    context, output = np.array(own["held"]["scales"]).T[:, :, None] / 32767
    return rows[:, :wide] * context, rows[:, wide:] * output


@pytest.mark.parametrize("name", ["llama", "gemma2", "bert"])
def test_what_becomes_of_every_token_is_what_the_model_makes_of_it(name: str) -> None:
    model = tiny.load_tiny(name)
    header, contents = unpacked(page_html(model, TEXT))
    for layer, content in enumerate(contents):
        traced = model.trace(model.encode(TEXT), layer=layer)
        contexts, outputs = held_of(header["layers"][layer], content)
        np.testing.assert_allclose(contexts, traced.merged[0].float(), atol=2e-4)
        np.testing.assert_allclose(outputs, traced.output[0].float(), atol=2e-4)


def test_of_a_long_text_one_token_is_held_and_that_is_said(monkeypatch) -> None:
    monkeypatch.setattr(held, "MOST", 1000)
    page = page_html(tiny.load_tiny("llama"), TEXT)
    header, contents = unpacked(page)
    own, n = header["layers"][0], len(header["common"]["tokens"])
    assert own["held"]["first"] == n - 1 and len(held_of(own, contents[0])[0]) == 1
    token = header["common"]["tokens"][-1]
    said = f"The heads side by side are those of “{token}” ({n - 1}) alone: the text is long."
    assert f"<p>{html.escape(said)}</p>" in page


def test_tokens_that_split_a_character_are_merged_and_counted() -> None:
    model = tiny.load_tiny("llama")
    header, _ = unpacked(page_html(model, HINDI))
    common = header["common"]
    assert "🙂" in common["tokens"]
    assert sum(common["counts"]) == len(model.encode(HINDI))
    assert header["layers"][0]["cache"]["seq_len"] == sum(common["counts"])


def test_a_long_text_is_cut_pooled_and_both_are_said() -> None:
    model = tiny.load_tiny("llama")  # takes 256 tokens
    page = page_html(model, "keys " * 400)
    header, contents = unpacked(page)
    own = header["layers"][0]
    assert (own["pool"], own["tile"], len(header["common"]["tokens"])) == (2, 128, 256)
    assert n_tiles(own) == 4 * 128 * 129 // 2 < len(contents[0])
    assert "the first 256 are shown." in page
    assert "The text is long: every weight is the largest of a block of 2 × 2." in page


def test_hostile_text_is_never_markup() -> None:
    page = page_html(layout(), HOSTILE)
    assert "onerror" not in page and "<img" not in page
    assert page.count("</script>") == 2
    assert "".join(unpacked(page)[0]["common"]["tokens"]).count("onerror") == 1


def test_half_a_surrogate_does_not_break_the_page() -> None:
    assert unpacked(page_html(tiny.load_tiny("llama"), "a\ud83d"))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"layer": 3}, "layer 3 does not exist: choose 0 to 2."),
        ({"layer": -1}, "layer -1 does not exist: choose 0 to 2."),
        ({"head": 4}, "head 4 does not exist: choose 0 to 3."),
        ({"causal": False}, "llama has a mask of its own: leave causal out."),
    ],
)
def test_refusals_are_sentences(choices: dict, message: str, monkeypatch) -> None:
    model = tiny.load_tiny("llama")
    monkeypatch.setattr(model, "title", "llama")
    with pytest.raises(TextError) as caught:
        page_html(model, TEXT, **choices)
    assert str(caught.value) == message


def test_a_text_without_tokens_is_refused() -> None:
    with pytest.raises(TextError) as caught:
        page_html(layout(), "")
    assert str(caught.value) == "The text has no tokens: give at least one character."


@pytest.fixture
def opened(files, tmp_path: Path):
    """Open a page of a model offline; a script error or any request but the file fails."""
    pages, wrong = [], []

    def open_page(model, text: str = TEXT, *, dark=False, width=1280, **choices):
        path = tmp_path / "page.html"
        size = write_page(path, model, text, **choices)
        assert size == path.stat().st_size
        page = files.new_page()
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("request", lambda request: request.url != path.as_uri()
                and wrong.append(request.url))  # fmt: skip
        page.goto(path.as_uri())
        page.locator(".hc-weights").wait_for()
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert wrong == []


def shown_pixels(page) -> np.ndarray:
    return pixels(page.locator(".hc-weights"))[..., :3].sum(-1, dtype=int)


def assert_shown(page, weights: np.ndarray) -> None:
    """More weight is darker on the light scale."""
    brightness = shown_pixels(page)
    assert brightness.shape == weights.shape
    order = np.argsort(weights.ravel())
    assert (np.diff(brightness.ravel()[order]) <= 12).all()
    assert brightness.max() - brightness.min() > 300


@pytest.mark.browser
def test_layers_and_heads_are_chosen_by_slider_map_and_keys(opened) -> None:
    model = tiny.load_tiny("llama")
    page = opened(model, layer=1, head=2)
    ids = model.encode(TEXT)

    def weights(layer: int, head: int) -> np.ndarray:
        return model.trace(ids, layer=layer).weights[0, head].numpy()

    assert_shown(page, weights(1, 2))
    page.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("All heads of layer 2").wait_for()
    assert_shown(page, weights(2, 2))
    page.get_by_role("gridcell", name="Layer 0, head 3,").click()
    page.get_by_text("All heads of layer 0").wait_for()
    assert page.locator("input[type=range]").input_value() == "0"
    assert page.locator("output").inner_text() == "0"
    assert_shown(page, weights(0, 3))
    page.get_by_role("radio", name=re.compile("^Head 1 ")).click()
    assert_shown(page, weights(0, 1))
    page.keyboard.press("PageDown")
    page.get_by_text("All heads of layer 1").wait_for()
    assert_shown(page, weights(1, 1))


@pytest.mark.browser
def test_the_heads_joined_follow_the_token_and_keep_the_head(opened) -> None:
    model = load_layout(8, 2, device="cpu")
    page = opened(model, layer=1, head=3)
    joined = page.locator(".hc-joined")
    page.get_by_role("radio", name=re.compile("^Head 1 ")).click()
    page.locator(".hc-token").nth(2).click()
    joined.get_by_text(f"“{page.locator('.hc-token').nth(2).inner_text()}”").wait_for()
    traced = model.trace(model.encode(TEXT), layer=1)
    first = f"{float(traced.output[0, 2, 0]):.2f}".replace("-", "\u2212")
    assert f": {first}; " in joined.locator(".hc-by").inner_text()
    assert joined.locator(".hc-stale").count() == 0
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 1"


@pytest.mark.browser
def test_the_last_of_many_layers_asked_for_is_the_one_that_stands(opened) -> None:
    page = opened(tiny.load_tiny("llama"))
    page.evaluate(
        """() => { const slider = document.querySelector('input');
          for (const layer of [2, 1, 2, 0, 1]) {
            slider.value = layer; slider.dispatchEvent(new Event('input')); } }"""
    )
    page.get_by_text("All heads of layer 1").wait_for()
    page.wait_for_timeout(100)
    assert page.locator(".hc-gallery .hc-title").inner_text() == "All heads of layer 1"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(14, 17, 23)")]
)
def test_light_and_dark_follow_the_browser(opened, scheme: str, background: str) -> None:
    page = opened(layout(), dark=scheme == "dark")
    body = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(body) == background
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    page.wait_for_function(f"{body} !== {background!r}")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 100)))")
    assert corner(page) == ([14, 17, 23] if scheme == "light" else [255, 255, 255])


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "hi"])
def test_a_phone_scrolls_down_only(opened, lang: str) -> None:
    page = opened(tiny.load_tiny("llama"), HINDI, width=390, lang=lang)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("html").get_attribute("lang") == lang


@pytest.mark.browser
def test_hostile_text_is_shown_as_text(opened) -> None:
    page = opened(tiny.load_tiny("llama"), HOSTILE)
    assert page.locator("img").count() == 0
    shown = "".join(page.locator(".hc-token").all_inner_texts())
    assert "onerror" in shown and "{token}" in shown


@pytest.mark.browser
def test_a_browser_that_cannot_unpack_is_told(files, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_page(path, layout(), TEXT)
    page = files.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    assert page.locator(".old").is_visible()
    page.close()


@pytest.mark.browser
def test_nothing_but_its_own_script_runs(chrome, tmp_path: Path) -> None:
    """The policy holds: neither an inline handler nor a connection nor another script."""
    path = tmp_path / "page.html"
    write_page(path, layout(), TEXT)
    page = chrome.new_page()
    page.goto(path.as_uri())
    page.locator(".hc-weights").wait_for()
    tried = page.evaluate(
        """async () => { window.ran = [];
          document.body.insertAdjacentHTML('beforeend', '<b onclick="ran.push(1)">x</b>');
          document.body.lastChild.click();
          const script = document.createElement('script');
          script.textContent = 'window.ran.push(2)';
          document.body.append(script);
          await fetch('data:text/plain,x').then(() => ran.push(3), () => null);
          return window.ran; }"""
    )
    assert tried == []
    page.close()
