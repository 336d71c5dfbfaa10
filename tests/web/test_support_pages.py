"""Knowledge, complaints, moods, outcomes, office hours in a real browser; both languages and themes, narrow too."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.support.documents import lock_pdf, make_docx, make_pdf
from tests.web.conftest import SignIn, Site
from zhanggui.support import Article, Feedback, save_article

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
NASTY = "<img src=x onerror=alert(1)> It caught fire, I call my lawyer"


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def shop(site: Site) -> Site:
    """Two articles that contradict and two complaints, one of them hostile."""
    now = datetime.now(UTC)
    with site.app.database.begin("main", TESTER) as uow:
        for name, days in (("a", 7), ("b", 30)):
            text = f"You may return goods within {days} days."
            save_article(uow, Article(name, "faq", "How long may I return goods?", text, "en"))
        site.app.complaints.hear(uow, Feedback("review", "r1", NASTY, now, product_id="BANK", rating=1))
        site.app.complaints.hear(uow, Feedback("review", "r2", "My parcel never arrived", now, carrier="UPS"))
    return site


def test_files_are_taken_in_and_an_article_is_edited(sign_in: SignIn, shop: Site, tmp_path: Path) -> None:
    page = sign_in()
    page.goto(f"{shop.address}/knowledge")
    files = [make_docx(tmp_path / "faq.docx"), lock_pdf(make_pdf(tmp_path / "locked.pdf", ("A?", "B.")), "secret")]
    page.locator("input[type=file]").set_input_files([str(one) for one in files])
    expect(page.get_by_text("3 new, 0 changed")).to_be_visible()
    expect(page.locator(".zg-alert")).to_contain_text("a PDF without a password")
    page.fill("input[name=text]", "ship abroad")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Do you ship abroad?").click()
    page.fill("textarea[name=body]", "Yes, to 14 countries.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 2 is live")).to_be_visible()
    page.locator("details summary").last.click()
    page.get_by_role("button", name="Bring this version back").click()
    expect(page.locator("textarea[name=body]")).to_have_value("Yes, to 12 countries.")


def test_contradictions_stand_side_by_side(sign_in: SignIn, shop: Site) -> None:
    page = sign_in()
    page.goto(f"{shop.address}/knowledge/gaps")
    expect(page.locator("[data-overlap=contradiction]")).to_contain_text("within 30 days")


def test_a_complaint_is_taken_and_settled(sign_in: SignIn, shop: Site) -> None:
    page = sign_in()
    page.goto(f"{shop.address}/complaints")
    first = page.locator("[data-complaint]").first
    expect(first).to_contain_text("onerror=alert(1)")
    first.get_by_role("button", name="I take it").click()
    page.locator("select[name=state]").select_option("taken")
    # Both are listed until the button is answered, and one until the filter is: so wait for the other to go.
    expect(page.locator("[data-complaint=logistics]")).to_have_count(0)
    expect(page.locator("[data-complaint]")).to_have_count(1)
    expect(page.locator("[data-complaint]")).to_contain_text("onerror=alert(1)")
    page.fill("input[name=note]", "recalled")
    page.get_by_role("button", name="Settle").click()
    expect(page.locator("[data-complaint]")).to_have_count(0)
    page.goto(f"{shop.address}/mood")
    expect(page.locator("blockquote").first).to_contain_text("caught fire")


def test_office_hours_are_set_and_bad_ones_named(sign_in: SignIn, shop: Site) -> None:
    page = sign_in()
    page.goto(f"{shop.address}/handovers/hours")
    page.fill("input[name=day0]", "25:00-26:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".zg-toast.is-bad")).to_be_visible()
    page.fill("input[name=day0]", "10:00-12:00, 13:00-18:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Office hours are saved")).to_be_visible()
    page.reload()
    expect(page.locator("input[name=day0]")).to_have_value("10:00-12:00, 13:00-18:00")


@pytest.mark.parametrize(("locale", "dark", "width"), [("zh-CN", True, 390), ("en", False, 1280)])
def test_the_pages_fit_their_window(sign_in: SignIn, shop: Site, locale: str, dark: bool, width: int) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    for path in ("knowledge", "knowledge/article?id=a", "knowledge/gaps", "complaints", "mood", "handovers/hours",
                 "conversations/report"):  # fmt: skip
        page.goto(f"{shop.address}/{path}")
        page.wait_for_selector("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
