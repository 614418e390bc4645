"""Time from a key press to the last thing drawn, shadow roots and canvases included."""

from playwright.sync_api import Page

# Runs before the page's own scripts. A MutationObserver sees neither inside a shadow root nor
# what is drawn on a canvas, so both are hooked: without them a page would flatter itself.
HOOKS = """
(() => {
  const state = { last: 0, key: 0, drawn: [] };
  const stamp = () => { state.last = performance.now(); };
  const what = { subtree: true, childList: true, attributes: true, characterData: true };
  const watch = root => new MutationObserver(stamp).observe(root, what);
  watch(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  const draws = ["putImageData", "drawImage", "fillRect", "strokeRect", "clearRect", "fill",
                 "stroke", "fillText", "strokeText"];
  for (const name of draws) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      stamp();
      state.drawn.push(state.last);
      return original.apply(this, args);
    };
  }
  const key = () => { state.key = performance.now(); state.last = 0; state.drawn = []; };
  addEventListener("keydown", key, true);
  window.__paint = state;
})();
"""
QUIET_MS = 450  # nothing drawn for this long: the update is over
LIMIT_MS = 15_000

WAIT_QUIET = """
([quiet, limit]) => new Promise((done, failed) => {
  const state = window.__paint;
  const look = () => {
    if (performance.now() - state.key > limit) failed(new Error("nothing was drawn"));
    const idle = performance.now() - Math.max(state.last, state.key);
    idle >= quiet && state.last ? done(state.last - state.key) : setTimeout(look, 25);
  };
  look();
})
"""

WAIT_SETTLED = """
quiet => new Promise(done => {
  const begun = performance.now();
  const look = () => {
    const idle = performance.now() - Math.max(window.__paint.last, begun);
    idle >= quiet ? done() : setTimeout(look, 25);
  };
  look();
})
"""


def press(page: Page, key: str) -> float:
    """Press ``key`` where the focus is; milliseconds until the last change of the page."""
    page.keyboard.press(key)
    return page.evaluate(WAIT_QUIET, [QUIET_MS, LIMIT_MS])


def settled(page: Page, quiet_ms: float = 1000) -> None:
    """Wait until nothing has been drawn for ``quiet_ms``."""
    page.evaluate(WAIT_SETTLED, quiet_ms)


def focus_first_slider(page: Page) -> None:
    """Put the keyboard on the first slider of the page, the number of heads."""
    page.locator("input[type=range]").first.focus()
