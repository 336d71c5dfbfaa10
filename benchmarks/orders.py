"""Orders a second from intake to recorded decision, in bulk and one by one: `python -m benchmarks.orders`.

Contenders, each in a process of its own on a fresh SQLite database with the same pragmas:

- `bulk`: `take` in chunks of 500, each chunk one transaction: checks, life through the tables, decision, every row.
- `raw`: the same rows, made beforehand, by bare `executemany` into the same tables: the floor.
- `api`: one order a request over HTTP on loopback (`POST /api/v1/orders`), a transaction each, `--clients` at once.

`flat` compares the cost of an order in the last tenth of `--large` orders with that in the first 10,000.
"""

import argparse
import http.client
import json
import multiprocessing
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from evals.figures import record

SEED = 7
CHUNK = 500
_START = datetime(2025, 1, 1, tzinfo=UTC)


def make_orders(first: int, count: int) -> list[Any]:
    """Made-up orders: one to three lines, most paid, a third sent."""
    from zhanggui.kernel.commerce import Address, Customer, SourceLine, SourceOrder, SourceParcel, SourcePayment
    from zhanggui.kernel.types import Money

    made: list[Any] = []
    for number in range(first, first + count):
        at = _START + timedelta(seconds=number * 17)
        lines = tuple(
            SourceLine(
                f"{number}-{k}",
                f"SKU-{(number * 7 + k) % 5000:05}",
                "Everyday shirt 经典款",
                1 + k,
                Money(1_990 + k, "CNY"),
            )
            for k in range(1 + number % 3)
        )
        total = Money(sum(x.quantity * x.unit_price.minor for x in lines) + 800, "CNY")
        paid = number % 10 != 0
        payment = SourcePayment(
            "p", "alipay", total, total if paid else Money(0, "CNY"), "captured" if paid else "pending", at
        )
        units = {x.id: x.quantity for x in lines}
        parcels = (SourceParcel("f", units, at, "sent", "SF", f"SF{number:09}"),) if paid and number % 3 == 0 else ()
        who = Customer(f"c{number % 20_000}", "王小明", f"c{number % 20_000}@example.com")
        where = Address("CN", "浙江省", "杭州市", "西湖区", "文三路 1 号", "310000", "王小明", "13800000000")
        made.append(
            SourceOrder(
                "bench", f"{number:08}", at, at, lines, Money(800, "CNY"), total, payments=(payment,), parcels=parcels,
                customer=who, shipping_address=where,
            )
        )  # fmt: skip
    return made


def _database(folder: Path) -> Any:
    import zhanggui.orders
    from zhanggui.kernel.storage import Database, MerchantStore, metadata

    assert zhanggui.orders.take
    database = Database(f"sqlite:///{folder / 'orders.db'}")
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Benchmark")
    return database


def bulk(folder: Path, count: int) -> list[tuple[int, float]]:
    """(orders, seconds) of each chunk, commit included."""
    from zhanggui.kernel.storage import Actor
    from zhanggui.orders import Origin, take

    database, spent = _database(folder), []
    for first in range(0, count, CHUNK):
        news = make_orders(first, min(CHUNK, count - first))
        started = time.perf_counter()
        with database.begin("m1", Actor("system", "bench")) as uow:
            taken = take(uow, news, Origin("s1", "bench"))
        spent.append((len(news), time.perf_counter() - started))
        assert all(one.outcome == "created" for one in taken)
    return spent


