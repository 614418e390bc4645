"""The page "Heads": a guess, and then what the model says."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def test_the_truth_is_drawn_over_the_guess(visit: Visit) -> None:
    page = visit("heads?section=prune&guess=40")
    expect(page.locator(".hc-verdict")).to_have_count(0)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".hc-verdict")).to_contain_text("you guessed 40 %")
    chart = page.locator(".st-key-prune_chart")  # Plotly itself is fetched with the first one
    expect(chart).to_contain_text("you guessed 40 %", timeout=20_000)
    expect(chart).to_contain_text("in truth")
