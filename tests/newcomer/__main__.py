"""A newcomer's first hour: `make newcomer`, or `python3 -m tests.newcomer [--keep] [--no-tests] [--pictures DIR]`.

Clones into an empty folder with an empty home, runs `make demo` and takes its tour in Chromium, imports a real export
into a shop of its own, approves, publishes, takes back, erases a customer, backs up, restores, and runs `make test`.
Only the standard library here: nothing is installed yet. Ends with 0 when everything went well; prints how long each
step took and the most memory that one process had.
"""

import argparse
import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data" / "dummyjson"
_CONSOLE = re.compile(
    r"Console: (?P<address>http://\S+?)/?\s+(?:login: (?P<login>\S+)\s+password: (?P<password>\S+)|API)"
)
_KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE")
_PATIENCE = 1_800
_COLUMNS = (
    "order_id", "order_date", "status", "payment_status", "sku", "title", "quantity", "unit_price", "shipping",
    "customer_id", "customer_name", "email", "phone", "country", "city", "street",
)  # fmt: skip


class Newcomer:
    """One person with an empty home and a fresh clone; every step is timed."""

    def __init__(self, folder: Path, pictures: Path) -> None:
        self.clone, self.home, self.pictures = folder / "zhanggui", folder / "home", pictures
        self.own, self.restored = folder / "own-shop", folder / "restored"
        self.times: list[tuple[str, float]] = []
        self.home.mkdir(parents=True)
        self.environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.environment |= {"HOME": str(self.home), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        print(f"… {name}", flush=True)
        started = time.monotonic()
        yield
        self.times.append((name, time.monotonic() - started))
        print(f"  {name}: {self.times[-1][1]:.0f} s", flush=True)

    def take_clone(self) -> None:
        """Clone what is committed, as a stranger would."""
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self.clone)], env=self.environment, check=True)

    def run(self, *command: str, data: Path | None = None, fine: tuple[int, ...] = (0,)) -> str:
        """Run a command in the clone and give back what it printed.

        Raises:
            SystemExit: it ended with another code than those that are fine; its output is shown.
        """
        told: Mapping[str, str] = {"ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_LOCALE": "en"} if data else {}
        done = subprocess.run(
            command, cwd=self.clone, env={**self.environment, **told}, text=True, timeout=3 * _PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode not in fine:
            print(done.stdout[-6_000:])
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
        return done.stdout

    def zhanggui(self, *arguments: str, data: Path, fine: tuple[int, ...] = (0,)) -> str:
        """Run the product's own command line on a data folder."""
        return self.run(".venv/bin/python", "-m", "zhanggui", *arguments, data=data, fine=fine)

    def drive(self, what: str, *arguments: str) -> None:
        """Run a part of `tests.newcomer.driving` in the clone's environment."""
        print(self.run(".venv/bin/python", "-m", "tests.newcomer.driving", what, *arguments), end="")

    @contextmanager
    def serving(self, *command: str, data: Path | None = None) -> Iterator[tuple[str, str, str]]:
        """Run a command that serves the console; gives its address, login and password; stops it as Ctrl-C would."""
        told = {"ZHANGGUI_DATA_DIR": str(data), "ZHANGGUI_LOCALE": "en"} if data else {}
        process = subprocess.Popen(
            command, cwd=self.clone, env={**self.environment, **told}, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield _console_of(process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise SystemExit("the console did not stop within a minute of Ctrl-C") from None


def _console_of(process: "subprocess.Popen[str]") -> tuple[str, str, str]:
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)

    Thread(target=read, daemon=True).start()
    seen: list[str] = []
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and (process.poll() is None or not lines.empty()):
        try:
            seen.append(lines.get(timeout=1))
        except Empty:
            continue
        print(f"    {seen[-1]}", end="")
        found = _CONSOLE.search(seen[-1])
        if found:
            return found["address"], found["login"] or "", found["password"] or ""
    raise SystemExit("the console never said where it is:\n" + "".join(seen[-40:]))


def _orders(target: Path) -> str:
    """Carts of the public set as an order table; gives the e-mail of the person who will be erased."""
    users = {user["id"]: user for user in _held(SHARED / "users.json", "users")}
    first = ""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for cart in _held(SHARED / "carts.json", "carts"):
            user = users.get(cart.get("userId"))
            if user is None:
                continue
            first = first or user["email"]
            name, where = f"{user['firstName']} {user['lastName']}", user["address"]
            for line in cart["products"]:
                number, thing = f"C-{cart['id']}", (f"DJ-{line['id']}", line["title"], line["quantity"], line["price"])
                who = (f"U-{user['id']}", name, user["email"], user["phone"])
                address = ("US", where["city"], where["address"])
                writer.writerow((number, "2026-10-05 10:00:00", "processing", "paid", *thing, "0.00", *who, *address))
    return first


def _held(path: Path, name: str) -> list[dict[str, object]]:
    held = json.loads(path.read_text(encoding="utf-8"))
    return held[name] if isinstance(held, dict) else held


def _own_shop(one: Newcomer, folder: Path) -> None:
    """A real export into a shop of one's own: import, copy, approve, publish, take back, erase a customer."""
    scratch, export = folder / "scratch", folder / "shopify.csv"
    with one.step("make a Shopify export of a public catalogue"):
        one.zhanggui("catalog", "import", str(SHARED / "products.json"), data=scratch, fine=(0, 1))
        one.zhanggui("catalog", "export", str(export), "--format", "shopify-csv", "--locale", "en", data=scratch)
    with one.step("import it, and orders"):
        one.zhanggui("catalog", "import", str(export), data=one.own)
        person = _orders(folder / "orders.csv")
        one.zhanggui("orders", "import", str(folder / "orders.csv"), "--shop", "web", data=one.own)
    with one.step("listing copy for every product, approve, publish, undo in the console"):
        copying = ("catalog", "copy", "--all", "--locale", "en", "--channel", "shopify")
        one.environment["ZHANGGUI_MODEL"] = "none"
        one.zhanggui(*copying, data=one.own)
        one.zhanggui("staff", "add", "me", "--role", "owner", "--password", "correct-horse-9", data=one.own)
        with one.serving("make", "serve", data=one.own) as (address, _login, _password):
            one.drive("own", address, "me", "correct-horse-9", str(one.pictures))
        one.zhanggui("catalog", "export", str(folder / "published.csv"), "--locale", "en", data=one.own)
    with one.step(f"erase {person}"):
        one.zhanggui("customers", "erase", person, "--yes", data=one.own)
        left = [path.name for path in one.own.rglob("*") if path.is_file() and person.encode() in path.read_bytes()]
        if left:
            raise SystemExit(f"{person} is still in {', '.join(left)}")
    with one.step("back up, restore, verify"):
        archive = folder / "backup.tar.gz"
        one.zhanggui("backup", str(archive), data=one.own)
        one.zhanggui("restore", str(archive), data=one.restored)
        for folder_ in (one.own, one.restored):
            one.zhanggui("audit", "verify", data=folder_)
        one.zhanggui("doctor", data=one.restored, fine=(0, 1))
        before, after = (one.zhanggui("catalog", "list", data=data) for data in (one.own, one.restored))
        if before != after:
            raise SystemExit("the restored shop lists other products")


def _hour(one: Newcomer, folder: Path, *, tests: bool) -> None:
    with one.step("clone"):
        one.take_clone()
    with ExitStack() as console:
        with one.step("make demo: set up, a day of a made-up shop, the console"):
            address, login, password = console.enter_context(one.serving("make", "demo"))
        with one.step("the tour, in Chromium"):
            one.drive("tour", address, login, password, str(one.pictures))
    if SHARED.is_dir():
        _own_shop(one, folder)
    else:
        print(f"  no {SHARED.name} beside the clone: the import of a real export is left out")
    if tests:
        with one.step("make test"):
            print(one.run("make", "test")[-400:])


def main() -> None:
    """Parse, go through the hour, tidy up, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave the folder where it is")
    parser.add_argument("--no-tests", action="store_true", help="leave `make test` out")
    parser.add_argument("--pictures", type=Path, default=ROOT / "var" / "newcomer", help="where pictures go")
    chosen = parser.parse_args()
    chosen.pictures.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="newcomer-"))
    one = Newcomer(folder, chosen.pictures.resolve())
    started = time.monotonic()
    try:
        _hour(one, folder, tests=not chosen.no_tests)
    finally:
        for name, seconds in one.times:
            print(f"{seconds:7.0f} s  {name}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{time.monotonic() - started:7.0f} s  in all; the largest process had {peak:,.0f} MiB")
        if chosen.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