def raw(folder: Path, count: int) -> list[tuple[int, float]]:
    """The rows that `bulk` wrote, read back and inserted bare into an empty copy of the tables."""
    bulk(folder, count)
    source = sqlite3.connect(folder / "orders.db")
    target = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
        target.execute(f"PRAGMA {pragma}")
    names = ("orders", "order_sources", "order_lines", "payments", "fulfilments", "shipments", "order_events")
    held: dict[str, list[Any]] = {}
    for name in names:
        for (statement,) in source.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql NOT NULL", (name,)
        ):
            target.execute(statement)
        held[name] = source.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
    spent = 0.0
    chunks = -(-count // CHUNK)
    for chunk in range(chunks):
        started = time.perf_counter()
        target.execute("BEGIN IMMEDIATE")
        for rows in held.items():
            some = rows[1][chunk * len(rows[1]) // chunks : (chunk + 1) * len(rows[1]) // chunks]
            if some:
                marks = ", ".join("?" * len(some[0]))
                target.executemany(f"INSERT INTO {rows[0]} VALUES ({marks})", some)
        target.execute("COMMIT")
        spent += time.perf_counter() - started
    return [(count, spent)]


def _serve(folder: str, port: int, ready: Any) -> None:
    import uvicorn

    from zhanggui.app import build
    from zhanggui.kernel.storage import Actor, metadata
    from zhanggui.server import make_server
    from zhanggui.settings import Settings

    app = build(Settings(data_dir=Path(folder), model="none"))
    metadata.create_all(app.database.engine)
    with app.database.begin("main", Actor("system", "bench")) as uow:
        _, secret = app.access.issue_token(uow, "bench", scopes=("propose",))
    ready.put(secret)
    uvicorn.run(make_server(app, console=False), host="127.0.0.1", port=port, log_level="error")


def api(folder: Path, count: int, clients: int) -> list[tuple[int, float]]:
    """One order a request, from `clients` at once."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = int(held.getsockname()[1])
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    server = context.Process(target=_serve, args=(str(folder), port, ready), daemon=True)
    server.start()
    token = ready.get(timeout=120)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    bodies = [orjson.dumps(order) for order in make_orders(0, count)]
    local = threading.local()

    def send(body: bytes) -> None:
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", port)
        local.connection.request("POST", "/api/v1/orders?shop=s1", body, headers)
        answer = local.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content

    _await(port)
    try:
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(send, bodies[:50]))
            started = time.perf_counter()
            list(pool.map(send, bodies[50:]))
            return [(count - 50, time.perf_counter() - started)]
    finally:
        server.terminate()
        server.join(20)


def _await(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


def measure(contender: str, count: int, clients: int = 4) -> list[tuple[int, float]]:
    """One contender in a fresh process."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.orders",
        "--child",
        contender,
        "--orders",
        str(count),
        "--clients",
        str(clients),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [(orders, seconds) for orders, seconds in json.loads(done.stdout.splitlines()[-1])]


def _child(contender: str, count: int, clients: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if contender == "api":
            print(json.dumps(api(folder, count, clients)))
        else:
            print(json.dumps({"bulk": bulk, "raw": raw}[contender](folder, count)))


def _rate(spent: list[tuple[int, float]]) -> float:
    return sum(orders for orders, _seconds in spent) / sum(seconds for _orders, seconds in spent)


def main() -> None:
    """Measure in turns, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--one-by-one", type=int, default=5_000)
    parser.add_argument(
        "--large", type=int, default=100_000, help="orders for the flatness (1_000_000 takes minutes); 0 leaves it out"
    )
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-record", action="store_true", help="only print")
    parser.add_argument("--child", choices=("bulk", "raw", "api"))
    chosen = parser.parse_args()
    if chosen.child:
        _child(chosen.child, chosen.orders, chosen.clients)
        return
    rates: dict[str, list[float]] = {"bulk": [], "raw": [], "api": []}
    for _ in range(chosen.rounds):
        for name in rates:
            count = chosen.one_by_one if name == "api" else chosen.orders
            rates[name].append(_rate(measure(name, count, chosen.clients)))
            print(f"{name}: {rates[name][-1]:,.0f} orders/s", flush=True)
    ratios = [ours / floor for ours, floor in zip(rates["bulk"], rates["raw"], strict=True)]
    figures = [
        ("orders-bulk-per-second", median(rates["bulk"]), "orders/s", f"{chosen.orders} orders, chunks of {CHUNK}"),
        (
            "orders-one-by-one-per-second",
            median(rates["api"]),
            "orders/s",
            f"HTTP on loopback, {chosen.clients} clients",
        ),
        ("orders-ratio-to-raw", median(ratios), "x", "bulk over the same rows by bare executemany"),
    ]
    if chosen.large:
        spent = measure("bulk", chosen.large)
        first, last = spent[: 10_000 // CHUNK], spent[-max(1, len(spent) // 10) :]
        note = f"cost of an order in the last tenth of {chosen.large:,} over that in the first 10,000"
        figures.append(("orders-cost-growth", _rate(first) / _rate(last), "x", note))
    for name, value, unit, note in figures:
        print(f"{name}: {value:,.2f} {unit}  ({note})")
        if not chosen.no_record:
            shared = {"command": "python -m benchmarks.orders", "dataset": "synthetic orders", "seed": SEED}
            record(name, value, unit=unit, note=f"SQLite, {chosen.rounds} interleaved rounds, median; {note}", **shared)


if __name__ == "__main__":
    main()
