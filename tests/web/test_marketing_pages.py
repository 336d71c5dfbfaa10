"""Customers, audiences and campaigns in a real browser: found, switched, said in words, proposed, erased."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.orders.tellings import make_order
from tests.web.conftest import SignIn, Site
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Customer, Product
from zhanggui.marketing import CustomerStore, allow_channel, refresh_customers, save_audience, take_events
from zhanggui.orders import OrderQuery, Origin, search_orders, take

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
_ANYBODY = {"all": [{"any": [{"field": "orders", "op": ">=", "values": [1]}]}]}


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def shop(site: Site) -> None:
    """Thirty-five customers who bought; one with a nasty name; one who looked at a lamp."""
    now = datetime.now(UTC)
    names = ['"><img src=x onerror=alert(1)>', *(f"Guest {number}" for number in range(1, 35))]
    people = [Customer(f"c{place:02}", name, f"g{place}@example.com") for place, name in enumerate(names)]
    told = [
        make_order(person.id, placed_at=now - timedelta(days=at + 1), customer=person)
        for at, person in enumerate(people)
    ]
    with site.app.database.begin("main", TESTER) as uow:
        assert all(one.problem is None for one in take(uow, told, Origin("s1", "test")))
        for product in (Product("SKU-A", "茶杯"), Product("SKU-B", "Bowl"), Product("LAMP", "Desk lamp")):
            ProductStore(uow).save(product)
        refresh_customers(uow, site.app.marketing.book)
        event = {"id": "e1", "kind": "view", "customer": "g3@example.com", "product": "LAMP"}
        assert take_events(uow, [event], site.app.marketing.goods, source="api").stored == 1
        for one in CustomerStore(uow).everybody():
            allow_channel(uow, one.id, "email", True)
        save_audience(uow, "Everybody", _ANYBODY)


def test_a_customer_is_found_switched_off_and_erased(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/customers")
    expect(page.locator("tbody tr")).to_have_count(30)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(5)
    page.fill("input[name=text]", "Guest 3")
    page.get_by_role("link", name="Guest 3", exact=True).click()
    expect(page.get_by_text("Desk lamp")).to_be_visible()
    page.get_by_label("Personalisation").uncheck()
    expect(page.get_by_text("so nothing is measured")).to_be_visible()
    expect(page.get_by_text("Desk lamp")).to_have_count(0)
    page.get_by_role("button", name="Erase this person").click()
    page.get_by_label("The person asked for this").check()
    page.locator("dialog .is-danger").click()
    expect(page.get_by_text("The audit keeps one hash")).to_be_visible()
    with site.app.database.begin("main", TESTER) as uow:
        assert all(one.name != "Guest 3" for one in CustomerStore(uow).everybody())
        assert all(one.customer_name != "Guest 3" for one in search_orders(uow, OrderQuery(limit=100)).items)


def test_a_viewer_may_look_and_not_erase(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in("viewer")
    page.goto(f"{site.address}/customers?text=Guest 7")
    page.get_by_role("link", name="Guest 7", exact=True).click()
    expect(page.get_by_role("heading", name="Guest 7")).to_be_visible()
    assert page.get_by_role("button", name="Erase this person").count() == 0
    expect(page.get_by_label("Personalisation")).to_be_disabled()


def test_an_audience_is_said_changed_and_kept(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/audiences")
    page.fill("textarea[name=request]", "customers who bought frobnicators")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("What is meant by")).to_be_visible()
    page.fill("textarea[name=request]", "customers who bought Bowl")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("bought Bowl", exact=True)).to_be_visible()
    page.locator("select[name=field]").select_option("orders")
    page.locator("select[name=op]").select_option(">=")
    page.locator("input[name=values]").fill("5")
    page.get_by_role("button", name="Add condition").click()
    expect(page.get_by_role("heading", name="0 of")).to_be_visible()
    page.get_by_role("button", name="Remove the condition: orders").click()
    expect(page.get_by_role("heading", name="0 of")).to_have_count(0)
    page.locator("form[data-act=save] input[name=name]").fill("Bowl people")
    page.locator("form[data-act=save] button").click()
    expect(page.locator("tbody")).to_contain_text("Bowl people")


def test_a_campaign_is_checked_and_waits_in_the_inbox(sign_in: SignIn, site: Site, shop: None) -> None:
    page = sign_in()
    page.goto(f"{site.address}/campaigns")
    page.fill("input[name=name]", "Cups")
    page.locator("select[name=channel]").select_option("email")
    page.locator("select[name=product_id]").select_option("SKU-A")
    expect(page.locator("textarea[name=body_a]")).not_to_be_empty()
    page.get_by_role("button", name="Check and propose").click()
    page.get_by_role("link", name="To the inbox").click()
    expect(page.get_by_role("heading", name="Cups")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "dark", "width"), [("zh-CN", True, 390), ("en", False, 390), ("zh-CN", False, 1280), ("en", True, 1280)]
)
def test_the_pages_fit_their_window(
    sign_in: SignIn, site: Site, shop: None, locale: str, dark: bool, width: int
) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    with site.app.database.begin("main", TESTER) as uow:
        someone = CustomerStore(uow).page("g9@")[0].id
    for path in ("/customers", f"/customers/one?id={someone}", "/audiences", "/campaigns"):
        page.goto(f"{site.address}{path}")
        page.wait_for_selector("h1, .zg-empty")
        page.wait_for_selector(".zg-card, tbody tr, .zg-empty")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
