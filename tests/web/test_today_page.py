"""The first page and the tour of the demo, in a real browser: every number leads somewhere, keys are enough."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SignIn, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


def _press_until(page: Page, name: str, inside: str) -> None:
    """Move with Tab alone until the link or button of this name, in a part of the page, has the focus."""
    focused = "(inside) => document.activeElement.closest(inside) ? document.activeElement.textContent.trim() : ''"
    for _ in range(200):
        if page.evaluate(focused, inside) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_a_fresh_shop_is_told_where_to_begin(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    expect(page.get_by_role("heading", name="Begin here")).to_be_visible()
    expect(page.locator(".zg-steps li")).to_have_count(5)
    page.get_by_role("link", name="Import", exact=True).click()
    expect(page).to_have_url(f"{site.address}/import")
    page.goto(f"{site.address}/tour")
    expect(page.get_by_text("There is a tour in the demo shop only", exact=False)).to_be_visible()


def test_every_number_of_the_day_leads_to_a_page_that_opens(demo_site: Site, demo_in: SignIn) -> None:
    page = demo_in()
    expect(page.locator(".zg-number")).not_to_have_count(0)
    links = page.locator(".zg-number, .zg-lines a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert all(links)
    for address in sorted({link for link in links if link.startswith("/")}):
        assert page.request.get(f"{demo_site.address}{address}").status == 200, address
    expect(page.get_by_text(re.compile(r"\d+ × \d+ min")).first).to_be_visible()
    expect(page.get_by_text("Sales from campaigns")).to_be_visible()


def test_an_owner_counts_the_minutes_as_they_are_here(demo_in: SignIn) -> None:
    page = demo_in()
    page.get_by_text("How this is counted", exact=False).click()
    page.locator("input[name=restock]").fill("25")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Counted again with your minutes.")).to_be_visible()
    expect(page.get_by_text("× 25 min")).to_be_visible()


def test_the_tour_is_walked_with_the_keyboard_and_remembered(demo_site: Site, demo_in: SignIn) -> None:
    demo_site.staff("walker", "viewer", "demo")
    page = demo_in("walker")
    _press_until(page, "Begin the tour", ".zg-offer")
    page.keyboard.press("Enter")
    for number in range(1, 8):
        expect(page.locator(".zg-tour-bar h2")).to_contain_text(f"{number}/7")
        if number == 1:
            expect(page.locator(".zg-proposal .zg-alert")).to_be_visible()
        elif number == 2:
            expect(page.locator(".zg-letter")).to_be_visible()
        elif number == 5:
            expect(page.get_by_text("Better than leaving them alone.")).to_be_visible()
        _press_until(page, "Next" if number < 7 else "Finish", ".zg-tour-bar")
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{demo_site.address}/")
    expect(page.locator(".zg-number").first).to_be_visible()
    expect(page.locator(".zg-offer")).to_have_count(0)
    page.goto(f"{demo_site.address}/tour")
    expect(page.get_by_text("seen", exact=True)).to_have_count(7)


def test_the_tour_can_be_declined(demo_site: Site, demo_in: SignIn) -> None:
    demo_site.staff("hurried", "viewer", "demo")
    page = demo_in("hurried", locale="zh-CN", width=390)
    page.get_by_role("button", name="不用了").click()
    expect(page.locator(".zg-offer")).to_have_count(0)
    page.reload()
    expect(page.locator(".zg-number").first).to_be_visible()
    expect(page.locator(".zg-offer")).to_have_count(0)
    expect(page.get_by_role("link", name="导览")).to_be_visible()
