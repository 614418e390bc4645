"""What the picture says is true, and can be read: nothing cut, nothing on top of anything else."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]

#: Every text of the picture with its box; what the cross-hair writes over the axes has a backing.
TEXTS = """
() => {
  const host = [...document.querySelectorAll("*")].find((one) =>
    one.shadowRoot?.querySelector(".hc-picture"));
  const root = host.shadowRoot.querySelector(".hc-picture");
  const found = [];
  for (const [order, node] of [...root.querySelectorAll("*")].entries()) {
    const own = [...node.childNodes].filter((one) => one.nodeType === 3 && one.data.trim());
    if (!own.length || !node.checkVisibility() || node.closest("option, title")) continue;
    if (node.classList.contains("hc-strong") && node.closest(".hc-axes")) continue;
    if (node.closest("sub, tspan")) continue; // part of the line that it stands in
    const boxes = node.closest("svg") ? [node.getBoundingClientRect()] : own.flatMap((text) => {
      const range = document.createRange();
      range.selectNodeContents(text);
      return [...range.getClientRects()];
    });
    for (const box of boxes) {
      let { left, right, top, bottom } = box;
      let cut = false;
      for (let up = node; up && up !== root; up = up.parentElement) {
        const style = getComputedStyle(up);
        if (up instanceof SVGElement || style.overflowX === "visible") continue;
        const room = up.getBoundingClientRect();
        const scrolls = /auto|scroll/.test(style.overflowY);
        if (scrolls && (top >= room.bottom - 1 || bottom <= room.top + 1)) { right = left; break; }
        if (style.textOverflow !== "ellipsis" && right > room.right + 1) cut = true;
        [left, right] = [Math.max(left, room.left), Math.min(right, room.right)];
        [top, bottom] = [Math.max(top, room.top), Math.min(bottom, room.bottom)];
      }
      if (right - left < 1) continue;
      found.push({ node: order, rotated: /rotate/.test(node.getAttribute("transform")),
        text: node.textContent.trim().slice(0, 40), left, right, top, bottom, cut,
        inside: left >= -1 && right <= document.documentElement.clientWidth + 1 });
    }
  }
  return found;
}
"""
LINES = """
() => {
  const host = [...document.querySelectorAll("*")].find((one) =>
    one.shadowRoot?.querySelector(".hc-picture"));
  const svg = host.shadowRoot.querySelector(".hc-lines");
  return [...svg.querySelectorAll("path")].map((path) => {
    const box = path.getBBox(), half = parseFloat(path.getAttribute("stroke-width")) / 2;
    return [box.y - half, box.y + box.height + half - svg.height.baseVal.value];
  });
}
"""
#: Numbers along the edges of the large heatmap of which the chosen token's name hides a part.
HALVES = """
() => {
  const host = [...document.querySelectorAll("*")].find((one) =>
    one.shadowRoot?.querySelector(".hc-picture"));
  const [numbers, names] = [".hc-axis:not(.hc-strong)", ".hc-backing"].map((one) =>
    [...host.shadowRoot.querySelectorAll(`.hc-heat .hc-axes ${one}`)]);
  const boxes = names.map((name) => name.getBoundingClientRect());
  const hidden = (box) => Math.max(...boxes.map((name) => {
    const across = Math.min(name.right, box.right) - Math.max(name.left, box.left);
    const down = Math.min(name.bottom, box.bottom) - Math.max(name.top, box.top);
    return across > 0 && down > 0 ? (across * down) / (box.width * box.height) : 0;
  }));
  return numbers.filter((one) => /^\\d+$/.test(one.textContent)
    && Math.abs(hidden(one.getBoundingClientRect()) - 0.5) < 0.25).map((one) => one.textContent);
}
"""
TWICE = "The keys near the old cabinet are lost. The boys who saw the teacher are tired."
WIDTHS = (360, 768, 1400, 1920)
LONG = " ".join(["The", "keys", "near", "the", "old", "cabinet", "are", "lost", "."] * 34)
SHOWN = {
    "8/2": "",
    "32/1": "?heads=32&kv_heads=1",
    "32/32 in Hindi": "?heads=32&kv_heads=32&lang=hi",
    "1/1, three words": "?heads=1&kv_heads=1&text=cats%20drink%20milk",
    "8/2, 300 tokens": f"?text={quote(LONG)}&token=297",
    "16/4, drawn wide": "?heads=16&kv_heads=4&width=8192",
}


def clashes(texts: list[dict]) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes lie on one another by more than the room between lines."""
    pairs = []
    ordered = sorted(texts, key=lambda text: text["top"])
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other["top"] >= one["bottom"] - 5:
                break
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - other["top"]
            room = 7 if one["rotated"] or other["rotated"] else 1  # letters fill no whole line
            if one["node"] != other["node"] and across > room and down > 5:
                pairs.append((one["text"], other["text"]))
    return pairs


