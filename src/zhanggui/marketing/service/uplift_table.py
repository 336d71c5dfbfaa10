"""Customer rows of any columns to numbers for an uplift model; what was measured after the contact stays out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput

Row = Mapping[str, str]
Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
_MISSING = {"", "nan", "null", "none", "na", "n/a", "-", "未知"}
_LEADING = re.compile(r"\s*[\[(<≤]?\s*(\d+(?:\.\d+)?)")
_MOST_LEVELS = 30
_RARE = 0.005
_SKEWED = 2.0
# Two-sided p = 0.0001: with some thirty columns one in three hundred experiments loses a good column by chance.
_UNBALANCED_Z = 3.9
# What shops call the results of a contact. A column of such a name is never a trait of the customer.
_AFTERWARDS = {
    "visit", "visited", "conversion", "converted", "spend", "spent", "revenue", "clicked", "click", "opened", "open",
    "purchase", "purchased", "outcome", "response", "responded", "unsubscribed", "target", "label", "exposure",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is read.

    Attributes:
        name: its header.
        kind: `number` as it is, `log` for a skewed amount, `ordered` for classes that begin with a number
            ("2) 100 - 200"), `category` otherwise.
        levels: the classes of a category that have a number of their own.
        middle: the median that stands for a missing number where a straight line needs one.
        flagged: whether missing is a signal of its own (it occurs in training).
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()
    middle: float = 0.0
    flagged: bool = False

    def width(self) -> int:
        """How many numbers the column becomes."""
        return len(self.levels) if self.kind == "category" else 1 + self.flagged


@dataclass(frozen=True, slots=True)
class Table:
    """The columns in use, and those left out with the reason."""

    columns: tuple[Column, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def features(self, rows: Sequence[Row]) -> Matrix:
        """One line a row, one column a feature; complete: what cannot be read counts as missing."""
        width = sum(column.width() for column in self.columns)
        lines = [self.line(row, strict=False) for row in rows]
        return np.asarray(lines, dtype=np.float64).reshape(len(lines), width)

    def line(self, row: Row, *, strict: bool = True) -> list[float]:
        """The features of one row.

        Raises:
            BadInput: a number cannot be read, and `strict`.
        """
        line: list[float] = []
        for column in self.columns:
            text = row.get(column.name, "").strip()
            if column.kind == "category":
                line += [float(text == level) for level in column.levels]
                continue
            value = None if is_missing(text) else _value(text, column.kind)
            if value is None and strict and not is_missing(text):
                raise BadInput(field=column.name, expected="a number", found=text[:80])
            line.append(column.middle if value is None else value)
            if column.flagged:
                line.append(float(value is None))
        return line

    def owners(self) -> list[int]:
        """For each feature the number of its column."""
        return [place for place, column in enumerate(self.columns) for _ in range(column.width())]


def is_missing(text: str) -> bool:
    """Whether a cell says nothing."""
    return text.strip().lower() in _MISSING


def read_number(text: str) -> float | None:
    """A finite number, with a currency sign, thousands separators or a per cent sign if need be; else None."""
    cleaned = text.strip().lstrip("¥￥$€£").replace(",", "").removesuffix("%")
    try:
        value = float(cleaned)
    except ValueError:
        return None
    return value if np.isfinite(value) and abs(value) < 1e15 else None


def find_table(
    rows: Sequence[Row], asked: Sequence[Row], treated: Vector, outcome: Vector, ignore: Sequence[str]
) -> Table:
    """Choose the columns that both files fill and that were known before the contact.

    Left out: what names rows one by one; results of the contact, told by their name, by standing only beside a good
    outcome, or by differing between treated and control, which nothing known beforehand does in a random experiment.
    Where most columns differ the experiment was not random: then they stay, so that the model can allow for them.

    Raises:
        BadInput: no column is usable.
    """
    columns: list[Column] = []
    left: list[tuple[str, str]] = []
    skewed: list[tuple[str, str]] = []
    for name in rows[0]:
        if name in ignore:
            continue
        cells = [row.get(name, "").strip() for row in rows]
        reason = _unusable(name, cells, asked) or _a_result(name, cells, outcome)
        column = None if reason else _column(name, cells)
        if column is None:
            left.append((name, reason or "says the same in every row or something else in each"))
            continue
        columns.append(column)
        if _imbalance(Table((column,)).features(rows), treated) > _UNBALANCED_Z:
            skewed.append((name, "differs between treated and control, so it was measured after the contact"))
    if len(skewed) <= len(columns) / 2:
        names = {name for name, _ in skewed}
        columns, left = [column for column in columns if column.name not in names], [*left, *skewed]
    if not columns:
        raise BadInput(field="columns", expected="a column that both files fill", found=", ".join(rows[0])[:200])
    return Table(tuple(columns), tuple(left))


def _unusable(name: str, cells: Sequence[str], asked: Sequence[Row]) -> str:
    if asked and sum(not is_missing(row.get(name, "")) for row in asked) < 0.2 * len(asked):
        return "is not filled for the customers to judge"
    known = [cell for cell in cells if not is_missing(cell)]
    if len(known) < 0.2 * len(cells):
        return "is mostly empty"
    numbers = [read_number(cell) for cell in known]
    counted = all(value is not None and value == int(value) for value in numbers)
    if len(known) > 50 and counted and len(set(numbers)) == len(known):
        return "numbers the rows"
    return ""


def _a_result(name: str, cells: Sequence[str], outcome: Vector) -> str:
    if name.strip().lower() in _AFTERWARDS:
        return "is a result of the contact by its name"
    common = Counter(cells).most_common(1)[0][0]
    rare = np.asarray([cell != common and not is_missing(cell) for cell in cells])
    happened = outcome > 0
    if rare.sum() >= 20 and 0.02 < happened.mean() < 0.9 and bool(happened[rare].all()):
        return "stands only where the outcome is good, so it was measured after the contact"
    return ""


def _column(name: str, cells: Sequence[str]) -> Column | None:
    known = [cell for cell in cells if not is_missing(cell)]
    counts = Counter(known)
    if len(counts) < 2:
        return None
    numbers = [value for value in map(read_number, known) if value is not None]
    flagged = len(known) < len(cells) * (1 - _RARE)
    if len(numbers) > 0.95 * len(known):
        return _number(name, np.asarray(numbers), flagged)
    if len(counts) <= _MOST_LEVELS and all(_LEADING.match(level) for level in counts):
        ranks = np.asarray([_value(cell, "ordered") or 0.0 for cell in known])
        if len(np.unique(ranks)) == len(counts):
            return Column(name, "ordered", middle=float(np.median(ranks)), flagged=flagged)
    if len(counts) > 0.5 * len(known):
        return None
    often = [level for level, seen in counts.most_common(_MOST_LEVELS) if seen >= max(10, _RARE * len(cells))]
    # The commonest class is what the others are compared with; unknown and rare classes count as it.
    return Column(name, "category", levels=tuple(often[1:])) if len(often) > 1 else None


def _number(name: str, values: Vector, flagged: bool) -> Column:
    spread = float(values.std())
    skew = 0.0 if spread == 0 else float((((values - values.mean()) / spread) ** 3).mean())
    kind = "log" if skew > _SKEWED and float(values.min()) >= 0 else "number"
    middle = float(np.median(np.log1p(values) if kind == "log" else values))
    return Column(name, kind, middle=middle, flagged=flagged)


def _value(text: str, kind: str) -> float | None:
    if kind == "ordered":
        found = _LEADING.match(text)
        return None if found is None else float(found.group(1))
    value = read_number(text)
    return float(np.sign(value) * np.log1p(abs(value))) if kind == "log" and value is not None else value


def _imbalance(features: Matrix, treated: Vector) -> float:
    """The largest z of a feature's mean among the treated against the control."""
    worst = 0.0
    for values in features.T:
        a, b = values[treated > 0], values[treated == 0]
        error = float(np.sqrt(a.var() / max(1, len(a)) + b.var() / max(1, len(b))))
        if error > 0:
            worst = max(worst, abs(float(a.mean() - b.mean())) / error)
    return worst
