"""The picture in Chromium: what is drawn, what is chosen, what is said, and how fast."""

import base64
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attention.picture.payload import encode
from tests.browser.harness import browser
from tests.picture.synthetic import HINDI, scene
from tests.picture.synthetic import page as page_of

pytestmark = pytest.mark.browser

REPEATED = tuple(("the cat sat on the mat and the dog sat on the rug while " * 10).split()[:128])
#: The large heatmap as the browser holds it: a pixel a weight.
PIXELS = """canvas => { const [w, h] = [canvas.width, canvas.height];
  return [w, h, Array.from(canvas.getContext('2d').getImageData(0, 0, w, h).data)]; }"""


@pytest.fixture(scope="module")
def chrome():
    with browser() as one:
        yield one


@pytest.fixture
def show(chrome, tmp_path: Path):
    """Open a page with one scene; a script error fails the test."""
    opened, errors = [], []

    def open_page(one, *, size=(1368, 900), **look):
        path = tmp_path / "page.html"
        path.write_text(page_of(one, **look), encoding="utf-8")
        page = chrome.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: _only_here(request.url, errors))
        page.goto(path.as_uri())
        page.wait_for_selector(".hc-weights")
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.close()
    assert errors == []


def test_a_tile_for_each_head_named_in_words(show) -> None:
    page = show(scene(32, 8, token=3))
    heads = page.get_by_role("radiogroup", name="Attention heads of layer 1").get_by_role("radio")
    assert heads.count() == 32
    assert heads.nth(5).get_attribute("aria-label") == (
        "Head 5, key–value head 1: mostly the previous token, 0.65"
    )
    assert page.locator(".hc-spine").all_inner_texts() == [f"KV {kv}" for kv in range(8)]


def test_click_chooses_a_head_and_draws_it_before_any_answer(show) -> None:
    one = scene()
    page = show(one)
    page.get_by_role("radio", name="Head 1,").click()
    assert page.evaluate("heard") == [["head", 1]]
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 1"
    _assert_drawn(page, one.weights[1])


def test_arrow_keys_choose_and_focus_survives_the_answer(show) -> None:
    one = scene()
    page = show(one)
    page.get_by_role("radio", name="Head 5,").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("heard") == [["head", 6], ["head", 2]]
    _answer(page, replace(one, head=2))
    assert page.evaluate("document.querySelector('#host').shadowRoot.activeElement.ariaLabel") == (
        "Head 2, key–value head 0: mostly what followed the same token before, 0.44"
    )
    page.keyboard.press("Home")
    assert page.evaluate("heard.at(-1)") == ["head", 0]
    page.keyboard.press("ArrowLeft")
    assert len(page.evaluate("heard")) == 3  # there is nothing before head 0


def test_an_answer_to_an_older_click_does_not_jump_back(show) -> None:
    one = scene()
    page = show(one)
    for head in (2, 7):
        page.get_by_role("radio", name=f"Head {head},").click()
    _answer(page, replace(one, head=2))
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 7"
    _answer(page, replace(one, head=7))
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 7"
    _answer(page, replace(one, head=3))  # nobody waits any more: the server's word holds
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 3"


def test_only_one_radio_is_in_the_tab_order(show) -> None:
    page = show(scene(16, 4))
    assert page.locator(".hc-head[tabindex='0']").count() == 1
    assert page.locator(".hc-token[tabindex='0']").count() == 1


def test_cross_hair_reads_the_weights(show) -> None:
    one = scene(token=7)
    page = show(one)
    page.locator(".hc-field").focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    # The first key shows the chosen token's own cell, then one left, one up.
    weight = one.weights[5][6, 6]
    says = page.locator(".hc-says")
    assert says.inner_text() == (
        f"“are” (6) gives {_percent(weight)} of its attention to “are” (6)"
    )
    assert says.get_attribute("aria-live") == "polite"
    page.keyboard.press("ArrowRight")
    assert says.inner_text() == "“are” (6) cannot look ahead to “on” (7): masked"
    page.keyboard.press("Enter")
    assert page.evaluate("heard") == [["token", 6]]


