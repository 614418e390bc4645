"""What is measured on a page, shadow roots included."""

from playwright.sync_api import Page

# Of every piece of text in sight: its size on the screen in px, zoom included, and its box.
TEXTS = """() => {
  const found = [];
  const zoomed = (node) => {
    let zoom = 1;
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      zoom *= Number.parseFloat(getComputedStyle(at).zoom) || 1;
    }
    return zoom;
  };
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
      if (!own || node.closest("style, script, sub, sup") || !node.checkVisibility()) continue;
      const box = node.getBoundingClientRect();
      if (box.width <= 2) continue;
      const above = [];
      for (let at = node.parentElement; at; at = at.parentElement ?? at.getRootNode().host) {
        above.push(at);
      }
      const moves = (at) => /auto|scroll/.test(getComputedStyle(at).overflowX)
        && at.scrollWidth > at.clientWidth && !at.matches("[role=radiogroup]");
      const drawing = above.find((at) => at.matches(".main-svg"))?.getBoundingClientRect();
      found.push({ scrolls: above.some(moves),
        cut: Boolean(drawing) && (box.left < drawing.left - 1 || box.right > drawing.right + 1),
        text: node.textContent.trim().slice(0, 40),
        size: Number.parseFloat(getComputedStyle(node).fontSize) * zoomed(node),
        left: box.left, right: box.right, top: box.top, bottom: box.bottom });
    }
  };
  walk(document.querySelector("[data-testid=stMainBlockContainer]"));
  return found;
}"""


def texts(page: Page) -> list[dict]:
    """Every text that is shown: ``text``, ``size`` and its box, in px of the screen; whether it is
    in a box of its own that ``scrolls`` sideways, and whether a chart's edge has ``cut`` it."""
    return page.evaluate(TEXTS)


def smallest(page: Page) -> float:
    """The size of the smallest text, in px."""
    return min(text["size"] for text in texts(page))


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return page.evaluate(
        """() => [document.documentElement,
          document.querySelector("[data-testid=stMain]"),
          document.querySelector("[data-testid=stMainBlockContainer]"),
        ].some((node) => node.scrollWidth > node.clientWidth)"""
    )


def lost(page: Page) -> list[str]:
    """What of the page cannot be read whole: texts beyond the window or a chart's edge, what is
    chosen in a box, and what ends in an ellipsis of Streamlit's."""
    width = page.viewport_size["width"]
    cut = [
        text["text"]
        for text in texts(page)
        if text["cut"] or not (text["scrolls"] or -1 <= text["left"] <= text["right"] <= width + 1)
    ]
    return cut + page.locator("input[role=combobox], .stMarkdownEllipsis p").evaluate_all(
        """nodes => nodes
          .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
          .map((node) => node.value ?? node.textContent)"""
    )


def overlaps(page: Page, within: str) -> list[tuple[str, str]]:
    """Pairs of texts inside ``within`` of which one lies over the other: by more than 2 px
    across, and more than a third of a line down, of which so much is empty."""
    boxes = page.locator(
        f"{within} :is(text, .hc-hint, .hc-title, .hc-headline, b, span)"
    ).evaluate_all(
        """nodes => nodes
          .filter((node) => node.checkVisibility() && !node.querySelector("b, span")
            && node.textContent.trim())
          .map((node) => [node.textContent.trim(), node.getBoundingClientRect().toJSON()])"""
    )
    return [
        (one, other)
        for i, (one, a) in enumerate(boxes)
        for other, b in boxes[:i]
        if min(a["right"], b["right"]) - max(a["left"], b["left"]) > 2
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
        > 0.35 * min(a["height"], b["height"])
    ]