@pytest.mark.parametrize("query", SHOWN.values(), ids=SHOWN)
def test_nothing_is_cut_and_nothing_lies_on_anything_else(look: Visit, query: str) -> None:
    page = look(query)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)
        texts = page.evaluate(TEXTS)
        assert len(texts) > 20
        assert clashes(texts) == [], width
        assert page.evaluate(HALVES) == [], width
        assert [text["text"] for text in texts if text["cut"] or not text["inside"]] == [], width
        for above, below in page.evaluate(LINES):
            assert above >= -0.5 and below <= 0.5, width


def test_the_name_of_the_example_is_whole(look: Visit) -> None:
    page = look()
    field = page.get_by_role("combobox", name=re.compile("Examples"))
    room, needed = field.evaluate(
        """field => {
          const paper = document.createElement("canvas").getContext("2d");
          const shown = field.parentElement;
          paper.font = getComputedStyle(field).font;
          return [shown.clientWidth, paper.measureText("Agreement across a phrase").width];
        }"""
    )
    assert needed <= room


def test_a_token_that_comes_twice_is_named_with_its_place(visit: Visit) -> None:
    page = visit(f"?text={quote(TWICE)}&token=15")  # the second "the"
    legend = page.locator(".hc-legend")
    expect(legend).to_contain_text("“the” (15) looks at")
    said = legend.inner_text()
    twice = re.findall(r"“(?:The|the|are|\.)”.{3}", said)
    assert len(twice) > 2 and all(re.search(r" \(\d", one) for one in twice), said
    assert "“teacher” (" not in said
    expect(page.locator(".hc-joined")).to_contain_text("“the” (15)")


def test_the_cache_multiplies_what_the_split_shows(look: Visit) -> None:
    cache = look("?heads=32&kv_heads=8&width=4096").locator(".hc-cache")
    expect(cache).to_contain_text("computed for this width")
    expect(cache.locator(".hc-factor").nth(3)).to_have_text("×128numbers a head")
    expect(cache.locator(".hc-total")).to_have_text(f"={2 * 3 * 8 * 128 * 18 * 4:,}bytes")
    measured = look("?heads=32&kv_heads=8").locator(".hc-cache")
    expect(measured.locator(".hc-heading")).to_contain_text("measured")
    expect(measured.locator(".hc-factor").nth(3)).to_have_text("×6numbers a head")


def test_a_bidirectional_model_keeps_no_cache(look: Visit) -> None:
    page = look("?mask=bidirectional")
    cache = page.locator(".hc-cache")
    expect(cache).to_contain_text("there is nothing to keep, so no cache")
    expect(cache.locator(".hc-heading")).not_to_contain_text("measured")
    expect(page.locator(".hc-top p").first).to_contain_text("keeps no cache")
    expect(page.locator(".hc-foot")).not_to_contain_text("measured")


def test_a_head_has_columns_of_its_own(visit: Visit) -> None:
    page = visit("?head=3&section=steps")
    check = page.locator(".hc-check")
    expect(check).to_contain_text("Head 3 has columns 72–95 of W_Q to itself")
    page.get_by_role("radio", name=re.compile(r"^Head 4\b")).click()
    expect(check).to_contain_text("Head 4 has columns 96–119")
    rows = page.locator(".hc-columns tr")
    expect(rows.nth(0)).to_contain_text("W_Q, columns 96–119")
    alone, cut = (rows.nth(n).locator("td").inner_text() for n in (1, 2))
    assert alone == cut != ""


def test_the_heads_are_joined_for_the_chosen_token(visit: Visit) -> None:
    page = visit()
    joined = page.locator(".hc-joined")
    expect(joined).to_contain_text("192 × 192")
    expect(joined.locator(".hc-lane-heads i")).to_have_count(8)
    before = joined.locator(".hc-by").inner_text()
    page.get_by_role("radio", name="token 5:").click()
    expect(joined).to_contain_text("“the” (5)")
    expect(joined.locator(".hc-stale")).to_have_count(0)
    assert joined.locator(".hc-by").inner_text() != before
    page.get_by_role("radio", name=re.compile(r"^Head 5\b")).click()
    expect(joined.locator(".hc-lane-heads i").nth(5)).to_have_class("hc-lane-own")


def test_powers_match_the_formula_beside_them(visit: Visit) -> None:
    page = visit()
    page.get_by_role("radio", name="Step by step").click()
    formulas = page.locator(".st-key-steps .katex-html")
    expect(formulas.first).to_be_visible(timeout=15_000)
    texts = [text.replace("\u200b", "") for text in formulas.all_inner_texts()]
    joined = "".join("".join(text.split()) for text in texts)
    assert "max" in joined and "(0)" in joined
    assert not re.search(r"[-−]\(\d", joined)  # no brackets around what is not negative
