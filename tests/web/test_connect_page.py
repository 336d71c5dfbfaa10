"""Connecting a shop and trying a model in a real browser, against a shop on loopback and a model that answers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import TESTER
from tests.connectors.shops.server import Shop, serving
from tests.web.conftest import SignIn, Site, served
from zhanggui.app import build
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Product
from zhanggui.orders import ConnectionStore
from zhanggui.server import free_port
from zhanggui.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
TOKEN = "shpat_0123456789abcdef"
MODELS = "fake:demo,openai:nobody"


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console whose connectors may ask shops on loopback."""
    data = tmp_path_factory.mktemp("connect")
    app = build(Settings(data_dir=data, model="none", locale="en"))
    opened = Site(f"http://127.0.0.1:{free_port('127.0.0.1')}", app)
    opened.staff("owner", "owner")
    opened.staff("viewer", "viewer")
    environment = {
        **os.environ, "ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_MODEL": MODELS, "ZHANGGUI_LOCALE": "en",
        "ZHANGGUI_OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "ZHANGGUI_OPENAI_API_KEY": "sk-very-secret",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    with served(opened, (str(Path(__file__).with_name("shop_console.py")),), environment, data):
        yield opened


def test_a_shop_is_tried_kept_and_let_go(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    with serving(Shop()) as shop:
        page.goto(f"{site.address}/connect")
        page.get_by_text("Shopify", exact=True).click()
        form = page.locator("form[data-source=shopify]")
        form.locator("input[name=name]").fill("s1")
        form.locator("input[name=host]").fill("evil.example.com")
        form.locator("input[name=api_secret]").fill("shpat_wrong-wrong-wrong")
        form.get_by_role("button", name="Test and connect").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
        form.locator("input[name=host]").fill(f"http://{shop.host}/admin")
        form.get_by_role("button", name="Test and connect").click()
        expect(page.get_by_role("alert")).to_contain_text("refuses our credentials")
        form.locator("input[name=api_secret]").fill(TOKEN)
        form.get_by_role("button", name="Test and connect").click()
        expect(page.get_by_role("status")).to_contain_text("works: it answered")
        expect(page.get_by_text(f"{site.address}/api/v1/webhooks/shopify/main/s1")).to_be_visible()
        assert TOKEN not in page.content()
        shop.faults.append((401, {}))
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("refuses our credentials")
        viewer = sign_in("viewer")
        viewer.goto(f"{site.address}/connect")
        expect(viewer.get_by_role("heading", name="s1")).to_be_visible()
        assert viewer.locator("[data-act=disconnect], form[data-act=connect]").count() == 0
    page.get_by_role("button", name="Disconnect").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("No shop is connected yet", exact=False)).to_be_visible()
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        assert ConnectionStore(uow).secrets("s1", "shopify", "api") == ()


def test_models_are_tried_one_by_one(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{site.address}/models")
    page.get_by_role("button", name="Test fake:demo").click()
    expect(page.get_by_role("status")).to_contain_text("tokens read")
    page.get_by_role("button", name="Test openai:nobody").click()
    expect(page.get_by_role("alert")).to_contain_text("openai:nobody")
    expect(page.get_by_text("ZHANGGUI_OPENAI_API_KEY", exact=True).first).to_be_visible()
    assert "sk-very-secret" not in page.content()


def test_related_products_have_reasons(site: Site, sign_in: SignIn) -> None:
    facts = {"Material": ("Stoneware",), "Colour": ("Green",)}
    with site.app.database.begin("main", TESTER) as uow:
        for number in range(3):
            ProductStore(uow).save(Product(f"mug-{number}", f"Stoneware mug {number}", attributes=facts))
    page = sign_in()
    page.goto(f"{site.address}/product?id=mug-0")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("link", name="Stoneware mug 1")).to_be_visible()


@pytest.mark.parametrize("path", ["/connect", "/models", "/settings"])
def test_the_pages_fit_a_phone(site: Site, sign_in: SignIn, path: str) -> None:
    page = sign_in(width=390, locale="zh-CN", dark=True)
    page.goto(f"{site.address}{path}")
    page.wait_for_selector(".zg-card")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
