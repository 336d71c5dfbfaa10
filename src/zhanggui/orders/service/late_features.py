"""Order or shipment rows of any columns to numbers: what a late-delivery model can learn from, named for people."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput

Row = Mapping[str, str]
Matrix = NDArray[np.float64]
_MISSING = {"", "nan", "null", "none", "na", "n/a"}
_TIME = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]+(\d{1,2}:\d{2}.*))?$")
_SMOOTHING = 20.0  # how many rows' worth of the overall share a category starts with
_FEW = 200  # a category with at most so many values is a group to compare with
_CODE = re.compile(r"zip|post.?code|postal|\bcep\b|邮编|邮政编码", re.IGNORECASE)
_WEEK, _MONTH = 7.0, 28.0
_EPOCH = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are numbers, times and categories; a column that names rows one by one is none of them."""

    numbers: tuple[str, ...]
    times: tuple[str, ...]
    categories: tuple[str, ...]
    groups: tuple[str, ...]


def with_zones(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows with the region of each postal code (its first two characters) as a column of its own.

    Codes that lost their leading zeros to a spreadsheet get them back, up to the longest code of the file.
    """
    codes = [name for name in rows[0] if _CODE.search(name)] if rows else []
    if not codes:
        return rows
    width = {name: max(len(row.get(name, "").strip()) for row in rows) for name in codes}
    return [
        {**row, **{f"zone of {name}": _zone(row.get(name, "").strip(), width[name]) for name in codes}} for row in rows
    ]


def _zone(code: str, width: int) -> str:
    return f"{code.zfill(min(width, 10))[:2]}x" if code else ""


def find_columns(train: Sequence[Row], predict: Sequence[Row], *, ignore: Sequence[str]) -> Columns:
    """Sort out the columns that both tables fill. What is unknown at prediction cannot leak into the model.

    Raises:
        BadInput: no column is usable.
    """
    numbers: list[str] = []
    times: list[str] = []
    categories: list[str] = []
    for name in train[0]:
        if name in ignore or _filled(predict, name) < 0.2:
            continue
        values = [row.get(name, "").strip() for row in train]
        known = [value for value in values if value.lower() not in _MISSING]
        if len(known) < 0.2 * len(values) or len(set(known)) < 2:
            continue
        if _share(known, _TIME.match) > 0.95:
            times.append(name)
        elif _share(known, read_number) > 0.95:
            numbers.append(name)
        elif len(set(known)) <= 0.9 * len(known):
            categories.append(name)
    if not (numbers or times or categories):
        raise BadInput(field="columns", expected="a column that both files fill", found=", ".join(train[0])[:200])
    groups = tuple(name for name in categories if len({row.get(name, "") for row in train}) <= _FEW)
    return Columns(tuple(numbers), tuple(times), tuple(categories), groups)


class Traffic:
    """How busy it was: rows of the week before a moment against those of the month before it, in all and by seller.

    Times are those of the first time column, in days; categories are the ones with many values (a seller, a city).
    """

    def __init__(self, columns: Columns, rows: Sequence[Row]) -> None:
        self._clock = columns.times[0] if columns.times else ""
        self._many = tuple(name for name in columns.categories if name not in columns.groups) if self._clock else ()
        self._all: list[float] = []
        self._by: dict[str, dict[str, list[float]]] = {name: {} for name in self._many}
        for row in rows if self._clock else ():
            day = _day(row, self._clock)
            if day is None:
                continue
            self._all.append(day)
            for name in self._many:
                self._by[name].setdefault(row.get(name, "").strip(), []).append(day)
        self._all.sort()
        for table in self._by.values():
            for days in table.values():
                days.sort()

    @property
    def names(self) -> list[str]:
        """What `line` gives, in words."""
        if not self._clock:
            return []
        return ["how busy the week before was", *(f"rows of the same {name} in the week before" for name in self._many)]

    def line(self, row: Row) -> list[float]:
        """The features of one row; it counts only what came before it."""
        if not self._clock:
            return []
        day = _day(row, self._clock)
        if day is None:
            return [float("nan")] * (1 + len(self._many))
        week, month = _count(self._all, day, _WEEK), _count(self._all, day, _MONTH)
        busy = float(np.clip(np.log((week + 5) / (month * _WEEK / _MONTH + 5)), -1.0, 1.0))
        found = (self._by[name].get(row.get(name, "").strip(), []) for name in self._many)
        return [busy, *(float(np.log1p(_count(days, day, _WEEK))) for days in found)]


def _day(row: Row, name: str) -> float | None:
    moment = read_moment(row.get(name, ""))
    return None if moment is None else (moment - _EPOCH).total_seconds() / 86_400


def _count(days: Sequence[float], before: float, span: float) -> int:
    return bisect_left(days, before) - bisect_left(days, before - span)


@dataclass(frozen=True, slots=True)
class Encoder:
    """The features of rows under fixed columns.

    A category is told by the late share of its earlier rows; a promised span also by how it differs from the mean span
    of its group (a short promise to a far state is another thing than a short promise next door).
    """

    columns: Columns
    overall: float
    shares: Mapping[str, Mapping[str, tuple[float, int]]]
    spans: Mapping[str, Mapping[str, tuple[float, int]]]
    names: tuple[str, ...]
    learnt_from: Sequence[Row]

    @classmethod
    def fit(cls, rows: Sequence[Row], late: Sequence[int], columns: Columns) -> tuple["Encoder", Matrix]:
        """An encoder, and the features of its own rows. Rows are in time order: a row sees only the rows before it."""
        overall = (sum(late) + 1) / (len(late) + 2)
        shares: dict[str, dict[str, tuple[float, int]]] = {name: {} for name in columns.categories}
        spans: dict[str, dict[str, tuple[float, int]]] = {key: {} for key in _span_keys(columns)}
        traffic = Traffic(columns, rows)
        names = (*_names(columns), *traffic.names)
        encoder = cls(columns, overall, shares, spans, names, rows)
        features: list[list[float]] = []
        for number, (row, label) in enumerate(zip(rows, late, strict=True)):
            features.append([*encoder._line(row, number), *traffic.line(row)])
            for name, table in shares.items():
                _add(table, row.get(name, "").strip(), label)
            gaps = _gaps(row, columns)
            for key, table in spans.items():
                group, span = key.split("\x1f")
                if gaps[span] is not None:
                    _add(table, row.get(group, "").strip(), gaps[span] or 0.0)
        return encoder, np.asarray(features, dtype=np.float64)

    def transform(self, rows: Sequence[Row]) -> Matrix:
        """The features of new rows, seen against every row of the training file."""
        traffic, before = Traffic(self.columns, [*self.learnt_from, *rows]), len(self.learnt_from)
        lines = [[*self._line(row, before), *traffic.line(row)] for row in rows]
        return np.asarray(lines, dtype=np.float64).reshape(len(lines), len(self.names))

    def _line(self, row: Row, rows_before: int) -> list[float]:
        line, gaps = _plain(row, self.columns), _gaps(row, self.columns)
        line += [_or_nan(gap) for gap in gaps.values()]
        for name, table in self.shares.items():
            total, seen = table.get(row.get(name, "").strip(), (0.0, 0))
            # How common, per thousand rows so far: a bare count would grow with the file and mean another thing later.
            common = float(np.log1p(1_000 * seen / max(1, rows_before)))
            line += [(total + _SMOOTHING * self.overall) / (seen + _SMOOTHING), common]
        for key, table in self.spans.items():
            group, span = key.split("\x1f")
            total, seen = table.get(row.get(group, "").strip(), (0.0, 0))
            gap = gaps[span]
            line.append(_or_nan(None if gap is None or seen < 5 else gap - total / seen))
        return line


def read_number(text: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def read_moment(text: str) -> datetime | None:
    """A time without regard to its zone (only differences and clock readings are used), or None.

    Year, month and day in this order with `-`, `/` or `.` between them; other orders cannot be told apart.
    """
    found = _TIME.match(text.strip())
    if found is None:
        return None
    year, _mark, month, day, clock = found.groups()
    hours = f"T{_two_digits(clock.strip())}" if clock else ""
    try:
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{hours}").replace(tzinfo=None)
    except ValueError:
        return None


def _two_digits(clock: str) -> str:
    return clock if clock[1:2] != ":" else f"0{clock}"


def _spans(columns: Columns) -> list[str]:
    return [f"days from {a} to {b}" for i, a in enumerate(columns.times) for b in columns.times[i + 1 :]]


def _span_keys(columns: Columns) -> list[str]:
    return [f"{group}\x1f{span}" for group in columns.groups for span in _spans(columns)]


def _names(columns: Columns) -> tuple[str, ...]:
    names = list(columns.numbers)
    for name in columns.times:
        names += [f"{name} (hour)", f"{name} (weekday)"]
    names += _spans(columns)
    for name in columns.categories:
        names += [f"late share of {name}", f"how common {name} is"]
    for key in _span_keys(columns):
        group, span = key.split("\x1f")
        names.append(f"{span}, against the mean of its {group}")
    return tuple(names)


def _plain(row: Row, columns: Columns) -> list[float]:
    line = [_or_nan(read_number(row.get(name, ""))) for name in columns.numbers]
    for name in columns.times:
        moment = read_moment(row.get(name, ""))
        line += [float("nan"), float("nan")] if moment is None else [float(moment.hour), float(moment.weekday())]
    return line


def _gaps(row: Row, columns: Columns) -> dict[str, float | None]:
    """Days between each two times of a row, by name."""
    moments = [read_moment(row.get(name, "")) for name in columns.times]
    pairs = ((a, b) for i, a in enumerate(moments) for b in moments[i + 1 :])
    values = (None if a is None or b is None else (b - a).total_seconds() / 86_400 for a, b in pairs)
    return dict(zip(_spans(columns), values, strict=True))


def _add(table: dict[str, tuple[float, int]], value: str, amount: float) -> None:
    total, seen = table.get(value, (0.0, 0))
    table[value] = (total + amount, seen + 1)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _filled(rows: Sequence[Row], name: str) -> float:
    return sum(row.get(name, "").strip().lower() not in _MISSING for row in rows) / max(1, len(rows))


def _share(values: Sequence[str], test: object) -> float:
    fits = sum(test(value) is not None for value in values) if callable(test) else 0
    return fits / max(1, len(values))
