"""How long Chromium takes to draw the picture: first drawing, another head, another token.

    python -m pytest -m benchmark tests/benchmarks/test_drawing.py -s

From the call to the end of the frame that it is drawn in. Printed; nothing fails by the clock.
"""

import base64
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from attention.picture.payload import encode
from tests.picture.synthetic import long_weights, model_scene, page, scene

pytestmark = pytest.mark.benchmark

# Draws into a node of its own each time, so that nothing is there to be reused.
FIRST = """async ([text, times]) => { const bytes = bytesOf(text), found = [];
  for (let i = 0; i < times; i++) {
    const host = document.createElement('div');
    document.body.append(host);
    const root = host.attachShadow({ mode: 'open' });
    root.append(document.querySelector('#host').shadowRoot.querySelector('style').cloneNode(true));
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
    const start = performance.now();
    drawPicture(root, bytes.slice(), {});
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    found.push(performance.now() - start);
    host.remove();
  }
  return found; }"""

STEPS = """async ([selector, times]) => {
  const root = document.querySelector('#host').shadowRoot, found = [];
  for (let i = 0; i < times; i++) {
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
    const all = root.querySelectorAll(selector); // a window of a long text moves
    const start = performance.now();
    all[(i * 7 + 1) % all.length].click();
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    found.push(performance.now() - start);
  }
  return found; }"""


def long_text(n_heads: int, n_kv_heads: int, n_tokens: int, n_layers: int | None):
    words = ("the", "keys", "near", "the", "old", "cabinet", "are", "on", "the", "table")
    tokens = tuple(words[i % len(words)] for i in range(n_tokens))
    weights = long_weights(n_heads, n_tokens)
    if n_layers is None:
        return scene(n_heads, n_kv_heads, tokens, weights=weights)
    return model_scene(n_layers, n_heads, n_kv_heads, tokens, weights=weights)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("trained family, 32 tokens", (32, 8, 32, None)),
        ("trained family, 1,024 tokens", (32, 8, 1024, None)),
        ("SmolLM2's shape, 1,024 tokens", (9, 3, 1024, 30)),
        ("SmolLM2's shape, 2,048 tokens", (9, 3, 2048, 30)),
        ("80 layers of 64 heads, 128 tokens", (64, 8, 128, 80)),
    ],
)
def test_drawing(chrome, tmp_path: Path, name: str, shape: tuple) -> None:
    one = long_text(*shape)
    payload = encode(one)
    path = tmp_path / "page.html"
    # Bytes are handed over as a call's argument: the page itself holds a small scene.
    path.write_text(_with_draw(page(scene(2, 1, ("a", "b"), head=0))), encoding="utf-8")
    opened = chrome.new_page(viewport={"width": 1368, "height": 900})
    opened.goto(path.as_uri())
    opened.wait_for_selector(".hc-weights")
    text = base64.b64encode(payload).decode()
    first = opened.evaluate(FIRST, [text, 5])
    opened.evaluate("draw", text)
    again = base64.b64encode(encode(replace(one, head=0))).decode()
    opened.evaluate("draw", again)
    heads = opened.evaluate(STEPS, [".hc-head", 8])
    tokens = opened.evaluate(STEPS, [".hc-token", 8])
    print(f"\n{name}: payload {len(payload) / 1e6:.2f} MB; median ms, 5 to 8 times each")
    for what, times in (("first drawing", first), ("another head", heads), ("a token", tokens)):
        print(f"  {what:14s} {statistics.median(times):7.1f}")
    assert opened.locator(".hc-head").count() == shape[0]
    opened.close()


def _with_draw(content: str) -> str:
    return content.replace(
        "window.heard = [];", "window.heard = []; window.drawPicture = drawPicture;"
    )
