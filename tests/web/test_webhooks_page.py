"""Outgoing webhooks in a real browser, told to a real receiver on loopback."""

import json
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import TESTER
from tests.kernel.webhooks.receiver import Receiver, receiving
from tests.web.conftest import SignIn, Site, served
from zhanggui.app import build
from zhanggui.connectors.standard_webhooks import StandardWebhooks
from zhanggui.kernel.webhooks import OutMessage
from zhanggui.server import free_port
from zhanggui.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console that may tell programs on this machine."""
    data = tmp_path_factory.mktemp("webhooks")
    app = build(Settings(data_dir=data, model="none", locale="en", webhooks_to_loopback=True))
    opened = Site(f"http://127.0.0.1:{free_port('127.0.0.1')}", app)
    opened.staff("owner", "owner")
    opened.staff("viewer", "viewer")
    environment = {
        **os.environ, "ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_MODEL": "none", "ZHANGGUI_LOCALE": "en",
        "ZHANGGUI_WEBHOOKS_TO_LOOPBACK": "true",
    }  # fmt: skip
    with served(opened, ("-m", "zhanggui", "serve", "--port"), environment, data):
        yield opened
    assert b"Traceback" not in (data / "server.log").read_bytes()


def _add(page: Page, url: str) -> str:
    """Register an address by the form; its secret."""
    form = page.locator("form[data-act=add]")
    form.locator("input[name=url]").fill(url)
    form.locator("input[value='proposal.applied']").check()
    form.get_by_role("button", name="Add", exact=True).click()
    note = page.locator("[role=status]", has_text=url)
    expect(note).to_be_visible()
    return note.locator("code").inner_text()


def _messages(site: Site) -> tuple[OutMessage, ...]:
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        return site.app.webhooks.messages(uow)[0].items


def test_an_address_is_added_tried_fails_is_replayed_rotated_and_removed(
    site: Site, receiver: Receiver, sign_in: SignIn
) -> None:
    page = sign_in()
    page.goto(f"{site.address}/connect")
    page.locator("main a[href='/webhooks'], .zg-title a[href='/webhooks']").first.click()
    expect(page.get_by_text("No address yet.", exact=False)).to_be_visible()
    form = page.locator("form[data-act=add]")
    form.locator("input[name=url]").fill("https://93.184.215.14/hook")
    form.locator("input[value='proposal.applied']").check()
    form.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".zg-toast")).to_contain_text("a host name on the public internet")
    secret = _add(page, receiver.url)
    card = page.locator("[data-endpoint]")
    expect(card).to_contain_text("Nothing sent yet")

    receiver.status = 404
    card.get_by_role("button", name="Send a test").click()
    expect(page.locator("tr[data-state=retrying]")).to_contain_text("HTTP 404")
    expect(card).to_contain_text("HTTP 404")
    [failed] = _messages(site)

    receiver.status = 200
    page.get_by_role("button", name="Send all failed again (1)").click()
    expect(page.locator(f"tr[data-message={failed.id}][data-state=done]")).to_contain_text("HTTP 200")
    headers, body = receiver.heard[-1]
    now = site.app.database.clock.now()
    assert StandardWebhooks().verify(headers, body, (secret,), now)
    assert headers["webhook-id"] == failed.id and json.loads(body)["type"] == "webhook.test"

    card.get_by_role("button", name="New secret").click()
    page.locator("dialog[open]").get_by_role("button", name="New secret").click()
    note = page.locator("[role=status] code")
    expect(note).not_to_have_text(secret)
    fresh = note.inner_text()
    heard = len(receiver.heard)
    page.locator(f"tr[data-message={failed.id}]").get_by_role("button", name="Send again").click()
    expect(page.locator(".zg-toast")).to_contain_text("Sending 1 again")
    receiver.wait_for(heard + 1)
    headers, body = receiver.heard[-1]
    assert StandardWebhooks().verify(headers, body, (fresh,), now)
    assert not StandardWebhooks().verify(headers, body, (secret,), now)
    page.reload()
    expect(page.locator("[data-endpoint]")).to_be_visible()
    assert fresh not in page.content() and secret not in page.content()

    viewer = sign_in("viewer")
    viewer.goto(f"{site.address}/webhooks")
    expect(viewer.locator("[data-endpoint]")).to_be_visible()
    assert viewer.locator("[data-act=add], [data-act=remove], [data-act=replay], [data-act=rotate]").count() == 0

    page.locator("[data-endpoint]").get_by_role("button", name="Switch off").click()
    expect(page.locator("[data-endpoint]")).to_contain_text("Off")
    page.locator("[data-endpoint]").get_by_role("button", name="Remove").click()
    page.locator("dialog[open]").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No address yet.", exact=False)).to_be_visible()


def test_many_deliveries_turn_pages_and_are_filtered(site: Site, receiver: Receiver, sign_in: SignIn) -> None:
    with site.app.database.begin("main", TESTER) as uow:
        site.app.webhooks.register(uow, f"{receiver.url}?key=k-7f3a", ["proposal.applied"])
        [endpoint] = site.app.webhooks.endpoints(uow)
        for _ in range(31):
            site.app.webhooks.test(uow, endpoint.id)
        site.app.webhooks.enable(uow, endpoint.id, False)
    page = sign_in()
    page.goto(f"{site.address}/webhooks")
    rows = page.locator("tr[data-message]")
    expect(rows).to_have_count(30)
    page.get_by_role("button", name="Next").click()
    expect(rows).to_have_count(1)
    page.locator("select[name=state]").select_option("done")
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    viewer = sign_in("viewer", width=390, locale="zh-CN", dark=True)
    viewer.goto(f"{site.address}/webhooks")
    expect(viewer.locator("[data-endpoint]")).to_be_visible()
    assert "k-7f3a" not in viewer.content()
    assert viewer.evaluate("document.documentElement.scrollWidth") <= 390
