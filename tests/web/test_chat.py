"""The widget on a shop's page and the console beside it, in a real browser: talk, reload, a person takes over."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import TESTER
from tests.web.conftest import SignIn, Site

pytestmark = pytest.mark.browser
_PAGE = """<!doctype html><html lang="en"><title>Shop</title><h1>A shop</h1>
<script src="{address}/widget/chat.js" data-merchant="main" data-locale="en" defer></script>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop(site: Site, tmp_path: Path) -> Iterator[str]:
    """A shop's page on another origin, with the one script tag."""
    (tmp_path / "index.html").write_text(_PAGE.format(address=site.address), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(5)


def _say(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.keyboard.press("Enter")


def test_a_talk_survives_a_reload_and_a_person_takes_over(site: Site, shop: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(shop)
    page.get_by_role("button", name="Chat with us").click()
    _say(page, "hello")
    expect(page.locator("li.is-bot")).to_have_count(1, timeout=20_000)
    _say(page, "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>")
    expect(page.locator("li.is-customer")).to_have_count(2)
    expect(page.locator("li.is-bot")).to_have_count(2, timeout=60_000)  # the first look-up loads a model
    page.reload()
    expect(page.locator("li.is-customer")).to_have_count(2)
    expect(page.locator("li.is-bot")).to_have_count(2)
    assert page.title() == "Shop"
    with site.app.database.begin("main", TESTER) as uow:
        site.app.chat.handovers.set_hours(
            uow, {"zone": "UTC", "days": {str(day): [["00:00", "24:00"]] for day in range(7)}}
        )
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.get_by_role("status")).to_have_text("Waiting for a person")
    with site.app.database.begin("main", TESTER) as uow:
        (one,) = site.app.chat.handovers.inbox(uow)
        site.app.chat.handovers.take(uow, one.id, "owner")
        site.app.chat.handovers.reply(uow, one.id, "owner", "I am here now", "k1")
    expect(page.locator("li.is-staff")).to_contain_text("I am here now")
    expect(page.get_by_role("status")).to_have_text("A person is with you")
    page.close()


def test_the_console_shows_it_live(site: Site, sign_in: SignIn) -> None:
    page = sign_in("owner")
    page.goto(f"{site.address}/conversations")
    page.locator(".zg-line").first.click()
    expect(page.get_by_text("I am here now")).to_be_visible()
    assert "pwned" not in page.title()
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        (one,) = site.app.chat.handovers.inbox(uow)
    page.goto(f"{site.address}/handovers?id={one.id}")
    page.get_by_label("Reply to the customer").fill("From the console")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.locator("[data-sender=staff]").filter(has_text="From the console")).to_have_count(1)
    page.get_by_role("button", name="Give back to the assistant").click()
    expect(page.get_by_text("Nobody waits for a person.")).to_be_visible()
