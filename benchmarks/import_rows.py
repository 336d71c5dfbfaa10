"""Product rows imported a second, and how that compares with a bare loop: `python -m benchmarks.import_rows`.

Contenders take turns on the same made-up CSV, each in a process of its own on a fresh SQLite database with the same
pragmas: `ours` is the whole import (checks, mapping, JSON, duplicates, batch record); `raw` parses the file with Polars
and hands every cell as it is to `executemany`, into a table with the file's own columns and a primary key.
"""

import argparse
import csv
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import polars as pl
from evals.figures import record

CONTENDERS = ("ours", "raw")
COLUMNS = ["sku", "title", "description", "category", "brand", "price", "currency", "stock", "material", "colour"]
COLUMNS += ["image", "tags"]
SEED = 7


def write_csv(path: Path, rows: int) -> None:
    """A synthetic product table: SKUs in no order, Chinese and English, quoted cells, 230 bytes a row."""
    draw = random.Random(SEED)
    numbers = list(range(rows))
    draw.shuffle(numbers)
    brands, stuffs, colours = ["Nordlys", "华岭", "Hus", "青禾", "Zenit"], ["cotton", "wool", "牛仔布"], ["red", "黑色"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in numbers:
            stuff, brand, cents = draw.choice(stuffs), draw.choice(brands), draw.randrange(100, 99_999)
            text = f"Everyday shirt number {number}, machine washable, true to size."
            image = f"https://img.example/{number}.jpg"
            title = f"{brand} {stuff} shirt model {number} 经典款"
            price, stock = f"{cents / 100:.2f}", draw.randrange(500)
            row = [f"SKU-{number:08d}", title, text, "Clothing > Shirts", brand, price, "CNY", stock, stuff]
            writer.writerow([*row, draw.choice(colours), image, "summer, cotton"])


def ours(source: Path, folder: Path) -> float:
    """Seconds for the whole import, commit included."""
    from zhanggui.catalog.service.importing import import_products
    from zhanggui.connectors.product_files import open_products
    from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata

    database = Database(f"sqlite:///{folder / 'ours.db'}")
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Benchmark")
    started = time.perf_counter()
    with open_products(source, "CNY") as file, database.begin("m1", Actor("system", "benchmark")) as uow:
        outcome = import_products(uow, file)
    seconds = time.perf_counter() - started
    assert not outcome.rejected
    return seconds


def raw(source: Path, folder: Path) -> float:
    """Seconds for a bare parse and `executemany`, commit included."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"CREATE TABLE products ({', '.join(COLUMNS)}, PRIMARY KEY (sku))")
    started = time.perf_counter()
    frame = pl.read_csv(source, infer_schema=False)
    connection.execute("BEGIN IMMEDIATE")
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO products VALUES ({marks})", frame.iter_rows())
    connection.execute("COMMIT")
    return time.perf_counter() - started


def measure(contender: str, source: Path) -> tuple[float, float]:
    """(seconds, peak MiB) of one contender in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.import_rows", "--child", contender, "--source", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-record", action="store_true", help="only print")
    parser.add_argument("--child", choices=CONTENDERS)
    parser.add_argument("--source", type=Path)
    chosen = parser.parse_args()
    if chosen.child:
        with tempfile.TemporaryDirectory() as folder:
            seconds = {"ours": ours, "raw": raw}[chosen.child](chosen.source, Path(folder))
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "products.csv"
        write_csv(source, chosen.rows)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
        for _ in range(chosen.rounds):
            for name in CONTENDERS:
                found[name].append(measure(name, source))
                print(
                    f"{name}: {chosen.rows / found[name][-1][0]:,.0f} rows/s, peak {found[name][-1][1]:,.0f} MiB",
                    flush=True,
                )
    ratios = [bare[0] / full[0] for full, bare in zip(found["ours"], found["raw"], strict=True)]
    speed = median(chosen.rows / seconds for seconds, _peak in found["ours"])
    peak = max(peak for _seconds, peak in found["ours"])
    print(f"ours {speed:,.0f} rows/s, {median(ratios):.2f} x raw executemany, peak {peak:,.0f} MiB")
    if not chosen.no_record:
        note = f"{chosen.rows} synthetic rows of 12 columns, {chosen.rounds} interleaved rounds, median"
        shared = {"command": "python -m benchmarks.import_rows", "dataset": "synthetic product CSV", "seed": SEED}
        record("import-rows-per-second", speed, unit="rows/s", note=note, **shared)
        record(
            "import-ratio-to-raw", median(ratios), interval=(min(ratios), max(ratios)), unit="x", note=note, **shared
        )
        record("import-peak-memory", peak, unit="MiB", note=note, **shared)


if __name__ == "__main__":
    main()
