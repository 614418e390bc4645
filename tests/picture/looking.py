"""What the browser has drawn, read back for the tests."""

import base64

import numpy as np
from playwright.sync_api import Locator

from attention.picture.payload import encode

REPEATED = tuple(("the cat sat on the mat and the dog sat on the rug while " * 10).split()[:128])

#: As text: to hand over a million numbers takes seconds.
_PIXELS = """canvas => { const [w, h] = [canvas.width, canvas.height];
  const { data } = canvas.getContext('2d').getImageData(0, 0, w, h), parts = [];
  for (let at = 0; at < data.length; at += 32768) {
    parts.push(String.fromCharCode(...data.subarray(at, at + 32768)));
  }
  return [w, h, btoa(parts.join(''))]; }"""


def pixels(canvas: Locator) -> np.ndarray:
    """What a canvas holds, uint8 ``[height, width, 4]``; the large heatmap has a pixel a weight."""
    width, height, text = canvas.evaluate(_PIXELS)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)


def answer(page, one) -> None:
    page.evaluate("draw", base64.b64encode(encode(one)).decode())


def percent(weight: float) -> str:
    return f"{round(float(weight) * 100, 1):.1f}".rstrip("0").rstrip(".") + "%"


def corner(page) -> list[int]:
    """The colour of the weight of the first token for the last: masked, so the background."""
    return pixels(page.locator(".hc-weights"))[0, -1, :3].tolist()


def assert_drawn(page, weights: np.ndarray) -> None:
    """On the light scale more weight is darker: ranks of pixels and weights must agree."""
    brightness = pixels(page.locator(".hc-weights"))[..., :3].sum(-1, dtype=int)
    assert brightness.shape == weights.shape
    order = np.argsort(weights.ravel())
    assert (np.diff(brightness.ravel()[order]) <= 4).all()
    assert brightness.min() < 200 and brightness.max() > 750


def smallest_type(page) -> float:
    return page.evaluate(
        """() => { const root = document.querySelector('#host').shadowRoot;
          const all = [...root.querySelectorAll('.hc-picture *')].filter(one =>
            [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
          return Math.min(...all.map(one => parseFloat(getComputedStyle(one).fontSize))); }"""
    )
