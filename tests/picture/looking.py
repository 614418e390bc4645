"""What the browser has drawn, read back for the tests."""

import base64

import numpy as np

from attention.picture.payload import encode

REPEATED = tuple(("the cat sat on the mat and the dog sat on the rug while " * 10).split()[:128])

#: The large heatmap as the browser holds it: a pixel a weight.
PIXELS = """canvas => { const [w, h] = [canvas.width, canvas.height];
  return [w, h, Array.from(canvas.getContext('2d').getImageData(0, 0, w, h).data)]; }"""


def answer(page, one) -> None:
    page.evaluate("draw", base64.b64encode(encode(one)).decode())


def percent(weight: float) -> str:
    return f"{round(float(weight) * 100, 1):.1f}".rstrip("0").rstrip(".") + "%"


def corner(page) -> list[int]:
    """The colour of the weight of the first token for the last: masked, so the background."""
    width, _, pixels = page.locator(".hc-weights").evaluate(PIXELS)
    return pixels[4 * (width - 1) : 4 * (width - 1) + 3]


def assert_drawn(page, weights: np.ndarray) -> None:
    """On the light scale more weight is darker: ranks of pixels and weights must agree."""
    width, height, pixels = page.locator(".hc-weights").evaluate(PIXELS)
    assert (height, width) == weights.shape
    brightness = np.array(pixels).reshape(height, width, 4)[..., :3].sum(-1)
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
