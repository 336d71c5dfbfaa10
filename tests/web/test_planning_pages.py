"""Forecast and Stock in a real browser: empty, forecast, corrected and taken back, restocked; languages and widths."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.orders.desk_shop import order, put
from tests.web.conftest import SignIn, Site
from zhanggui.planning import DayDemand, Planner, StockItem, StockStore
from zhanggui.web.planning_parts import units

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


class WrittenDemand:
    """Ninety days of two SKUs, one day of a third."""

    def daily(self, uow: object, since: object) -> list[DayDemand]:
        today = datetime.now(UTC).date()
        rows = [DayDemand(sku, today - timedelta(days=back), float(pace + back % 2))
                for back in range(1, 91) for sku, pace in (("CUP-1", 10), ("PEN-1", 3))]  # fmt: skip
        return [*rows, DayDemand("NEW-1", today - timedelta(days=1), 2.0)]


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


def test_first_both_pages_say_what_to_do(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.goto(f"{site.address}/forecast")
    expect(page.locator(".zg-empty")).to_contain_text("no orders yet")
    page.goto(f"{site.address}/stock")
    expect(page.locator(".zg-empty")).to_contain_text("zhanggui planning stock --load")
    page.goto(f"{site.address}/forecast?sku=NOTHING")
    expect(page.locator(".zg-empty")).to_be_visible()
    with site.app.database.begin("main", TESTER) as uow:
        put(uow, order("F1"))
    page.goto(f"{site.address}/forecast")
    expect(page.locator(".zg-empty")).to_contain_text("No forecast yet")
    seen = sign_in("viewer")
    seen.goto(f"{site.address}/forecast")
    expect(seen.locator(".zg-empty")).to_be_visible()
    expect(seen.get_by_role("button", name="Forecast now")).to_have_count(0)


@pytest.fixture(scope="module")
def shop(site: Site) -> None:
    """Three SKUs that were forecast; thirty-four stock records, of them one that must be ordered."""
    with site.app.database.begin("main", TESTER) as uow:
        Planner(WrittenDemand()).run(uow, 56)
        empty = [StockItem(f"SHELF-{number:02}", on_hand=number) for number in range(31)]
        StockStore(uow).put([
            *empty, StockItem("CUP-1", on_hand=5, cost_minor=900, supplier="Yunshan"),
            StockItem("PEN-1", on_hand=900, reserved=4), StockItem("NEW-1", on_hand=1),
        ])  # fmt: skip


@pytest.fixture(scope="module")
def busy(site: Site) -> None:
    """Two or three orders on each of sixty days."""
    now = datetime.now(UTC)
    with site.app.database.begin("main", TESTER) as uow:
        for back in range(1, 61):
            for number in range(2 + back % 2):
                at = now - timedelta(days=back)
                put(uow, order(f"S{back}-{number}", placed_at=at, version=at))


def test_a_number_of_ones_own_counts_and_is_taken_back(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/forecast")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.fill("input[name=text]", "CUP")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="CUP-1").click()
    expect(page.locator(".zg-chart svg")).to_be_visible()
    page.fill("input[name=units]", "77")
    page.fill("input[name=reason]", "  ")
    page.get_by_role("button", name="Use my number").click()
    expect(page.locator(".zg-toast.is-bad")).to_contain_text("reason")
    page.fill("input[name=units]", "77")
    page.fill("input[name=reason]", '<img src=x onerror=alert(1)>"')
    page.get_by_role("button", name="Use my number").click()
    expect(page.locator(".zg-lines b").first).to_contain_text("77 a day")
    page.locator("summary").click()
    expect(page.locator("details tbody tr").first).to_contain_text("77")
    page.locator(".zg-toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back", exact=True)).to_be_visible()
    page.goto(f"{site.address}/forecast?sku=NEW-1")
    expect(page.locator(".zg-alert").first).to_contain_text("Not enough data")
    expect(page.get_by_role("button", name="Use my number")).to_have_count(0)


def test_stock_is_paged_and_restocked(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/stock")
    expect(page.locator("tbody tr")).to_have_count(30)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    page.fill("input[name=text]", "CUP")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Order ")
    page.get_by_role("button", name="Propose restocking").click()
    page.locator(".zg-toast").get_by_role("link", name="Decide").click()
    expect(page.locator(".zg-proposal h2")).to_contain_text("Yunshan")
    page.goto(f"{site.address}/stock")
    page.get_by_role("button", name="Propose restocking").click()
    expect(page.locator(".zg-toast")).to_contain_text("inbox")


def test_people_are_counted_from_expected_orders(sign_in: SignIn, site: Site, busy: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/forecast")
    page.get_by_role("link", name="Staffing").click()
    days = page.locator("table").last.locator("tbody tr")
    expect(days).to_have_count(28)
    expect(page.locator(".zg-chart svg")).to_be_visible()
    expect(page.get_by_role("columnheader", name="People")).to_have_count(0)
    page.fill("input[name=each]", "2")
    page.get_by_role("button", name="Count people").click()
    expect(page.get_by_role("columnheader", name="People")).to_have_count(1)
    page.fill("input[name=each]", "-3")
    page.get_by_role("button", name="Count people").click()
    expect(page.locator(".zg-toast.is-bad")).to_contain_text("above 0")
    page.goto(f"{site.address}/forecast/staffing?each=2")
    expect(page.get_by_role("columnheader", name="People")).to_have_count(1)


@pytest.mark.parametrize(
    ("locale", "dark", "width"), [("zh-CN", True, 390), ("en", False, 390), ("zh-CN", False, 1280)]
)
def test_no_page_is_wider_than_its_window(
    sign_in: SignIn, site: Site, shop: None, busy: None, locale: str, dark: bool, width: int
) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    for path in ("/forecast", "/stock", "/forecast/staffing?each=5", "/forecast?sku=CUP-1"):
        page.goto(f"{site.address}{path}")
        page.wait_for_selector("table, .zg-chart svg", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_units_are_written_for_people() -> None:
    assert [units(value) for value in (None, 0.0, 3.0, 3.26, 12.6, 12_345.0)] == ["–", "0", "3", "3.3", "13", "12,345"]
