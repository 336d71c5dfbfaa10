"""A sales CSV in, forecasts out: every kind of bad input in process, and the command itself as a script runs it."""

import csv
import io
import math
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.planning import Frequency, build_panel, forecast, read_sales

HEADER = "series,date,mean,median,lo80,hi80,lo95,hi95,model,status"
LEVELS = {"median": 0.5, "lo80": 0.1, "hi80": 0.9, "lo95": 0.025, "hi95": 0.975}
Row = dict[str, str]


def run(path: Path, horizon: int, frequency: Frequency, *, refused: int = 0) -> list[Row]:
    """The rows that the command writes, without starting it."""
    with open_text(path) as text:
        read = read_sales(text.path)
    assert len(read.problems) == refused
    found = forecast(build_panel(read.sales, frequency, horizon), horizon)
    numbers = {"mean": found.mean()} | {name: found.at(level) for name, level in LEVELS.items()}
    return [
        {"series": name, "date": day.isoformat(), "model": found.model[i], "status": found.status[i]}
        | {column: "" if math.isnan(values[i, t]) else str(values[i, t]) for column, values in numbers.items()}
        for i, name in enumerate(found.names)
        for t, day in enumerate(found.dates)
    ]


def write(path: Path, rows: Iterable[object], header: str = "series,date,quantity", encoding: str = "utf-8") -> Path:
    """A CSV of rows that are already text."""
    path.write_bytes("\n".join([header, *(str(row) for row in rows), ""]).encode(encoding))
    return path


def days(count: int, start: date = date(2026, 1, 1), step: int = 1) -> list[date]:
    """Dates in a row."""
    return [start + timedelta(days=step * i) for i in range(count)]


def sane(rows: list[Row], ceiling: float) -> None:
    """Numbers rise from lo95 to hi95, none is negative or absurd."""
    assert any(row["status"] == "ok" for row in rows)
    for row in rows:
        if row["status"] != "ok":
            assert row["status"].startswith("insufficient-data: ")
            continue
        bounds = [float(row[name]) for name in ("lo95", "lo80", "median", "hi80", "hi95")]
        assert bounds == sorted(bounds)
        assert bounds[0] >= 0
        assert bounds[-1] <= ceiling
        assert 0 <= float(row["mean"]) <= ceiling


