"""Orders, exceptions, automations and policy in a real browser: both languages, both themes, a phone's width."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.orders.desk_shop import NOW, delivered_order, order, put, sent
from tests.web.conftest import SignIn, Site
from zhanggui.kernel.commerce import ParcelReason, ParcelStatus, SourceOrder, TrackingEvent, TrackingReport
from zhanggui.orders import record_tracking

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
PAGES = ("/orders", "/exceptions", "/automations", "/policy")


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


def _today(made: SourceOrder) -> SourceOrder:
    """The order as if it had been placed lately."""
    ahead = datetime.now(UTC) - NOW
    payments = tuple(replace(p, at=p.at + ahead) for p in made.payments)
    parcels = tuple(replace(p, at=p.at + ahead, ended_at=p.ended_at + ahead if p.ended_at else None)
                    for p in made.parcels)  # fmt: skip
    return replace(
        made, placed_at=made.placed_at + ahead, version=made.version + ahead, payments=payments, parcels=parcels
    )


@pytest.fixture(scope="module")
def shop(site: Site) -> dict[str, str]:
    """Thirty-five orders: one delivered, one with a lost parcel, one with a nasty note, the others plain."""
    nasty = '"><img src=x onerror=alert(1)>'
    made = [order(f"P{number:02}") for number in range(32)]
    made += [delivered_order("DONE", days=5), order("NOTE", note=nasty)]
    made.append(order("LOST", parcels=(sent("sent", days=3, tracking_number="YQLOST", ended_at=None),)))
    with site.app.database.begin("main", TESTER) as uow:
        names = put(uow, *map(_today, made))
        at = datetime.now(UTC) - timedelta(days=1)
        event = TrackingEvent(at, "lost", "杭州", "包裹丢失 parcel lost", "L", str(ParcelReason.CARRIER_LOSS))
        record_tracking(uow, TrackingReport("yunque", "YQLOST", ParcelStatus.LOST, ParcelReason.CARRIER_LOSS, "L",
                                            (event,)))  # fmt: skip
        site.app.exceptions.scan(uow)
        site.app.automations.sweep(uow)
    return {"lost": names[-1], "note": names[-2], "done": names[32]}


def test_orders_are_found_and_tell_everything(sign_in: SignIn, site: Site, shop: dict[str, str]) -> None:
    page = sign_in()
    page.goto(f"{site.address}/orders")
    expect(page.locator("tbody tr")).to_have_count(30)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(5)
    page.fill("input[name=text]", "LOST")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.fill("input[name=text]", "")
    page.locator("select[name=sent]").select_option("delivered")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{site.address}/order?id={shop['lost']}")
    timeline = page.locator(".is-timeline")
    expect(timeline.locator("[data-sort=parcel]").first).to_contain_text("parcel lost")
    expect(timeline.locator("[data-sort=step]").first).to_be_visible()
    timeline.locator("[data-sort=proposal] a").first.click()
    expect(page.locator(".zg-proposal")).to_be_visible()
    page.goto(f"{site.address}/order?id={shop['note']}")
    expect(page.get_by_text("onerror=alert(1)", exact=False)).to_be_visible()


def test_an_exception_names_who_pays_and_can_be_set_aside(sign_in: SignIn, site: Site, shop: dict[str, str]) -> None:
    page = sign_in()
    page.goto(f"{site.address}/exceptions")
    card = page.locator("[data-exception=lost]")
    expect(card).to_contain_text("Caused by: carrier")
    expect(card.get_by_role("link", name="Draft 1")).to_be_visible()
    card.get_by_role("button", name="Dealt with").click()
    expect(card).to_have_count(0)
    page.locator("select[name=state]").select_option("handled")
    expect(page.locator("[data-exception=lost]")).to_be_visible()
    seen = sign_in("viewer")
    seen.goto(f"{site.address}/exceptions")
    expect(seen.get_by_role("button", name="Look now")).to_have_count(0)


def test_a_rule_goes_live_only_after_a_replay(sign_in: SignIn, site: Site, shop: dict[str, str]) -> None:
    page = sign_in()
    page.goto(f"{site.address}/automations")
    rule = page.locator("section[data-rule=paid-fulfil]")
    rule.locator("select").select_option("live")
    expect(page.locator(".zg-toast")).to_contain_text("replay")
    expect(rule.locator("select")).to_have_value("shadow")
    page.get_by_role("button", name="Replay over the past").click()
    expect(rule.locator("[data-replayed]")).to_contain_text("Would have fired")
    rule.locator("select").select_option("live")
    expect(page.locator(".zg-toast")).to_contain_text("Set to Live")
    rule.get_by_role("button", name="What it did lately").click()
    rule.get_by_role("button", name="Right").first.click()
    expect(rule).to_contain_text("1 of 1 agreed")


def test_a_policy_is_previewed_before_it_counts(sign_in: SignIn, site: Site, shop: dict[str, str]) -> None:
    page = sign_in()
    page.goto(f"{site.address}/policy")
    area = page.locator("textarea[name=text]")
    expect(page.locator("ol.zg-lines li").first).to_contain_text("7 days")
    text = area.input_value()
    area.fill("policy: [")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_be_visible()
    area.fill(text.replace('version: "1"', 'version: "2"'))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#policy-preview")).to_contain_text("0 of")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Own version 1")).to_be_visible()
    seen = sign_in("viewer")
    seen.goto(f"{site.address}/policy")
    expect(seen.locator("ol.zg-lines li").first).to_be_visible()
    expect(seen.locator("textarea")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "dark", "width"), [("zh-CN", True, 390), ("en", False, 390), ("zh-CN", False, 1280)]
)
def test_no_page_is_wider_than_its_window(
    sign_in: SignIn, site: Site, shop: dict[str, str], locale: str, dark: bool, width: int
) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    for path in (*PAGES, f"/order?id={shop['lost']}"):
        page.goto(f"{site.address}{path}")
        page.wait_for_selector("h1")
        page.wait_for_selector(".zg-card, table, .zg-empty")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("html").get_attribute("data-theme") == ("dark" if dark else "light")
