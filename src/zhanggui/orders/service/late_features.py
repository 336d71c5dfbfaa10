"""Order or shipment rows of any columns to numbers: what a late-delivery model can learn from, named for people."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput

Row = Mapping[str, str]
Matrix = NDArray[np.float64]
_MISSING = {"", "nan", "null", "none", "na", "n/a"}
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?$")
_SMOOTHING = 20.0  # how many rows' worth of the overall share a category starts with
_FEW = 200  # a category with at most so many values is a group to compare with


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are numbers, times and categories; a column that names rows one by one is none of them."""

    numbers: tuple[str, ...]
    times: tuple[str, ...]
    categories: tuple[str, ...]
    groups: tuple[str, ...]


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
    learnt_from: int

    @classmethod
    def fit(cls, rows: Sequence[Row], late: Sequence[int], columns: Columns) -> tuple["Encoder", Matrix]:
        """An encoder, and the features of its own rows. Rows are in time order: a row sees only the rows before it."""
        overall = (sum(late) + 1) / (len(late) + 2)
        shares: dict[str, dict[str, tuple[float, int]]] = {name: {} for name in columns.categories}
        spans: dict[str, dict[str, tuple[float, int]]] = {key: {} for key in _span_keys(columns)}
        encoder = cls(columns, overall, shares, spans, _names(columns), len(rows))
        features: list[list[float]] = []
        for number, (row, label) in enumerate(zip(rows, late, strict=True)):
            features.append(encoder._line(row, number))
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
        lines = [self._line(row, self.learnt_from) for row in rows]
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
    """A time without regard to its zone (only differences and clock readings are used), or None."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


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
