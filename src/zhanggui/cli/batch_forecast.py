"""`batch forecast`: what each series of a sales CSV will sell, with intervals."""

import csv
import math
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import orjson
import typer

from zhanggui.cli.common import err
from zhanggui.cli.lines import Summary
from zhanggui.cli.options import option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.planning import Forecasts, Frequency, ReadSales, build_panel, forecast, read_sales

_SHOWN_PROBLEMS = 20


def forecast_sales(
    sales: Annotated[
        Path, option(help="CSV `series,date,quantity[,in_stock][,covariates...]`; `-` is standard input.")
    ],
    horizon: Annotated[int, option(min=1, max=730, help="How many days or weeks ahead.")],
    freq: Annotated[Frequency, option(help="D for days, W for weeks.")],
    target: Annotated[str, option("--out", help="CSV to write; `-` is standard output.")] = "-",
    levels: Annotated[str, option(help="Widths of the intervals in percent.")] = "80,95",
    summary: Summary = None,
) -> None:
    """Forecast demand: mean, median and intervals for every series and period."""
    started = time.perf_counter()
    widths = _levels(levels)
    read = _read(sales)
    for bad in read.problems[:_SHOWN_PROBLEMS]:
        err.print(f"{sales.name}: {bad.message}", markup=False, highlight=False)
    if len(read.problems) > _SHOWN_PROBLEMS:
        err.print(f"... and {len(read.problems) - _SHOWN_PROBLEMS} more rows", markup=False, highlight=False)
    if read.sales.ignored:
        err.print(f"columns not used: {', '.join(read.sales.ignored)}", markup=False, highlight=False)
    found = forecast(build_panel(read.sales, freq, horizon), horizon)
    with _writing(target) as writer:
        table = csv.writer(writer, lineterminator="\n")
        bounds = [f"{side}{width:g}" for width in widths for side in ("lo", "hi")]
        table.writerow(["series", "date", "mean", "median", *bounds, "model", "status"])
        table.writerows(_rows(found, widths))
    _finish(read, found, summary, time.perf_counter() - started)


def _levels(text: str) -> list[float]:
    try:
        widths = [float(part) for part in text.split(",") if part.strip()]
    except ValueError as broken:
        raise BadInput(field="--levels", expected="numbers such as 80,95", found=text) from broken
    if not widths or not all(0 < width < 100 for width in widths):
        raise BadInput(field="--levels", expected="numbers between 0 and 100", found=text)
    return widths


def _read(sales: Path) -> ReadSales:
    if str(sales) == "-":
        with _spooled() as path, open_text(path) as text:
            return read_sales(text.path)
    if not sales.is_file():
        raise BadInput(field="--sales", expected="a CSV file", found=str(sales))
    with open_text(sales) as text:
        return read_sales(text.path)


@contextmanager
def _spooled() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="zhanggui-sales-") as folder:
        path = Path(folder) / "sales.csv"
        path.write_bytes(sys.stdin.buffer.read())
        yield path


def _rows(found: Forecasts, widths: list[float]) -> Iterator[list[str]]:
    columns = [found.mean(), found.at(0.5)]
    for width in widths:
        columns += [found.at(0.5 - width / 200), found.at(0.5 + width / 200)]
    for i, name in enumerate(found.names):
        for step, day in enumerate(found.dates):
            numbers = [_shown(float(column[i, step])) for column in columns]
            yield [name, day.isoformat(), *numbers, found.model[i], found.status[i]]


def _shown(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}" if value < 1e5 else f"{value:.2f}"


@contextmanager
def _writing(target: str) -> Generator[IO[str]]:
    if target == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(target)
    if not path.parent.is_dir():
        raise BadInput(field="--out", expected="a file in a folder that exists", found=target)
    with path.open("w", encoding="utf-8", newline="") as writer:
        yield writer


def _finish(read: ReadSales, found: Forecasts, summary: Path | None, seconds: float) -> None:
    ok = sum(word == "ok" for word in found.status)
    if summary is not None:
        counts = {
            "series": len(found.names),
            "ok": ok,
            "insufficient_data": len(found.names) - ok,
            "rows_refused": len(read.problems),
            "columns_not_used": list(read.sales.ignored),
            "seconds": round(seconds, 3),
            "cost": {"input_tokens": 0, "output_tokens": 0},
        }
        summary.write_bytes(orjson.dumps(counts, option=orjson.OPT_INDENT_2) + b"\n")
    if read.problems:
        err.print(f"{len(read.problems)} rows could not be read; the others were forecast", markup=False)
        raise typer.Exit(1)