def test_pointing_reads_the_weights(show) -> None:
    one = scene()
    page = show(one)
    box = page.locator(".hc-weights").bounding_box()
    cell = box["width"] / 19
    page.mouse.move(box["x"] + 2.5 * cell, box["y"] + 3.5 * cell)
    assert page.locator(".hc-says").inner_text() == (
        f"“the” (3) gives {_percent(one.weights[5][3, 2])} of its attention to “near” (2)"
    )
    page.mouse.move(2, 2)
    assert page.locator(".hc-says").inner_text() == one.words["heat_hint"]


def test_a_token_is_chosen_and_its_lines_lead_where_it_looks(show) -> None:
    one = scene()
    page = show(one)
    page.get_by_role("radio", name="token 8:").click()
    assert page.evaluate("heard") == [["token", 8]]
    target = int(one.weights[5][8].argmax())
    assert target == 7
    ends = page.evaluate(
        """target => { const root = document.querySelector('#host').shadowRoot;
          const lines = [...root.querySelectorAll('.hc-lines path')];
          const blue = lines.filter(line => line.getAttribute('stroke') === '#145384');
          const width = line => +line.getAttribute('stroke-width');
          const thickest = blue.reduce((a, b) => width(b) > width(a) ? b : a);
          const end = thickest.getPointAtLength(thickest.getTotalLength()).x;
          const token = root.querySelectorAll('.hc-token')[target];
          return [end, token.offsetLeft + token.offsetWidth / 2]; }""",
        target,
    )
    assert ends[0] == pytest.approx(ends[1], abs=1)
    legend = page.locator(".hc-looks").inner_text()
    assert legend.startswith(f"“the” looks at “on” {_percent(one.weights[5][8, 7])}")


def test_hovering_a_token_previews_and_leaves(show) -> None:
    page = show(scene())
    before = page.locator(".hc-looks").inner_text()
    page.get_by_role("radio", name="token 4:").hover()
    assert page.locator(".hc-looks").inner_text().startswith("“old” looks at")
    page.mouse.move(2, 2)
    assert page.locator(".hc-looks").inner_text() == before
    assert page.evaluate("heard") == []


def test_bidirectional_heads_look_ahead_too(show) -> None:
    one = scene(causal=False, token=0)
    page = show(one)
    page.locator(".hc-field").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "gives" in page.locator(".hc-says").inner_text()
    _assert_drawn(page, one.weights[5])


def test_hostile_tokens_are_text(show) -> None:
    tokens = ("<img src=x onerror=heard.push('hacked')>", "<b>", "&lt;", "{token}", "\x00", " ", "")
    page = show(scene(4, 2, tokens))
    page.get_by_role("radio", name="token 0:").click()
    page.mouse.move(0, 0)
    assert page.locator(".hc-token").nth(0).inner_text() == tokens[0]
    assert page.locator(".hc-token").nth(3).inner_text() == "{token}"
    assert page.locator(".hc-token").nth(5).inner_text() == "␣"
    assert page.locator("img").count() == 0
    assert page.evaluate("heard") == [["token", 0]]


def test_devanagari_is_kept_whole(show) -> None:
    tokens = ("क्षत्रियश्रीकृष्ण" * 2, *HINDI.split())
    page = show(scene(tokens=tokens, lang="hi"))
    assert page.locator(".hc-token").nth(0).inner_text() == tokens[0]
    label = page.locator(".hc-row-label").nth(0).text_content()
    # Nine letters as a reader counts them, the last replaced by the sign for "cut".
    assert label.endswith("…")
    assert tokens[0].startswith(label[:-1])
    assert label[-2] != "\u094d", "cut inside a conjunct"
    assert page.locator(".hc-picture").get_attribute("lang") == "hi"


def test_right_to_left_runs_from_the_right(show) -> None:
    page = show(scene(2, 1, ("הכלב", "של", "השכן", "ישן", "👩‍👩‍👧")))
    boxes = [page.locator(".hc-token").nth(i).bounding_box()["x"] for i in range(3)]
    assert boxes == sorted(boxes, reverse=True)
    page.locator(".hc-token").nth(4).focus()
    page.keyboard.press("ArrowRight")  # to the right is back
    assert page.evaluate("heard") == [["token", 3]]


