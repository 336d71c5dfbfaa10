"""Columns of text cells to columns of JSON text, without a Python object per row where cells are plain."""

from collections.abc import Callable, Mapping

import orjson
import polars as pl

_ESCAPED = r'["\\\x00-\x1f\x7f]'


def each(cells: pl.Series, convert: Callable[[str], str]) -> pl.Series:
    """Every cell converted, once for each distinct one."""
    distinct = cells.unique()
    converted = pl.Series([convert(text) for text in distinct], dtype=pl.String)
    return cells.replace_strict(distinct, converted, return_dtype=pl.String)


def strings(cells: pl.Series) -> pl.Series:
    """Each cell as a JSON string."""
    if cells.str.contains(_ESCAPED).any():
        return each(cells, lambda text: orjson.dumps(text).decode())
    return pl.select(pl.concat_str(pl.lit('"'), cells, pl.lit('"'))).to_series()


def lists(cells: pl.Series, separators: str, split: Callable[[str], tuple[str, ...]]) -> pl.Series:
    """Each cell as a JSON array of what `split` finds in it; `separators` are the characters that may divide a cell."""
    plain = cells.str.strip_chars()
    marks = "".join(rf"\u{{{ord(mark):x}}}" for mark in separators)
    if cells.str.contains(rf"^\[|[{marks}]|{_ESCAPED}").any():
        return each(cells, lambda text: orjson.dumps(split(text)).decode())
    filled = pl.concat_str(pl.lit('["'), plain, pl.lit('"]'))
    return pl.select(pl.when(plain == "").then(pl.lit("[]")).otherwise(filled)).to_series()


def members(columns: Mapping[str, pl.Series], blank: str, height: int) -> pl.Series:
    """The inside of a JSON object (without braces): the names whose value is not `blank`, in order."""
    if not columns:
        return pl.repeat("", height, dtype=pl.String, eager=True)
    parts = [
        pl.when(values != blank).then(pl.concat_str(pl.lit(orjson.dumps(name).decode() + ":"), values))
        for name, values in columns.items()
    ]
    return pl.select(pl.concat_str(parts, separator=",", ignore_nulls=True)).to_series()
