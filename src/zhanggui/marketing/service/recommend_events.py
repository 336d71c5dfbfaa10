"""Purchases from a CSV or from tuples, cleaned: bad rows named, doubles merged, what came back taken out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing.models.recommendation import EventLog

_COLUMNS = ("user", "item", "timestamp")
_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y%m%d%H%M%S", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%m/%d/%y %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y",
)  # fmt: skip
_MILLISECONDS = 1e11
_MOST = 1e9


def read_events(file: Path) -> tuple[EventLog, tuple[BadInput, ...]]:
    """The log of a CSV `user,item,timestamp[,quantity][,basket]` in UTF-8, and the rows that say nothing usable.

    A timestamp is a date in a usual form (with an offset or `Z`; else UTC), seconds or milliseconds since 1970, or a
    mere position. Without `basket`, a basket is one user at one timestamp. A quantity below zero came back: where as
    much came back as was bought, the purchase does not count. Rows in any order.

    Raises:
        BadInput: the file is no such CSV.
    """
    try:
        table = pl.read_csv(file, infer_schema=False, encoding="utf8", truncate_ragged_lines=True)
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise BadInput(field="events", expected="a CSV in UTF-8", found=str(broken)) from broken
    names = [name.strip().lower().lstrip("\ufeff") for name in table.columns]
    if missing := [name for name in _COLUMNS if name not in names]:
        raise BadInput(field="events", expected=f"columns {', '.join(missing)}", found=", ".join(names))
    table = table.select(
        pl.col(table.columns[names.index(name)]).str.strip_chars().alias(name)
        for name in (*_COLUMNS, "quantity", "basket")
        if name in names
    )
    table = table.with_row_index("row", offset=2).with_columns(_seconds(), _quantity(table.columns))
    bad = table.filter(_unusable())
    good = table.filter(~_unusable())
    return log_of(good), tuple(_problem(row) for row in bad.iter_rows(named=True))


def read_users(file: Path) -> list[str]:
    """The shoppers asked about: one name a line, or a CSV with a column `user`.

    Raises:
        BadInput: the file is no text in UTF-8.
    """
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as broken:
        raise BadInput(field="users", expected="a file of user names in UTF-8", found=str(broken)) from broken
    lines = [line for line in lines if line]
    if lines and "user" in [cell.strip().lower() for cell in lines[0].split(",")]:
        at = [cell.strip().lower() for cell in lines[0].split(",")].index("user")
        table = pl.read_csv(file, infer_schema=False, encoding="utf8", truncate_ragged_lines=True)
        return [str(name or "").strip() for name in table[table.columns[at]].to_list()]
    return lines


def events_of(rows: Iterable[tuple[str, str, float]]) -> EventLog:
    """The log of (user, item, seconds)."""
    users, items, at = [list(column) for column in zip(*rows, strict=True)] or ([], [], [])
    table = pl.DataFrame({"user": users, "item": items, "at": at}, {"user": pl.Utf8, "item": pl.Utf8, "at": pl.Float64})
    return log_of(table.with_columns(pl.lit(1.0).alias("count")))


def log_of(table: pl.DataFrame) -> EventLog:
    """The log of a table with `user`, `item`, `at`, `count` and perhaps `basket`; returns taken out, doubles merged.

    Raises:
        BadInput: nothing is left.
    """
    sold = table.filter(pl.col("count") > 0)
    back = table.filter(pl.col("count") < 0)
    if back.height:
        net = table.group_by("user", "item").agg(pl.col("count").sum().alias("net")).filter(pl.col("net") > 0)
        sold = sold.join(net.select("user", "item"), on=["user", "item"], how="semi")
    if not sold.height:
        raise BadInput(field="events", expected="at least one purchase", found="none")
    key = "basket" if "basket" in sold.columns else "at"
    # A basket's rows stand together at the time of its first.
    merged = (
        sold.with_row_index("order")
        .with_columns(pl.col("at").min().over("user", key).alias("at") if key == "basket" else pl.col("at"))
        .group_by("user", "item", key, *(["at"] if key == "basket" else []))
        .agg(pl.col("count").sum(), pl.col("order").min())
        .sort("user", "at", *(["basket"] if key == "basket" else []), "order")
    )
    users = merged["user"].unique().sort()
    items = merged["item"].unique().sort()
    user = _places(merged["user"], users)
    step = merged.select(
        (pl.col(key) != pl.col(key).shift(1).over("user")).fill_null(False).cast(pl.Int64).alias("new")
    )
    number = step["new"].to_numpy().cumsum()
    first = np.searchsorted(user, np.arange(len(users)))
    return EventLog(
        tuple(users.to_list()), tuple(items.to_list()), user, _places(merged["item"], items),
        merged["at"].to_numpy().astype(np.float64), number - number[first][user],
        np.minimum(merged["count"].to_numpy(), _MOST),
    )  # fmt: skip


def in_places_of(log: EventLog, items: Sequence[str], places: Mapping[str, int] | None = None) -> EventLog:
    """The same log with the item places of another; rows of items that the other does not know are left out.

    `places` of `items` spares finding them anew.
    """
    place = {item: at for at, item in enumerate(items)} if places is None else places
    told = np.array([place.get(item, -1) for item in log.items], np.int64)[log.item]
    known = log.rows(told >= 0)
    return replace(known, items=tuple(items), item=told[told >= 0])


def _places(column: pl.Series, names: pl.Series) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return names.search_sorted(column).to_numpy().astype(np.int64)


def _seconds() -> pl.Expr:
    """Seconds since 1970 in UTC."""
    text = pl.col("timestamp")
    offset = text.str.extract_groups(r":\d{2}(?:\.\d+)?\s*(?<sign>[+-])(?<hours>\d{2}):?(?<minutes>\d{2})$")
    shift = (
        (offset.struct.field("hours").cast(pl.Int64) * 3600 + offset.struct.field("minutes").cast(pl.Int64) * 60)
        * pl.when(offset.struct.field("sign") == "-").then(-1).otherwise(1)
    ).fill_null(0)
    plain = text.str.replace("T", " ").str.replace(r"(:\d{2}(?:\.\d+)?)\s*(?:Z|[+-]\d{2}:?\d{2})$", "${1}")
    dates = [plain.str.to_datetime(form, strict=False, time_unit="us") for form in _FORMATS]
    dated = pl.coalesce(*dates).dt.epoch("us") / 1e6 - shift
    number = text.cast(pl.Float64, strict=False)
    number = pl.when(number.is_finite()).then(number)
    number = pl.when((number.abs() >= _MILLISECONDS) & (number.abs() < 1e13)).then(number / 1000).otherwise(number)
    return pl.when(text.str.len_chars() == 14).then(pl.coalesce(dated, number)).otherwise(
        pl.coalesce(number, dated)
    ).alias("at")  # fmt: skip


def _quantity(columns: Sequence[str]) -> pl.Expr:
    if "quantity" not in columns:
        return pl.lit(1.0).alias("count")
    told = pl.col("quantity").cast(pl.Float64, strict=False)
    empty = pl.col("quantity").fill_null("") == ""
    return pl.when(empty).then(1.0).when(told.is_finite()).then(told).alias("count")


def _unusable() -> pl.Expr:
    empty = pl.col("user").fill_null("").eq("") | pl.col("item").fill_null("").eq("")
    return empty | pl.col("at").is_null() | pl.col("count").is_null()


def _problem(row: dict[str, object]) -> BadInput:
    place = row["row"] if isinstance(row["row"], int) else None
    for field in ("user", "item"):
        if not row[field]:
            return BadInput(row=place, field=field, expected="a name", found="nothing")
    if row["at"] is None:
        return BadInput(row=place, field="timestamp", expected="a date or a time", found=str(row["timestamp"]))
    return BadInput(row=place, field="quantity", expected="a number", found=str(row["quantity"]))
