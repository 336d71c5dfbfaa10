"""The console in a real browser: from an imported file to a published text and back, rights, escaping, languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import TESTER
from tests.web.conftest import SignIn, Site
from zhanggui.catalog import ProductStore
from zhanggui.desk import Inbox
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.types import JsonObject, Money

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
PAGES = ("/", "/inbox", "/catalogue", "/import", "/jobs", "/models", "/audit", "/settings")
NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{constructor.constructor("alert(3)")()}}`${alert(4)}`'


@pytest.fixture(autouse=True)
def patient() -> None:
    expect.set_options(timeout=60_000)


def _write_copy(site: Site, *products: str) -> list[str]:
    """Proposals for these products, written by rule; whichever process gets hold of the job does it."""
    jobs = site.app.jobs
    arguments: JsonObject = {"channel": "plain", "locale": "en", "products": [*products]}
    with site.app.database.begin("main", TESTER) as uow:
        job = jobs.start(uow, "listing-copy", arguments)
    assert jobs.run("main", job).progress.failed == 0
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        made = {item.key: str((item.result or {})["proposal"]) for item in jobs.items(uow, job).items}
    return [made[product] for product in products]


def _save(site: Site, *products: Product) -> None:
    with site.app.database.begin("main", TESTER) as uow:
        for product in products:
            ProductStore(uow).save(product)


def _mug(number: int) -> Product:
    attributes = {"Material": ("Stoneware",), "Colour": ("Green",), "Capacity": ("350 ml",)}
    title, price = f"Stoneware mug {number}", Money(4900, "CNY")
    return Product(id=f"mug-{number}", title=title, brand="Qingyao", attributes=attributes, price=price)


def test_from_a_file_to_a_published_text_and_back(site: Site, sign_in: SignIn, products_csv: Path) -> None:
    page = sign_in()
    expect(page.get_by_text("No products yet", exact=False)).to_be_visible()
    page.goto(f"{site.address}/import")
    with page.expect_file_chooser() as chooser:
        page.locator("a[role=button][aria-label^='Drop a file here']").click()
    chooser.value.set_files(products_csv)
    expect(page.get_by_role("heading", name="What the file is")).to_be_visible()
    expect(page.get_by_text("1 rows with problems", exact=False)).to_be_visible()
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).last.click()
    expect(page.get_by_role("heading", name="What it did")).to_be_visible()

    page.goto(f"{site.address}/catalogue")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.fill("input[name=text]", "kettle")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody input[type=checkbox]").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.locator(".zg-bulk").get_by_role("button", name="Write copy").click()
    page.locator("#write-copy select[name=locale]").select_option("en")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Watch it").click()
    expect(page.locator("tbody .zg-chip.is-ok").first).to_have_text("Done")
    page.locator("section.zg-card tbody a").click()

    expect(page.locator(".zg-proposal mark.is-ok").first).to_be_visible()
    mark = page.locator(".zg-proposal mark.is-ok").first
    assert "Rests on" in (mark.get_attribute("data-tip") or "")
    page.goto(f"{site.address}/inbox")
    expect(page.locator("[data-seen]")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Approved and live.")).to_be_visible()
    page.goto(f"{site.address}/product?id=kettle")
    expect(page.get_by_text("Written by rule", exact=True)).to_be_visible()
    expect(page.get_by_text("A kettle for the stove.")).to_be_visible()

    page.goto(f"{site.address}/inbox?state=applied")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.goto(f"{site.address}/product?id=kettle")
    expect(page.get_by_text("No copy is live yet.")).to_be_visible()
    page.goto(f"{site.address}/audit")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("The chain is whole", exact=False)).to_be_visible()


def test_keys_move_select_edit_reject_and_undo(site: Site, sign_in: SignIn) -> None:
    _save(site, *(_mug(number) for number in range(1, 5)))
    newest, *_, oldest = sorted(_write_copy(site, *(f"mug-{number}" for number in range(1, 5))), reverse=True)
    page = sign_in()
    page.goto(f"{site.address}/inbox")
    expect(page.locator(f"[data-seen='{newest}']")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("j")
    expect(page.locator(f"[data-seen='{oldest}']")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")

    page.keyboard.press("e")
    page.locator("textarea[name=description]").fill("A titanium mug that holds 2 L.")
    expect(page.get_by_text("may not be published yet", exact=False)).to_be_visible()
    expect(page.locator("mark.is-bad").first).to_be_visible()
    page.get_by_role("button", name="Approve as edited").click()
    expect(page.locator(".zg-toast.is-bad")).to_contain_text("titanium")
    page.locator("textarea[name=description]").fill("A green mug that holds 0.35 L.")
    expect(page.get_by_text("As edited, it may be published.")).to_be_visible()
    page.get_by_role("button", name="Approve as edited").click()
    expect(page.get_by_text("Approved and live.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Taken back.")).to_be_visible()

    page.keyboard.press("r")
    page.locator("#reject textarea").fill("Too plain")
    page.locator("#reject button.is-danger").click()
    expect(page.get_by_text("Rejected, with your reason kept.")).to_be_visible()
    for box in page.locator(".zg-list input[type=checkbox]").all()[:2]:
        box.check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Approve selected").click()
    expect(page.get_by_text("2 decided, 0 did not go through")).to_be_visible()
    expect(page.get_by_text("All done.", exact=False)).to_be_visible()


def test_markup_in_every_field_stays_text(site: Site, sign_in: SignIn) -> None:
    variant = Variant(sku=NASTY, title=NASTY, options={NASTY: NASTY})
    outside = "https://elsewhere.example/a.png"
    nasty = Product(
        id="nasty", title=NASTY, brand=NASTY, description=NASTY, category=(NASTY, NASTY), tags=(NASTY,),
        variants=(variant,), status=NASTY, attributes={NASTY: (NASTY,)}, images=(NASTY, outside),
        extra={NASTY: NASTY}, price=Money(1, "CNY"),
    )  # fmt: skip
    _save(site, nasty)
    [proposal] = _write_copy(site, nasty.id)
    page = sign_in()
    for address in ("/catalogue", f"/product?id={nasty.id}", f"/inbox?id={proposal}", "/audit", "/"):
        page.goto(f"{site.address}{address}")
        page.wait_for_load_state("networkidle")
        expect(page.locator("h1")).to_be_visible()
    page.goto(f"{site.address}/product?id={nasty.id}")
    expect(page.locator("h1")).to_have_text(NASTY)
    assert page.locator(".nicegui-content script, .nicegui-content [onerror]").count() == 0
    page.goto(f"{site.address}/catalogue?text=%3Cscript%3Ealert(9)%3C/script%3E")
    expect(page.get_by_text("No product matches.")).to_be_visible()


def test_a_viewer_looks_and_cannot_act(site: Site, sign_in: SignIn) -> None:
    _save(site, _mug(7))
    [proposal] = _write_copy(site, "mug-7")
    page = sign_in("viewer")
    page.goto(f"{site.address}/inbox?id={proposal}")
    expect(page.locator(f"[data-seen='{proposal}']")).to_be_visible()
    assert page.get_by_role("button", name="Approve").count() == 0
    for act in ("approve", "reject", "undo", "bulk-approve", "approve-edited"):
        page.evaluate(
            "act => emitEvent('zgact', {act, id: '', seen: '', fields: {reason: ['x'], title: ['y']}})", act
        )  # as a forged page would
    expect(page.locator(".zg-toast.is-bad")).to_be_visible()
    page.goto(f"{site.address}/settings")
    expect(page.locator("#autonomy")).to_be_visible()
    assert page.locator("#staff, #tokens").count() == 0
    forged = (
        "emitEvent('zgact', {act: 'staff-add', fields: {login: ['evil'], password: ['0123456789'], role: ['owner']}})"
    )
    page.evaluate(forged)
    expect(page.locator(".zg-toast.is-bad")).to_contain_text("Not allowed")
    page.goto(f"{site.address}/import")
    expect(page.get_by_text("Not allowed", exact=False)).to_be_visible()
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        assert {one.login for one in site.app.access.staff(uow)} == {"owner", "viewer"}


def test_a_person_shut_out_meanwhile_changes_nothing(site: Site, sign_in: SignIn) -> None:
    site.staff("leaver", "operator")
    _save(site, _mug(8))
    [proposal] = _write_copy(site, "mug-8")
    page = sign_in("leaver")
    page.goto(f"{site.address}/inbox?id={proposal}")
    expect(page.locator(f"[data-seen='{proposal}']")).to_be_visible()
    with site.app.database.begin("main", TESTER) as uow:
        site.app.access.disable_staff(uow, "leaver")
    page.keyboard.press("a")
    page.wait_for_url(re.compile("/login"))
    assert _state(site, proposal) == "waiting"


def _state(site: Site, proposal: str) -> str:
    with site.app.database.begin("main", TESTER, read_only=True) as uow:
        return str(Inbox.get(uow, proposal).state)


def test_another_merchant_sees_nothing(site: Site, sign_in: SignIn) -> None:
    _save(site, _mug(9))
    [proposal] = _write_copy(site, "mug-9")
    page = sign_in("stranger")
    expect(page.get_by_text("No products yet", exact=False)).to_be_visible()
    for address in (f"/inbox?id={proposal}", "/product?id=mug-9"):
        page.goto(f"{site.address}{address}")
        expect(page.get_by_text("Not found", exact=False)).to_be_visible()
    for address in PAGES:
        page.goto(f"{site.address}{address}")
        expect(page.locator("h1")).to_be_visible()
        assert "Stoneware" not in page.content() and "mug-9" not in page.content()


@pytest.mark.parametrize(("locale", "word"), [("en", "Inbox"), ("zh-CN", "待办")])
def test_two_languages_two_themes_narrow_and_wide(site: Site, sign_in: SignIn, locale: str, word: str) -> None:
    _save(site, _mug(10))
    _write_copy(site, "mug-10")
    for width, dark in ((1280, False), (390, True)):
        page = sign_in(locale=locale, width=width, dark=dark)
        expect(page.locator("html")).to_have_attribute("lang", locale)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark" if dark else "light")
        for address in (*PAGES, "/product?id=mug-10"):
            page.goto(f"{site.address}{address}")
            expect(page.locator("h1")).to_be_visible()
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 1, (address, width)
            assert "掌柜" in page.title()
        _walk_drawer(page, word, narrow=width < 800)


def _walk_drawer(page: Page, word: str, *, narrow: bool) -> None:
    link = page.get_by_role("navigation").first.get_by_role("link", name=word)
    if narrow:
        expect(link).to_be_hidden()
        page.locator("[data-drawer]").click()
    link.click()
    expect(page.locator("h1")).to_have_text(word)


def test_language_and_colours_are_switched_in_the_header(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("今日")
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(re.compile("/login"))
    expect(page.get_by_role("button", name="登录")).to_be_visible()