def test_weekday_pattern_is_carried_forward(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    rows = [f"a,{day},{chance.poisson(80 if day.weekday() >= 5 else 20)}" for day in days(120)]
    found = run(write(tmp_path / "s.csv", rows), 14, "D")
    assert [row["date"] for row in found] == [str(day) for day in days(14, date(2026, 5, 1))]
    for row in found:
        weekend = date.fromisoformat(row["date"]).weekday() >= 5
        assert abs(float(row["median"]) - (80 if weekend else 20)) < (16 if weekend else 6)
    sane(found, 200)


def test_last_year_is_seen_in_weekly_series(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    rows = [
        f"s{s},{day},{(1000 + 100 * s) * (3 if day.month == 12 else 1) * chance.lognormal(0, 0.05):.2f}"
        for s in range(6)
        for day in days(150, date(2023, 1, 6), 7)
    ]
    found = run(write(tmp_path / "s.csv", rows), 12, "W")
    assert {date.fromisoformat(row["date"]).weekday() for row in found} == {4}
    december = [float(row["median"]) for row in found if row["date"][5:7] == "12" and row["series"] == "s0"]
    assert not december or min(december) > 1500
    assert all("year-ago" in row["model"] for row in found)
    sane(found, 20_000)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_and_chinese_names(tmp_path: Path, encoding: str) -> None:
    rows = [f"红色连衣裙，{'大号' * 3},{day},{5 + i % 3}" for i, day in enumerate(days(60))]
    found = run(
        write(tmp_path / "s.csv", rows, "商品,日期,数量", encoding) if encoding != "gb18030" else _gbk(tmp_path, rows),
        3,
        "D",
    )
    assert {row["series"] for row in found} == {"红色连衣裙，大号大号大号"}
    sane(found, 30)


def _gbk(folder: Path, rows: list[str]) -> Path:
    return write(folder / "s.csv", rows, "商品,日期,销量", "gb18030")


def test_one_row_of_127_million_does_not_rule_the_forecast(tmp_path: Path) -> None:
    rows = [f"a,{day},{10 + i % 4}" for i, day in enumerate(days(90))]
    rows[40] = f"a,{days(90)[40]},127000000"
    sane(run(write(tmp_path / "s.csv", rows), 7, "D"), 100)


def test_a_single_sale_of_127_million_is_held_to_what_others_sell(tmp_path: Path) -> None:
    rows = [f"a,{days(1)[0]},127000000"] + [f"b,{day},2" for day in days(60)]
    sane(run(write(tmp_path / "s.csv", rows), 5, "D"), 100)


def test_weekdays_without_a_sale_and_a_horizon_beyond_the_history(tmp_path: Path) -> None:
    rows = [f"a,{day},{0 if day.weekday() == 6 else 9}" for day in days(40)]
    found = run(write(tmp_path / "s.csv", rows), 365, "D")
    assert len(found) == 365
    sane(found, 30)
    assert all(float(row["median"]) < 1 for row in found if date.fromisoformat(row["date"]).weekday() == 6)


def test_a_shop_closed_for_a_year(tmp_path: Path) -> None:
    rows = [f"a,{day},5" for day in [*days(100), *days(100, date(2027, 9, 1))]]
    sane(run(write(tmp_path / "s.csv", rows), 5, "D"), 20)


def test_too_little_history_says_so(tmp_path: Path) -> None:
    rows = [f"good,{day},4" for day in days(40)] + [f"once,{days(40)[-1]},9", f"zeros,{days(40)[0]},0"]
    found = run(write(tmp_path / "s.csv", rows), 2, "D")
    status = {row["series"]: row["status"] for row in found}
    assert status["good"] == "ok"
    assert status["once"] == "insufficient-data: 1 of at least 3 days since the first sale"
    assert status["zeros"] == "insufficient-data: no sales in 40 days"
    assert [row["median"] for row in found if row["series"] == "once"] == ["", ""]
    assert [row["median"] for row in found if row["series"] == "zeros"] == ["0.0", "0.0"]


def test_bad_rows_are_named_and_the_others_run(tmp_path: Path) -> None:
    rows = [f"a,{day},{3 + i % 2}" for i, day in enumerate(days(30))]
    rows += [
        "a,yesterday,4",
        "a,2026-01-02,many",
        "a,2026-01-02,inf",
        ",2026-01-02,1",
        "a,0026-01-01,2",
        "a,2026-01-05,",
    ]
    path = write(tmp_path / "s.csv", rows)
    command = [
        sys.executable,
        "-m",
        "zhanggui",
        "batch",
        "forecast",
        "--sales",
        str(path),
        "--horizon",
        "2",
        "--freq",
        "D",
    ]
    done = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    output = done.stdout.decode().splitlines()
    assert output[0] == HEADER
    shown = list(csv.DictReader(io.StringIO("\n".join(output))))
    assert [row["date"] for row in shown] == ["2026-01-31", "2026-02-01"]
    said = done.stderr.decode().replace("\n", " ")
    for row, field in ((32, "date"), (33, "quantity"), (34, "quantity"), (35, "series"), (36, "date")):
        assert f"row {row}, {field}" in said
    sane(run(path, 2, "D", refused=5), 20)


def test_dates_with_the_day_first(tmp_path: Path) -> None:
    rows = [f"a,{day:%d/%m/%y},{day.day % 3 + 5}" for day in days(30, date(2012, 1, 6), 7)]
    found = run(write(tmp_path / "s.csv", rows), 2, "W")
    assert [row["date"] for row in found] == ["2012-08-03", "2012-08-10"]


def test_covariates_and_days_sold_out_are_read(tmp_path: Path) -> None:
    rows = [
        f"a,{day},{0 if 40 <= i < 60 else 9},{int(not 40 <= i < 60)},{int(i % 30 == 0)},{i * 0.1:.1f}"
        for i, day in enumerate(days(60))
    ]
    rows += [f"a,{day},,,0,1.5" for day in days(5, days(61)[-1])]
    found = run(
        write(tmp_path / "s.csv", rows, "series,date,quantity,in_stock,Holiday,Price"),
        5,
        "D",
    )
    assert [row["date"] for row in found] == [str(day) for day in days(5, days(61)[-1])]
    assert all(float(row["median"]) > 5 for row in found)


@pytest.mark.parametrize(
    "content", [b"", b"series,date,quantity\n", b"date,quantity\n2026-01-01,2\n", b"\x00\x01\x02\xff" * 50]
)
def test_files_without_sales_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        run(path, 2, "D")


def test_the_same_input_gives_the_same_output(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    rows = [f"s{s},{day},{chance.poisson(s % 5)}" for s in range(60) for day in days(30, step=7)]
    path = write(tmp_path / "s.csv", rows)
    first = run(path, 4, "W")
    assert first == run(path, 4, "W")
    assert any("forest" in row["model"] for row in first)
    sane(first, 100)
