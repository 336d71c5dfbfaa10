"""The console with a big catalogue: how soon the first page of products is on the screen, what an open page costs.

    python -m benchmarks.console [--products 100000] [--sessions 20]

The server runs in a process of its own (`zhanggui serve`, no model); Chromium opens pages that are signed in. The time
is taken in the browser, from the start of the navigation until the table's rows are laid out and painted, with the
browser's cache warm (files are immutable) and the page itself never cached; the cold time is told beside it. Memory is
the growth of the server's resident set over the open pages, each in a browser context of its own, divided by them.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import polars as pl
from evals.figures import record
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from zhanggui.app import App, build
from zhanggui.catalog import import_products
from zhanggui.connectors.product_files import open_products
from zhanggui.kernel.storage import Actor
from zhanggui.server import free_port
from zhanggui.settings import Settings

_PASSWORD = "correct-horse-9"
_COMMAND = "make bench-console"
_ACTOR = Actor("system", "benchmark")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Resolves with milliseconds since navigation start, two frames after the last row is there.
_ROWS_PAINTED = """() => new Promise(done => {
  const look = () => document.querySelectorAll("tbody tr").length >= 30
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : setTimeout(look, 4);
  look();
})"""


def _fill(app: App, folder: Path, products: int) -> None:
    number = pl.int_range(products, eager=True)
    colours, materials = ["Red", "Blue", "Green", "White"], ["Steel", "Cotton", "Oak", "Glass"]
    table = pl.DataFrame(
        {
            "id": "P" + number.cast(pl.String).str.zfill(7),
            "title": "Made-up product number " + number.cast(pl.String),
            "brand": pl.Series(f"Brand {at % 40}" for at in range(products)),
            "price": (number % 900 + 100).cast(pl.Float64) / 4,
            "Colour": pl.Series(colours[at % 4] for at in range(products)),
            "Material": pl.Series(materials[at % 4] for at in range(products)),
        }
    )
    path = folder / "products.csv"
    table.write_csv(path)
    with open_products(path, "CNY") as file, app.database.begin("main", _ACTOR) as uow:
        outcome = import_products(uow, file)
        app.access.add_staff(uow, "owner", password=_PASSWORD, role="owner")
    assert outcome.created == products, outcome


def _resident(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the server in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _context(browser: Browser, address: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("input[name=login]", "owner")
    page.fill("input[name=password]", _PASSWORD)
    page.click("main .zg-button")
    page.wait_for_selector("h1")
    page.close()
    return context


def _open(page: Page, address: str) -> float:
    page.goto(f"{address}/catalogue", wait_until="commit")
    return float(page.evaluate(_ROWS_PAINTED)) / 1000


def _first_pages(browser: Browser, address: str, times: int) -> tuple[float, list[float], list[float]]:
    context = _context(browser, address)
    page = context.new_page()
    cold = _open(page, address)
    warm = [_open(page, address) for _ in range(times)]
    sorted_pages: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        page.locator(".zg-pager button").last.click()
        page.wait_for_function("n => document.querySelector('.zg-pager span').textContent != n",
                               arg=page.locator(".zg-pager span").text_content())  # fmt: skip
        sorted_pages.append(time.perf_counter() - began)
    context.close()
    return cold, warm, sorted_pages


def _memory(browser: Browser, address: str, process: subprocess.Popen[bytes], sessions: int) -> float:
    for _ in range(5):  # what the process keeps for everybody is there before we measure
        context = _context(browser, address)
        _open(context.new_page(), address)
        context.close()
    time.sleep(20)  # closed pages are forgotten after the reconnect timeout
    before = _resident(process)
    contexts = [_context(browser, address) for _ in range(sessions)]
    for context in contexts:
        page = context.new_page()
        _open(page, address)
        page.goto(f"{address}/catalogue")
        page.wait_for_selector("tbody tr")
    time.sleep(20)
    grown = (_resident(process) - before) / sessions
    for context in contexts:
        context.close()
    return grown


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--times", type=int, default=15)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as name:
        folder = Path(name)
        app = build(Settings(data_dir=folder / "data", model="none", locale="en"))
        _fill(app, folder, chosen.products)
        app.close()
        port = free_port("127.0.0.1")
        address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(folder / "data"), "ZHANGGUI_MODEL": "none"}
        command = [sys.executable, "-m", "zhanggui", "serve", "--port", str(port)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            _measure(address, process, chosen)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _measure(address: str, process: subprocess.Popen[bytes], chosen: argparse.Namespace) -> None:
    for _ in range(240):
        try:
            httpx.get(f"{address}/healthz", timeout=5)
            break
        except httpx.TransportError:
            time.sleep(0.5)
    dataset = f"{chosen.products:,} made-up products"
    load = os.getloadavg()[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=_FLAGS
        )
        cold, warm, turns = _first_pages(browser, address, chosen.times)
        memory = _memory(browser, address, process, chosen.sessions)
        browser.close()
    middle = statistics.median(warm)
    print(json.dumps({"cold": cold, "warm": warm, "next page": turns, "MB a page": memory, "load": load}, indent=1))
    note = (
        f"median of {len(warm)}, from navigation to painted rows; slowest {max(warm):.2f} s, cold cache {cold:.2f} s, "
        f"next page {statistics.median(turns):.2f} s; load average {load:.1f} on this machine meanwhile"
    )
    record("console-first-page", middle, interval=(min(warm), max(warm)), unit="s", command=_COMMAND, dataset=dataset,
           note=note)  # fmt: skip
    grown = f"growth of the server's resident set over {chosen.sessions} open catalogue pages, divided by them"
    record("console-memory-per-page", memory, unit="MB", command=_COMMAND, dataset=dataset, note=grown)


if __name__ == "__main__":
    main()
