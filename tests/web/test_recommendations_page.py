"""Recommendations in a real browser: as a stranger, as a customer, with a basket; both languages, both themes."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.orders.tellings import make_order
from tests.web.conftest import SignIn, Site
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Customer, Product
from zhanggui.marketing import CustomerStore, refresh_customers, switch_personalisation
from zhanggui.orders import Origin, take

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def shop(site: Site) -> str:
    """Six customers who bought a cup and a bowl, one of whom refused; a lamp with a nasty name that nobody bought."""
    now = datetime.now(UTC)
    people = [Customer(f"c{number}", f"Guest {number}", f"g{number}@example.com") for number in range(6)]
    told = [
        make_order(person.id, placed_at=now - timedelta(days=at + 1), customer=person)
        for at, person in enumerate(people)
    ]
    nasty = '"><img src=x onerror=alert(1)>'
    with site.app.database.begin("main", TESTER) as uow:
        assert all(one.problem is None for one in take(uow, told, Origin("s1", "test")))
        for product in (Product("SKU-A", "茶杯"), Product("SKU-B", "Bowl"), Product("LAMP", nasty)):
            ProductStore(uow).save(product)
        refresh_customers(uow, site.app.marketing.book)
        refused = CustomerStore(uow).owners(["id:s1:c5"])["id:s1:c5"]
        switch_personalisation(uow, refused, False)
    return nasty


def test_as_a_customer_and_with_a_basket(sign_in: SignIn, site: Site, shop: str) -> None:
    page = sign_in()
    page.goto(f"{site.address}/recommendations")
    page.get_by_role("button", name="Guest 1").click()
    expect(page.get_by_text("Fitted to this customer")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("onerror=alert(1)")
    page.locator("select[name=kind]").select_option("again")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("you bought it once")
    page.locator("tbody tr", has_text="Bowl").get_by_role("button").click()
    page.locator("select[name=kind]").select_option("together")
    page.get_by_role("button", name="A stranger").click()
    expect(page.locator("tbody tr").first).to_contain_text("shoppers who bought Bowl bought it too")
    page.fill("input[name=text]", "Guest 5")
    page.get_by_role("button", name="Guest 5").click()
    expect(page.get_by_text("Not personal: the customer refused")).to_be_visible()
    page.get_by_role("button", name="Remove Bowl from the basket").click()
    expect(page.locator(".zg-empty")).to_contain_text("basket first")


@pytest.mark.parametrize(
    ("locale", "dark", "width"), [("zh-CN", True, 390), ("en", False, 390), ("zh-CN", False, 1280)]
)
def test_the_page_fits_its_window(sign_in: SignIn, site: Site, shop: str, locale: str, dark: bool, width: int) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    page.goto(f"{site.address}/recommendations")
    page.locator(".zg-card button").nth(1).click()
    page.wait_for_selector("tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("html").get_attribute("data-theme") == ("dark" if dark else "light")
