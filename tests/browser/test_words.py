"""Terms that open their sentence, and heads that keep their names: in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]
EXAMPLE = "The keys near the old cabinet are lost. The boys who saw the teacher are tired."


def caption(page: Page) -> Locator:
    return page.locator(".hc-heat .hc-heading")


def type_text(page: Page, text: str) -> None:
    field = page.get_by_role("textbox").first
    field.fill(text)
    expect(page.locator(".hc-token").last).to_have_text(text.split()[-1].strip(".") or ".")


def chosen_token(page: Page) -> Locator:
    return page.locator(".hc-token[aria-checked=true]")


def test_the_first_screen_says_what_it_is_about(visit: Visit) -> None:
    page = visit()
    for word in ("multi-head", "attention", "grouped-query attention, GQA", "softmax", "KV cache"):
        box = page.locator("button.hc-term").get_by_text(word, exact=True).first.bounding_box()
        assert box and box["y"] + box["height"] <= 900, word
    top = page.locator(".hc-top .hc-badge")
    expect(top).to_contain_text("grouped-query attention, GQA")
    page.get_by_role("slider").nth(1).focus()
    page.keyboard.press("Home")
    expect(top).to_contain_text("multi-query attention, MQA")
    page.keyboard.press("End")
    expect(top).to_contain_text("multi-head attention, MHA")


@pytest.mark.parametrize("query", ["", "?lang=hi"])
def test_every_term_opens_its_sentence_and_moves_nothing(look: Visit, query: str) -> None:
    page = look(query)
    page.set_default_timeout(10_000)
    terms = page.locator("button.hc-term")
    expect(terms.nth(13)).to_be_attached()
    height = page.evaluate("document.body.scrollHeight")
    box = page.locator(".st-key-picture").bounding_box()
    for term in terms.all():
        term.click()
        opened = page.locator(":popover-open")
        expect(opened).to_have_count(1)
        assert len(opened.inner_text()) > 30
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
    assert page.locator(".st-key-picture").bounding_box() == box
    assert page.evaluate("document.body.scrollHeight") == height


def open_all(page: Page, terms: Locator) -> set[str]:
    """What each opens, by pointer and by key, and nothing else is open."""
    opened, found = page.locator(":popover-open"), set()
    for term in terms.all():
        term.click()
        expect(opened).to_have_count(1)
        found.add(opened.locator("b").first.inner_text())
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
        term.press("Enter")
        expect(opened).to_have_count(1)
        page.keyboard.press("Escape")
    return found


def test_terms_of_the_cache_open(look: Visit) -> None:
    page = look()
    page.set_default_timeout(10_000)
    found = open_all(page, page.locator(".hc-cache .hc-now .hc-term, .hc-ledger .hc-term"))
    assert found == {
        "KiB, MiB, GiB", "multi-head attention, MHA", "KV head", "multi-query attention, MQA",
        "layer", "head_dim",
    }  # fmt: skip


def test_terms_of_step_by_step_open(visit: Visit) -> None:
    page = visit("?section=steps")
    page.set_default_timeout(10_000)
    page.locator(".hc-keys").wait_for()
    found = open_all(page, page.locator(".st-key-steps .hc-term"))
    assert found == {
        "KV head", "W_Q", "head", "query, key, value", "head_dim", "causal", "softmax", "weight",
        "context", "W_O", "token",
    }  # fmt: skip


def test_a_term_by_keyboard(look: Visit) -> None:
    page = look()
    term = page.locator(".hc-role .hc-term")
    term.focus()
    page.keyboard.press("Enter")
    expect(term).to_have_attribute("aria-expanded", "true")
    opened = page.locator(":popover-open")
    expect(opened).to_contain_text("On held-out text: ")
    page.keyboard.press("Enter")
    expect(term).to_have_attribute("aria-expanded", "false")
    expect(opened).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    page.locator(".hc-top .hc-badge .hc-term").focus()
    page.keyboard.press("Space")
    expect(opened).to_contain_text("Query heads share KV heads")


def test_one_term_closes_the_other_and_a_second_click_its_own(look: Visit) -> None:
    page = look()
    head, cache = (page.locator(f".hc-{part} .hc-title .hc-term") for part in ("gallery", "cache"))
    opened = page.locator(":popover-open")
    head.click()
    expect(opened).to_contain_text("One way of looking")
    cache.click()
    expect(opened).to_contain_text("The keys and values of every token so far")
    expect(head).to_have_attribute("aria-expanded", "false")
    cache.click()
    expect(opened).to_have_count(0)


def test_on_a_phone_a_sentence_stays_inside_and_targets_are_large(look: Visit) -> None:
    page = look(width=390, height=844)
    terms = page.locator("button.hc-term")
    expect(terms.nth(13)).to_be_attached()
    for term in terms.all():
        room = term.evaluate(
            """node => { const [a, b] = [node.getBoundingClientRect(),
              getComputedStyle(node, "::after")];
              return [Math.max(a.width, parseFloat(b.width) || 0),
                      Math.max(a.height, parseFloat(b.height) || 0)]; }"""
        )
        assert min(room) >= 24
        term.click()
        box = page.locator(":popover-open").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        page.keyboard.press("Escape")


def test_a_head_keeps_its_name_when_the_sentence_changes(visit: Visit) -> None:
    page = visit(f"?text={quote(EXAMPLE)}")
    words = page.locator(".hc-head .hc-words")
    expect(words).to_have_count(8)
    before = words.all_inner_texts()
    named = [words.split()[0] for words in before]
    expect(caption(page)).to_contain_text("on 2 verbs")
    chosen = page.locator(".hc-role").inner_text()
    head = page.locator(".hc-head[aria-checked=true] .hc-number").inner_text()
    type_text(page, EXAMPLE.replace("tired.", "happy"))
    expect(caption(page)).to_contain_text("on 2 verbs")  # they are known as far as it is the same
    after = page.locator(".hc-head .hc-words").all_inner_texts()
    assert [words.split()[0] for words in after] == named
    expect(page.locator(".hc-role")).to_have_text(chosen)
    type_text(page, "Asha sold milk and rice yesterday")
    expect(caption(page)).not_to_contain_text("verbs")
    last = page.locator(".hc-head .hc-words").all_inner_texts()
    assert [words.split()[0] for words in last] == named
    assert page.locator(".hc-head[aria-checked=true] .hc-number").inner_text() == head


def test_head_and_token_stay_while_typing(visit: Visit) -> None:
    page = visit(f"?text={quote(EXAMPLE)}")
    place = page.locator(".hc-token").all_inner_texts().index("near")
    page.locator(".hc-token").nth(place).click()
    page.locator(".hc-head").nth(6).click()
    type_text(page, "Asha lost her key near the river")
    expect(page.locator(".hc-token").nth(place)).to_have_attribute("aria-checked", "true")
    expect(page.locator(".hc-head").nth(6)).to_have_attribute("aria-checked", "true")
    type_text(page, "Asha")  # shorter: its last token, without a word of it
    expect(chosen_token(page)).to_have_text("Asha")
    expect(page.locator(".hc-notice")).not_to_contain_text("There is no token")
    type_text(page, "Asha lost her key again")
    expect(page.locator(".hc-token").nth(place)).to_have_attribute("aria-checked", "true")


def test_pieces_of_characters_score_nothing(visit: Visit) -> None:
    text = quote("क्षत्रिय 🙂 क्षत्रिय 🙂 🙂")
    page = visit(f"?text={text}&pieces=raw")
    heads = page.locator(".hc-head .hc-words")
    expect(heads).to_have_count(8)
    for words in heads.all_inner_texts():
        assert not re.search(r"induction \d", words)


def test_the_page_lists_its_words(visit: Visit) -> None:
    page = visit()
    folded = page.locator("details.hc-glossary")
    expect(folded.locator("dt").first).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.locator("dt")).to_contain_text(["softmax"])