def test_dark_follows_the_page_without_new_data(show) -> None:
    one = scene()
    page = show(one)
    assert _corner(page) == [255, 255, 255]
    page.evaluate("document.body.style.setProperty('--st-background-color', '#0e1117')")
    page.evaluate("document.body.style.setProperty('--st-text-color', '#eceef1')")
    _answer(page, one)
    assert _corner(page) == [14, 17, 23]
    colour = page.locator(".hc-spine").nth(0).evaluate("one => getComputedStyle(one).background")
    assert "rgb(90, 204, 253)" in colour


def test_above_eight_kv_heads_only_the_chosen_one_has_a_colour(show) -> None:
    page = show(scene(16, 16))
    fills = page.locator(".hc-spine").evaluate_all("all => all.map(one => one.style.background)")
    assert len(set(fills)) == 2
    assert fills.count(fills[5]) == 1


def test_split_says_how_the_result_is_cut(show) -> None:
    page = show(scene(32, 8, width=4096))
    assert page.locator(".hc-headline").inner_text() == "4096 → 32 × 128"
    assert page.locator(".hc-badge").inner_text() == "shape only"
    facts = page.locator(".hc-facts").inner_text().replace("\n", " ")
    assert "WQ 16,777,216" in facts and "WK 4,194,304" in facts
    assert scene().check in facts
    alt = page.locator(".hc-split svg").get_attribute("aria-label")
    assert "query heads: 32 of 128 numbers" in alt
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 5"


def test_cache_says_the_formula_and_its_bytes(show) -> None:
    page = show(scene())
    ledger = page.locator(".hc-factor b").all_inner_texts()
    assert ledger == ["2", "2", "2", "24", "19", "4", "14,592"]
    assert np.prod([int(n) for n in ledger[:-1]]) == 14592
    assert page.locator(".hc-smaller").inner_text() == "4 × smaller than MHA"
    strips = page.locator(".hc-now .hc-strip")
    assert [strips.nth(i).locator("i").count() for i in range(3)] == [8, 2, 1]
    widths = [strips.nth(i).bounding_box()["width"] for i in range(3)]
    assert widths[1] / widths[0] == pytest.approx(1 / 4, abs=0.01)


def test_a_real_model_that_does_not_divide_gets_its_sentence(show) -> None:
    real = replace(
        scene().real, regrouped_bytes=None, regrouped_n_kv_heads=None, note="3 does not divide 64."
    )
    page = show(scene(real=real))
    assert page.locator(".hc-note").inner_text() == "3 does not divide 64."
    assert page.locator(".hc-strip-own").count() == 0


