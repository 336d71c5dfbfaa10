"""The console as people meet it: a server in a process of its own, a real headless Chromium in front of it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import TESTER
from zhanggui.app import App, build
from zhanggui.kernel.access import Role
from zhanggui.server import free_port
from zhanggui.settings import Settings

PASSWORD = "correct-horse-9"
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Site:
    """A running console and what is behind it."""

    address: str
    app: App

    def staff(self, login: str, role: Role, merchant: str = "main") -> None:
        """Let somebody in."""
        with self.app.database.begin(merchant, TESTER) as uow:
            self.app.access.add_staff(uow, login, password=PASSWORD, role=role)


def wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; fails when it ends or takes two minutes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}")
        try:
            if httpx.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError("the server did not come up")


@contextmanager
def served(site: Site, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Run a Python command that serves the site, given its port last; its log is `server.log` in the folder."""
    whole = [sys.executable, *command, site.address.rsplit(":", 1)[1]]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(whole, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            wait_until_up(site.address, process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)
            site.app.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`zhanggui serve` without a model: merchant `main` with an owner and a viewer, merchant `other` with an owner."""
    data = tmp_path_factory.mktemp("console")
    app = build(Settings(data_dir=data, model="none", locale="en"))
    app.merchants.create("other", name="Another shop")
    opened = Site(f"http://127.0.0.1:{free_port('127.0.0.1')}", app)
    opened.staff("owner", "owner")
    opened.staff("viewer", "viewer")
    opened.staff("stranger", "owner", "other")
    environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_MODEL": "none", "ZHANGGUI_LOCALE": "en"}
    with served(opened, ("-m", "zhanggui", "serve", "--port"), environment, data):
        yield opened
    assert b"Traceback" not in (data / "server.log").read_bytes(), (data / "server.log").read_text()


def find_chromium() -> str | None:
    """Where Chromium is on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def launch_flags() -> list[str]:
    """How it is started headless, without anything that asks other machines."""
    return list(_FLAGS)


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo after its day, served without a model, with `owner` (password as ever) beside its own login."""
    data = tmp_path_factory.mktemp("demo-site")
    environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_MODEL": "none", "ZHANGGUI_LOCALE": "zh-CN"}
    played = [sys.executable, "-m", "zhanggui", "demo", "--no-serve"]
    subprocess.run(played, env=environment, cwd=data, check=True, capture_output=True, timeout=900)
    folder = data / "demo"
    environment |= {"ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_MERCHANT": "demo"}
    app = build(Settings(data_dir=folder, model="none", merchant="demo"))
    opened = Site(f"http://127.0.0.1:{free_port('127.0.0.1')}", app)
    opened.staff("owner", "owner", "demo")
    with served(opened, ("-m", "zhanggui", "serve", "--port"), environment, data):
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip with the reason."""
    found = find_chromium()
    if found is None:
        pytest.skip("Chromium is not here: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=launch_flags())
        yield opened
        opened.close()


@dataclass
class Watched:
    """A browser page and everything in it that should not have happened."""

    page: Page
    trouble: list[str] = field(default_factory=list)


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, site: Site) -> Iterator[SignIn]:
    """Open pages as somebody; at the end: no console error, no request that left this machine, no dialog."""
    yield from _signed_in(browser, site)


@pytest.fixture
def demo_in(browser: Browser, demo_site: Site) -> Iterator[SignIn]:
    """The same for the demo."""
    yield from _signed_in(browser, demo_site)


def _signed_in(browser: Browser, site: Site) -> Iterator[SignIn]:
    trouble: list[str] = []
    contexts: list[BrowserContext] = []

    def enter(login: str = "owner", *, width: int = 1280, locale: str = "en", dark: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844})
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        watch(page, site.address, trouble)
        page.goto(f"{site.address}/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.click("main .zg-button")
        page.wait_for_selector("h1")
        choice = {"locale": locale, "dark": "1" if dark else "0", "next": "/"}
        context.request.post(f"{site.address}/preferences", form=choice, headers={"origin": site.address})
        page.goto(site.address)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert trouble == []


def watch(page: Page, address: str, trouble: list[str]) -> None:
    """Note every console error, every request elsewhere and every alert of a page."""
    local = (address, address.replace("http", "ws"), "data:", "blob:")

    def request(url: str) -> None:
        if not url.startswith(local):
            trouble.append(f"request to {url}")

    page.on("request", lambda sent: request(sent.url))
    page.on("websocket", lambda socket: request(socket.url))
    page.on("pageerror", lambda error: trouble.append(f"error {error}"))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)

    def alert(shown: object) -> None:
        trouble.append(f"dialog {shown}")
        shown.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", alert)


@pytest.fixture
def products_csv(tmp_path: Path) -> Path:
    """Three products and a row that cannot be read."""
    path = tmp_path / "products.csv"
    path.write_text(
        "id,title,brand,price,description,Material,Colour\n"
        "kettle,Enamel kettle,Yunshan,129.00,A kettle for the stove.,Enamel,Blue\n"
        "cup,Porcelain cup,Yunshan,39.00,,Porcelain,White\n"
        "broken,Broken bowl,Yunshan,many,,Porcelain,White\n"
        "lamp,Desk lamp,Nanfeng,199.00,Bright.,Aluminium,Black\n",
        encoding="utf-8",
    )
    return path
