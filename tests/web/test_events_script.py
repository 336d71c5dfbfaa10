"""The script tag that tells what visitors look at, on a shop's page in a real browser: nothing before consent."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.conftest import TESTER
from tests.web.conftest import Site
from zhanggui.marketing import EventStore

pytestmark = pytest.mark.browser
_PAGE = """<!doctype html><html lang="en"><title>Shop</title>
<script src="{address}/widget/events.js" data-merchant="main" defer></script>
<main data-zhanggui-view="SKU-A"><h1>A cup</h1><button data-zhanggui-cart="SKU-A">Add to cart</button></main>"""
_KEPT = "localStorage.getItem('zhanggui.events.main')"


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


def _open(page: Page, address: str) -> list[Request]:
    """Open the page; the requests to the desk from now on, but for the script itself."""
    told: list[Request] = []
    page.on("request", lambda one: told.append(one) if "/api/" in one.url else None)
    page.goto(address)
    page.wait_for_function("window.zhangguiEvents !== undefined")
    return told


def _agree(page: Page) -> None:
    """Agree, and wait until what the page shows has been told."""
    with page.expect_event("requestfinished", _is_beacon):
        page.evaluate("zhangguiEvents.consent(true); zhangguiEvents.send()")


def _is_beacon(request: Request) -> bool:
    return request.url.endswith("/beacon")


def test_nothing_is_kept_or_sent_before_consent_and_after_it_is_taken_back(shop: str, browser: Browser) -> None:
    page = browser.new_page()
    told = _open(page, shop)
    page.get_by_role("button", name="Add to cart").click()
    page.evaluate("zhangguiEvents.search('red shoes'); zhangguiEvents.send()")
    assert page.evaluate(_KEPT) is None and page.context.cookies() == []
    _agree(page)
    seen = len(told)
    page.evaluate("zhangguiEvents.consent(false); zhangguiEvents.view('SKU-A'); zhangguiEvents.send()")
    assert page.evaluate(_KEPT) is None
    page.reload()
    page.get_by_role("button", name="Add to cart").click()
    page.evaluate("zhangguiEvents.send()")
    assert page.evaluate(_KEPT) is None and len(told) == seen
    page.close()


def test_what_is_told_after_consent_holds_no_personal_data(site: Site, shop: str, browser: Browser) -> None:
    page = browser.new_page()
    _open(page, shop)
    _agree(page)
    page.get_by_role("button", name="Add to cart").click()
    page.evaluate("['ann@example.com', 'call 138 0013 8000', 'red shoes'].forEach(zhangguiEvents.search)")
    with page.expect_event("requestfinished", _is_beacon) as sent:
        page.evaluate("zhangguiEvents.send()")
    body = sent.value.post_data or ""
    assert "ann@" not in body and "8000" not in body and shop not in body
    visitor = site.app.chat.visitor("main", str(page.evaluate(f"JSON.parse({_KEPT}).token")))
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        kept = {(one.kind, one.product_id or one.query) for one in EventStore(uow).of([f"visitor:{visitor}"])}
    assert kept == {("view", "SKU-A"), ("cart", "SKU-A"), ("search", "red shoes")}
    page.close()


def test_a_browser_that_says_no_is_believed(shop: str, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})")
    told = _open(page, shop)
    page.evaluate("zhangguiEvents.consent(true); zhangguiEvents.view('SKU-A'); zhangguiEvents.send()")
    assert page.evaluate(_KEPT) is None and told == []
    expect(page.get_by_role("heading")).to_have_text("A cup")
    page.close()