@pytest.mark.parametrize("n_heads", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize("n_tokens", [3, 32, 128])
def test_fits_a_laptop_and_stays_readable(show, n_heads: int, n_tokens: int) -> None:
    page = show(scene(n_heads, max(1, n_heads // 4), REPEATED[:n_tokens]))
    box = page.locator(".hc-picture").bounding_box()
    assert box["width"] == 1336
    assert box["height"] <= 675
    tile = page.locator(".hc-head canvas").nth(0).bounding_box()
    assert tile["width"] >= 48
    assert _smallest_type(page) >= 12


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_phone_stacks_without_sideways_scrolling(show, lang: str) -> None:
    tokens = tuple(HINDI.split()) if lang == "hi" else REPEATED[:40]
    page = show(scene(32, 32, tokens, lang=lang), size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tops = [page.locator(f".hc-{part}").bounding_box()["y"]
            for part in ("split", "gallery", "heat", "sentence", "cache")]  # fmt: skip
    assert tops == sorted(tops)
    assert _smallest_type(page) >= 12


def test_1024_tokens_are_drawn(show) -> None:
    tokens = tuple(f"t{i % 60}" for i in range(1024))
    weights = np.zeros((2, 1024, 1024), np.float32)
    weights[:, np.arange(1024), np.maximum(np.arange(1024) - 1, 0)] = 1
    page = show(scene(2, 1, tokens, weights=weights))
    width, height, pixels = page.locator(".hc-weights").evaluate(PIXELS)
    assert width == height <= 512
    # The last pixel holds one row only, and that row looks one pixel back.
    diagonal = np.array(pixels).reshape(height, width, 4)[range(width - 1), range(width - 1), 0]
    assert (diagonal < 40).all(), "the thin line is lost in pooling"
    assert page.locator(".hc-looks").inner_text() == "“t3” looks at “t2” 100%"


def test_every_part_has_a_text_alternative(show) -> None:
    page = show(scene())
    names = page.get_by_role("img").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(names) >= 5
    assert all(name and "{" not in name and "undefined" not in name for name in names)


def test_a_short_sentence_prints_its_weights_and_keeps_them_true(show) -> None:
    one = scene(4, 2, ("the", "keys", "are"), head=0)
    page = show(one)
    for head in (0, 2):
        if head:
            page.get_by_role("radio", name=f"Head {head},").click()
        below = [one.weights[head][i, j] for i in range(3) for j in range(i + 1)]
        printed = page.locator(".hc-field .hc-in").all_text_contents()
        assert printed == [f"{round(float(w) * 100)}%" for w in below]


def test_lines_follow_a_font_that_comes_late(show) -> None:
    page = show(scene())
    first = page.locator(".hc-lines path").first.get_attribute("d")
    page.evaluate(
        """() => { const sheet = document.createElement('style');
          sheet.textContent = '.hc-token { letter-spacing: 2px }';
          document.querySelector('#host').shadowRoot.append(sheet);
          document.fonts.dispatchEvent(new Event('loadingdone')); }"""
    )
    assert page.locator(".hc-lines path").first.get_attribute("d") != first


def test_only_what_changed_is_painted_again(show) -> None:
    one = scene(32, 8)
    page = show(one)
    page.evaluate(
        """() => { window.painted = 0; const put = CanvasRenderingContext2D.prototype.putImageData;
          CanvasRenderingContext2D.prototype.putImageData = function (...all) {
            window.painted += 1; return put.apply(this, all); }; }"""
    )
    _answer(page, replace(one, token=2))
    assert page.evaluate("painted") == 1  # the exact chosen head; no tile
    page.get_by_role("radio", name="Head 9,").click()
    assert page.evaluate("painted") == 2


def test_another_head_is_drawn_within_50_ms(show) -> None:
    page = show(scene(32, 8, REPEATED))
    times = page.evaluate(
        """async () => { const root = document.querySelector('#host').shadowRoot;
          const heads = [...root.querySelectorAll('.hc-head')], times = [];
          for (let i = 0; i < 12; i++) {
            await new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)));
            const start = performance.now();
            heads[(i * 7) % 32].click();
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            times.push(performance.now() - start);
          }
          return times; }"""
    )
    print(f"click to drawn: median {statistics.median(times):.1f} ms")
    assert statistics.median(times) < 50


def _answer(page, one) -> None:
    page.evaluate("draw", base64.b64encode(encode(one)).decode())


def _percent(weight: float) -> str:
    return f"{round(float(weight) * 100, 1):.1f}".rstrip("0").rstrip(".") + "%"


def _corner(page) -> list[int]:
    """The colour of the weight of the first token for the last: masked, so the background."""
    width, _, pixels = page.locator(".hc-weights").evaluate(PIXELS)
    return pixels[4 * (width - 1) : 4 * (width - 1) + 3]


def _assert_drawn(page, weights: np.ndarray) -> None:
    """On the light scale more weight is darker: ranks of pixels and weights must agree."""
    width, height, pixels = page.locator(".hc-weights").evaluate(PIXELS)
    assert (height, width) == weights.shape
    brightness = np.array(pixels).reshape(height, width, 4)[..., :3].sum(-1)
    order = np.argsort(weights.ravel())
    assert (np.diff(brightness.ravel()[order]) <= 4).all()
    assert brightness.min() < 200 and brightness.max() > 750


def _smallest_type(page) -> float:
    return page.evaluate(
        """() => { const root = document.querySelector('#host').shadowRoot;
          const all = [...root.querySelectorAll('.hc-picture *')].filter(one =>
            [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
          return Math.min(...all.map(one => parseFloat(getComputedStyle(one).fontSize))); }"""
    )


def _only_here(url: str, errors: list[str]) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        errors.append(f"loaded {url}")
