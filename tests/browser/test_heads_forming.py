"""How heads form, in a real browser: scrub, play, pause, and the address."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
PICTURE = "(canvases) => canvases.map((one) => one.toDataURL()).join()"


def forming(visit: Visit, query: str = "", **more: object) -> Page:
    page = visit(f"heads?section=forming{query}", **more)
    page.emulate_media(reduced_motion="no-preference")  # the speed that most visitors see
    expect(page.locator(".hc-run")).to_have_count(3)
    return page


def test_keys_change_the_picture_and_the_step_is_said(visit: Visit) -> None:
    page = forming(visit)
    said = page.locator(".hc-forming [role=status]")
    expect(said).to_have_text("Step 5,000 of 5,000, 5,120,000 tokens read")
    slider = page.get_by_role("slider", name="Checkpoint")
    before = page.locator(".hc-tiles").evaluate_all(PICTURE)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text("Step 4,583 of 5,000, 4,692,992 tokens read")
    expect(slider).to_have_attribute("aria-valuetext", "Step 4,583 of 5,000, 4,692,992 tokens read")
    assert page.locator(".hc-tiles").evaluate_all(PICTURE) != before
    page.wait_for_url("**step=4583**")
    page.keyboard.press("Home")
    expect(said).to_have_text("Step 0 of 5,000, 0 tokens read")
    page.wait_for_url("**step=0**")
    page.go_back()
    expect(said).to_have_text("Step 4,583 of 5,000, 4,692,992 tokens read")


def test_play_and_pause(visit: Visit) -> None:
    page = forming(visit, "&step=0")
    said = page.locator(".hc-forming [role=status]")
    page.get_by_role("button", name="Play").click()
    expect(said).to_contain_text("Step 33 of")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(said).not_to_be_empty()
    stopped = said.text_content()
    page.wait_for_timeout(1500)
    assert said.text_content() == stopped
    page.get_by_role("button", name="Forward").click()
    expect(said).not_to_have_text(stopped)


def test_buttons_are_large_enough_on_a_phone(visit: Visit) -> None:
    page = forming(visit, width=390, height=844, touch=True)
    targets = page.locator(".hc-player button, .hc-slider")
    expect(targets.nth(1)).to_be_attached()
    for target in targets.all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_other_text_has_trainings_and_scores_of_its_own(visit: Visit) -> None:
    page = forming(visit, "&forms=agreement_en")
    said = page.locator(".hc-forming [role=status]")
    expect(said).to_have_text("Step 5,000 of 5,000, 15,360,000 tokens read")
    page.get_by_role("combobox", name="The stories are read").click()
    page.get_by_role("option", name="letter by letter").click()
    expect(said).to_have_text("Step 5,000 of 5,000, 5,120,000 tokens read")
    expect(page.get_by_role("combobox", name="Score")).to_have_value("Induction")
    page.wait_for_url(lambda url: "forms" not in url and "reads" not in url)
    page.go_back()
    expect(said).to_have_text("Step 5,000 of 5,000, 15,360,000 tokens read")
