"""Read a CSV of sales: `series,date,quantity[,in_stock][,covariates...]`, any usual names, dates and number signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from zhanggui.kernel.errors import BadInput
from zhanggui.planning.models import Counts, Sales, Vector
from zhanggui.planning.rules.panel import stray

_NAMES = {
    "series": ("series", "sku", "unique_id", "item", "item_id", "product", "id", "商品", "商品编号"),
    "date": ("date", "ds", "day", "week", "timestamp", "日期"),
    "quantity": ("quantity", "y", "qty", "sales", "units", "demand", "数量", "销量"),
    "in_stock": ("in_stock", "available", "有货"),
}
_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y")
_SHORT = ("%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%b %d, %Y")
_YES = {"1", "1.0", "true", "yes", "y", "t", "是", "有"}
_NO = {"0", "0.0", "false", "no", "n", "f", "否", "无"}
_EMPTY = {"", "nan", "na", "n/a", "null", "none", "-"}
_YEARS = (1990, 2100)
# More than anybody sells of one thing in a row of a file: a slip, named and left out.
_MOST = 1e12
_MOST_FLAGS = 40


@dataclass(frozen=True, slots=True)
class ReadSales:
    """Sales as read, and the rows that could not be (row 1 is the header)."""

    sales: Sales
    problems: tuple[BadInput, ...]


def read_sales(path: Path) -> ReadSales:
    """Read a UTF-8 CSV.

    Raises:
        BadInput: the file is empty, or a column of `series`, `date`, `quantity` is missing.
    """
    frame = _table(path)
    names = _columns(frame.columns)
    frame = frame.with_row_index("row", offset=2).with_columns(
        pl.col(names["series"]).fill_null("").str.strip_chars().alias("series!"),
        pl.col(names["date"]).fill_null("").str.strip_chars().alias("date!"),
        pl.col(names["quantity"]).fill_null("").str.strip_chars().alias("quantity!"),
    )
    frame = frame.with_columns(_dates(frame["date!"]).alias("date?"), _numbers("quantity!").alias("quantity?"))
    problems: list[BadInput] = []
    said = ~pl.col("quantity!").str.to_lowercase().is_in(sorted(_EMPTY))
    for bad, field, expected in (
        (pl.col("series!") == "", "series", "a name"),
        (pl.col("date?").is_null(), "date", "a date such as 2026-11-23"),
        (said & ~pl.col("quantity?").is_finite().fill_null(False), "quantity", "a number"),
        (said & (pl.col("quantity?").abs() > _MOST).fill_null(False), "quantity", "a number of units that can be"),
    ):
        frame = _without(frame, bad, field, expected, problems)
    odd = pl.lit(pl.Series(stray(_ordinals(frame))))
    frame = _without(frame, odd, "date", "a date within a year of the others", problems)
    return ReadSales(_sales(frame, names), tuple(sorted(problems, key=lambda bad: bad.row or 0)))


def _table(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    except (pl.exceptions.NoDataError, pl.exceptions.ComputeError) as broken:
        found = "an empty file" if isinstance(broken, pl.exceptions.NoDataError) else str(broken)[:120]
        raise BadInput(field="sales", expected="a CSV with a header line", found=found) from broken
    return frame.rename({name: name.strip().lstrip("\ufeff") for name in frame.columns})


def _columns(found: Sequence[str]) -> dict[str, str]:
    lower = {name.lower(): name for name in reversed(found)}
    names: dict[str, str] = {}
    for column, spellings in _NAMES.items():
        match = next((lower[word] for word in spellings if word in lower), None)
        if match is not None and match not in names.values():
            names[column] = match
        elif column != "in_stock":
            raise BadInput(field=column, expected=f"a column named {column}", found=", ".join(found)[:120])
    return names


def _dates(texts: pl.Series) -> pl.Series:
    """Days; one format for all, the one that reads most. A time of day behind the date is left off."""
    day = texts.str.replace(r"[T ]+\d{1,2}:\d{2}.*$", "")
    best: pl.Series | None = None
    for pattern in (*_FORMATS, *_SHORT):
        read = day.str.to_date(pattern, strict=False)
        read = read.set(~read.dt.year().is_between(*_YEARS).fill_null(False), None)
        if best is None or _better(read, best):
            best = read
        if best.null_count() == 0 and pattern in _FORMATS[:5]:
            break
    return best if best is not None else day.str.to_date("%Y-%m-%d", strict=False)


def _better(one: pl.Series, other: pl.Series) -> bool:
    """More dates are read; where as many are, they lie closer together (day and month not swapped)."""
    if one.null_count() != other.null_count():
        return one.null_count() < other.null_count()
    return _rhythm(one) < _rhythm(other)


def _rhythm(days: pl.Series) -> tuple[int, int]:
    """(weekdays that occur where dates are few, days from first to last): less is more like a calendar of sales."""
    known = days.drop_nulls().unique()
    if known.is_empty():
        return (9, 0)
    ordinals = known.dt.epoch("d").to_numpy()
    gaps = np.diff(np.sort(ordinals))
    return len(np.unique(gaps)), int(ordinals.max() - ordinals.min())


def _numbers(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(r"[,，_\s]", "").cast(pl.Float64, strict=False)


def _without(frame: pl.DataFrame, bad: pl.Expr, field: str, expected: str, problems: list[BadInput]) -> pl.DataFrame:
    marked = frame.with_columns(bad.alias("bad?"))
    for row, found in marked.filter("bad?").select("row", f"{field}!").iter_rows():
        problems.append(BadInput(row=int(row), field=field, expected=expected, found=str(found)))
    return marked.filter(~pl.col("bad?")).drop("bad?")


def _ordinals(frame: pl.DataFrame) -> Counts:
    # 1970-01-01 is day 719,163 of the proleptic Gregorian calendar.
    return frame["date?"].dt.epoch("d").to_numpy().astype(np.int64) + 719_163


def _sales(frame: pl.DataFrame, names: dict[str, str]) -> Sales:
    keys = frame["series!"].unique(maintain_order=True)
    index = pl.DataFrame({"series!": keys, "at": np.arange(len(keys), dtype=np.int64)})
    series = frame.select("series!").join(index, on="series!", how="left", maintain_order="left")["at"].to_numpy()
    stock = _yes_no(frame[names["in_stock"]]) if "in_stock" in names else None
    flags: dict[str, Vector] = {}
    ignored: list[str] = []
    for column in frame.columns:
        if column in names.values() or column[-1:] in ("!", "?") or column == "row":
            continue
        marks = _yes_no(frame[column])
        if marks is not None and np.isfinite(marks).any() and len(flags) < _MOST_FLAGS:
            flags[column] = marks
        else:
            ignored.append(column)
    return Sales(
        names=tuple(keys.to_list()),
        series=series.astype(np.int64),
        days=_ordinals(frame),
        quantity=frame["quantity?"].fill_null(float("nan")).to_numpy().astype(np.float64),
        in_stock=stock if stock is not None else np.full(len(frame), np.nan),
        flags=flags,
        ignored=tuple(ignored),
    )


def _yes_no(texts: pl.Series) -> Vector | None:
    """1 and 0 with NaN for empty; None where another value occurs."""
    low = texts.fill_null("").str.strip_chars().str.to_lowercase()
    yes, no, empty = (low.is_in(sorted(words)).to_numpy() for words in (_YES, _NO, _EMPTY))
    if not (yes | no | empty).all():
        return None
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))
