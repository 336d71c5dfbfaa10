"""The import wizard in a real browser: columns guessed, changed and kept; orders; files as they really come."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import TESTER
from tests.web.conftest import SignIn, Site
from zhanggui.catalog import ProductStore
from zhanggui.connectors.saved_columns import saved_columns

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
STOCK = "货号,叫什么,卖多少,Material\nW-1,青瓷杯,12.50,瓷\nW-2,竹筷,9.00,竹\nW-3,木勺,许多,木\n"
ORDERS = (
    "订单号,下单时间,商品名称,数量,单价,买家姓名\n"
    "A1,2025-03-01 10:00,青瓷杯,2,12.50,王芳\nA1,2025-03-01 10:00,竹筷,1,9.00,王芳\nA2,昨天,木勺,1,5.00,李雷\n"
)
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


def drop(page: Page, name: str, content: bytes) -> None:
    """Hand a file to the wizard."""
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content})


def count(site: Site, *products: str) -> int:
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        return len(ProductStore(uow).get_many(list(products)))


def test_columns_are_chosen_kept_by_name_and_used_again(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{site.address}/import")
    drop(page, "仓库.csv", STOCK.encode("gb18030"))
    expect(page.get_by_text("gb18030")).to_be_visible()
    titled = page.get_by_label("What 叫什么 fills")
    expect(titled).to_have_value("")
    expect(page.get_by_label("What 货号 fills")).to_have_value("sku")
    expect(page.locator("tbody tr").filter(has_text="叫什么")).to_contain_text("青瓷杯 · 竹筷 · 木勺")
    titled.select_option("title")
    page.get_by_label("What 卖多少 fills").select_option("price")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("1 rows with problems", exact=False)).to_be_visible()
    expect(page.get_by_text("卖多少 × 1")).to_be_visible()
    page.get_by_text("Save this mapping", exact=False).click()
    page.fill("input[name=name]", "Warehouse")
    page.locator("form[data-act=save-columns]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("“Warehouse” was saved.")).to_be_visible()
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert count(site, "W-1", "W-2") == 0
    page.locator("section", has=page.get_by_role("heading", name="What it would do")).get_by_role(
        "button", name="Import", exact=True
    ).click()
    expect(page.get_by_role("heading", name="What it did")).to_be_visible()
    assert count(site, "W-1", "W-2", "W-3") == 2
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the problems (CSV)").click()
    assert "卖多少" in Path(saved.value.path()).read_text(encoding="utf-8-sig")

    page.goto(f"{site.address}/import")
    drop(page, "仓库.csv", STOCK.encode("utf-16"))
    expect(page.get_by_text("“Warehouse” fits and is used", exact=False)).to_be_visible()
    expect(page.get_by_label("What 叫什么 fills")).to_have_value("title")
    page.get_by_text("Save this mapping", exact=False).click()
    page.get_by_role("button", name="Forget “Warehouse”").click()
    expect(page.get_by_text("fits and is used", exact=False)).to_have_count(0)
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        assert saved_columns(uow, "products") == ()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("2 removed", exact=False)).to_be_visible()
    assert count(site, "W-1", "W-2") == 0


def test_a_column_changed_during_the_check_keeps_its_notice(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{site.address}/import")
    rows = "".join(f"S-{number},竹筷,9.00,竹\n" for number in range(60_000))
    drop(page, "large.csv", ("货号,叫什么,卖多少,Material\n" + rows).encode())
    page.get_by_label("What 叫什么 fills").select_option("title")
    expect(page.get_by_role("button", name="Check again")).to_be_visible()
    # Longer than the check: what it found of the columns before must not be drawn over the notice.
    page.wait_for_timeout(4_000)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("button", name="Dry run")).to_be_visible()
    assert count(site, "S-1", "S-59999") == 0, "a check imports nothing"


def test_orders_come_in_by_the_same_wizard(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{site.address}/import?what=orders")
    drop(page, "订单.csv", b"\xef\xbb\xbf" + ORDERS.encode())
    expect(page.get_by_label("What 买家姓名 fills")).to_have_value("customer_name")
    expect(page.get_by_text("昨天").last).to_be_visible()
    page.locator("input[name=shop]").fill("taobao-1")
    page.locator("input[name=shop]").press("Tab")
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="What it did")).to_be_visible()
    page.get_by_role("link", name="See the orders").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("王芳")
    page.goto(f"{site.address}/import?what=orders")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("1 removed", exact=False)).to_be_visible()


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_files_that_cannot_be_read_say_why_and_change_nothing(site: Site, sign_in: SignIn) -> None:
    page = sign_in(locale="zh-CN")
    page.goto(f"{site.address}/import")
    bomb = gzip.compress(b"id,title\n" + b"a" * (40 << 20))
    for name, content, told in (
        ("empty.csv", b"", "表头一行"),
        ("bomb.csv.gz", bomb, "packed size"),
        ("book.csv", zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "CSV"),
        ("two.zip", zipped(a=b"id\n1\n", b=b"id\n2\n"), "压缩包里只有一个文件"),
        ("latin.csv", "id,title\n1,Caf\xe9 \xff\xfe\xfd\n".encode("latin-1"), "UTF-8"),
        ("names.csv", b"colour,shape\nred,round\n", "商品编号或 SKU 一列"),
        ("twice.csv", b"id,id\n1,2\n", "不重复的列名"),
        ("header.csv", b"id,title\n", "没有能导入的行"),
    ):
        drop(page, name, content)
        expect(page.locator("[role=alert], .zg-alert").first).to_contain_text(told)
    expect(page.get_by_role("button", name="导入", exact=True)).to_be_disabled()


def test_nothing_in_a_file_becomes_a_part_of_the_page(site: Site, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{site.address}/import")
    cells = NASTY.replace('"', '""')
    head = f'id,title,"{cells}",price\n'
    rows = f'"{cells}","{cells}","{cells}",1.00\nn-2,ok,=1+1,"{cells}"\n'
    drop(page, f"{NASTY}.csv".replace("/", ""), (head + rows).encode())
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Import", exact=True).last.click()
    expect(page.get_by_role("heading", name="What it did")).to_be_visible()
    assert page.locator("main img, .zg-main-part img, .zg-main-part script").count() == 0


@pytest.mark.parametrize(
    ("locale", "dark", "width"), [("zh-CN", False, 1280), ("zh-CN", True, 390), ("en", False, 390)]
)
def test_the_wizard_fits_its_window(sign_in: SignIn, site: Site, locale: str, dark: bool, width: int) -> None:
    page = sign_in(width=width, locale=locale, dark=dark)
    page.goto(f"{site.address}/import")
    drop(page, "仓库.csv", STOCK.encode())
    page.wait_for_selector("[data-act=dry]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
