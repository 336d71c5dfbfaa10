"""What a newcomer does in the browser: `python -m tests.newcomer.driving tour|own ADDRESS LOGIN PASSWORD PICTURES`.

Ends with 1 when a page reported an error, asked another machine for something, or did not show what it must.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.web.conftest import find_chromium, launch_flags, watch

_PATIENCE = 120_000


@contextmanager
def signed_in(address: str, login: str, password: str) -> Iterator[Page]:
    """A page of somebody who came in; any trouble of any page ends the program."""
    trouble: list[str] = []
    found = find_chromium()
    if found is None:
        raise SystemExit("Chromium is not here: apt-get install chromium")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=launch_flags())
        context = browser.new_context(viewport={"width": 1280, "height": 844}, accept_downloads=True)
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        watch(page, address, trouble)
        page.goto(f"{address}/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.click("main .zg-button")
        page.wait_for_selector("h1")
        context.request.post(
            f"{address}/preferences", form={"locale": "en", "dark": "0", "next": "/"}, headers={"origin": address}
        )
        yield page
        browser.close()
    if trouble:
        raise SystemExit("\n".join(trouble))


def take(page: Page, pictures: Path, name: str) -> None:
    """A picture of the page as it is."""
    page.screenshot(path=pictures / f"{name}.png")


def tour(page: Page, address: str, pictures: Path) -> None:
    """Every page that the navigation names, then every station of the guided tour."""
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    take(page, pictures, "today")
    places = [link.get_attribute("href") or "" for link in page.locator("nav.zg-nav a").all()]
    for place in places:
        page.goto(f"{address}{place}")
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_timeout(400)
        take(page, pictures, re.sub(r"\W+", "-", place).strip("-") or "home")
    print(f"  {len(places)} pages of the navigation opened")
    page.goto(f"{address}/tour")
    stations = [link.get_attribute("href") or "" for link in page.locator("ol.zg-steps a.zg-button").all()]
    for number, station in enumerate(stations, 1):
        page.goto(f"{address}{station}")
        expect(page.locator("h1").first).to_be_visible()
        page.wait_for_timeout(400)
        take(page, pictures, f"tour-{number}")
    if len(stations) < 7:
        raise SystemExit(f"the tour has {len(stations)} stations, not seven")
    print(f"  {len(stations)} stations of the tour seen")


def own(page: Page, address: str, pictures: Path) -> None:
    """Approve one proposal by key, see it live, take it back."""
    page.goto(f"{address}/inbox")
    expect(page.locator("[data-seen]")).to_be_visible()
    take(page, pictures, "own-inbox")
    page.keyboard.press("a")
    expect(page.get_by_text("Approved and live.")).to_be_visible()
    page.goto(f"{address}/inbox?state=applied")
    take(page, pictures, "own-applied")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.goto(f"{address}/inbox")
    expect(page.locator("[data-seen]")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Approved and live.")).to_be_visible()
    print("  approved, taken back, and another one published")


def main() -> None:
    """Do what the first argument names."""
    what, address, login, password, pictures = sys.argv[1:]
    with signed_in(address, login, password) as page:
        {"tour": tour, "own": own}[what](page, address, Path(pictures))


if __name__ == "__main__":
    main()
