"""Late-delivery risk, learnt from a shop's own past rows: trees and a linear model, calibrated, with reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.service.late_features import Columns, Encoder, Matrix, Row, find_columns, read_moment

Vector = NDArray[np.float64]
_FEWEST = 100
_LATE_WORDS = {"1", "true", "yes", "late", "y", "t", "1.0"}
_ON_TIME_WORDS = {"0", "false", "no", "ontime", "on time", "on-time", "n", "f", "0.0"}
_TREES: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 7,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 7,
}
_ROUNDS = 150
# Where the training rows are cut for calibration: a model of the rows before each cut scores those up to the next. Late
# shares swing from month to month, so the level comes from all of these stretches and not only from the latest.
_CUTS = (0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class LateModel:
    """A fitted model. `slope` and `offset` turn the mean log-odds of both models into a calibrated risk."""

    encoder: Encoder
    trees: Any
    linear: Any
    middles: Vector
    slope: float
    offset: float

    def log_odds(self, features: Matrix) -> Vector:
        """Uncalibrated log-odds of being late, one a row."""
        return _blend(self.trees, self.linear, features, self.middles)

    def risk(self, features: Matrix) -> Vector:
        """The calibrated probability of being late, one a row."""
        return 1 / (1 + np.exp(-(self.slope * self.log_odds(features) + self.offset)))

    def reasons(self, features: Matrix, count: int = 3) -> list[list[str]]:
        """For each row, the features that move its risk most (exact Shapley values of the trees), in words."""
        parts = np.asarray(self.trees.predict(features, pred_contrib=True), dtype=np.float64)[:, :-1]
        answers: list[list[str]] = []
        for line, moves in zip(features, parts, strict=True):
            order = np.argsort(-np.abs(moves))[:count]
            answers.append(
                [
                    f"{self.encoder.names[i]} = {_shown(line[i])} {'raises' if moves[i] > 0 else 'lowers'} the risk"
                    for i in order
                    if moves[i] != 0
                ]
            )
        return answers


def train_late_model(rows: Sequence[Row], late: Sequence[int], columns: Columns) -> LateModel:
    """Fit on rows in time order. Earlier rows predict later ones for calibration; then all rows are fitted together.

    Raises:
        BadInput: too few rows, or all of one kind.
    """
    if len(rows) < _FEWEST or len(set(late)) < 2:
        found = f"{len(rows)} rows, {sum(late)} late"
        raise BadInput(field="train", expected=f"at least {_FEWEST} rows, late and on time", found=found)
    labels = np.asarray(late, dtype=np.float64)
    slope, offset = _calibrate(*_forward(rows, late, columns))
    encoder, features = Encoder.fit(rows, late, columns)
    trees, linear, middles = _fit(features, labels)
    return LateModel(encoder, trees, linear, middles, slope, offset)


def late_risk(
    train: Sequence[Row], predict: Sequence[Row], *, label: str, id_column: str = "id"
) -> Iterator[JsonObject]:
    """`batch late-risk`: `{id, risk, reasons}` for each row to predict, in order.

    Rows are what a CSV reader gives: column name to text. The label is 1/0, yes/no or true/false; rows without one are
    not learnt from. Columns that the rows to predict leave empty are not used, so nothing known only afterwards leaks.

    Raises:
        BadInput: a label cannot be read (with its row), or there is too little to learn from.
    """
    if not train or not predict:
        raise BadInput(field="rows", expected="rows to learn from and rows to predict", found="none")
    labels = [_label(row, label, number) for number, row in enumerate(train, start=1)]
    kept = [(row, mark) for row, mark in zip(train, labels, strict=True) if mark is not None]
    columns = find_columns([row for row, _ in kept] or train, predict, ignore=(label, id_column))
    ordered = _by_time(kept, columns)
    model = train_late_model([row for row, _ in ordered], [mark for _, mark in ordered], columns)
    features = model.encoder.transform(predict)
    risks, reasons = model.risk(features), model.reasons(features)
    for number, (row, risk, why) in enumerate(zip(predict, risks, reasons, strict=True), start=1):
        yield {"id": row.get(id_column, "") or str(number), "risk": round(float(risk), 6), "reasons": list(why)}


def _by_time(rows: list[tuple[Row, int]], columns: Columns) -> list[tuple[Row, int]]:
    """Rows by their first time column (the earliest in a row's life); as they come where there is none."""
    if not columns.times:
        return rows
    first = columns.times[0]
    return sorted(rows, key=lambda entry: read_moment(entry[0].get(first, "")) or datetime.min)


def _label(row: Row, label: str, number: int) -> int | None:
    if label not in row:
        raise BadInput(row=number, field=label, expected="the label column", found=", ".join(row)[:200])
    word = row[label].strip().lower()
    if not word:
        return None
    if word in _LATE_WORDS or word in _ON_TIME_WORDS:
        return int(word in _LATE_WORDS)
    raise BadInput(row=number, field=label, expected="1 or 0, yes or no, true or false", found=row[label])


def _forward(rows: Sequence[Row], late: Sequence[int], columns: Columns) -> tuple[Vector, Vector]:
    """Log-odds of rows by models of the rows before them, and the labels of those rows."""
    scores: list[Vector] = []
    labels: list[Vector] = []
    for start, end in pairwise(_CUTS):
        a, b = int(len(rows) * start), int(len(rows) * end)
        if not 0 < sum(late[:a]) < a:
            continue
        encoder, features = Encoder.fit(rows[:a], late[:a], columns)
        trees, linear, middles = _fit(features, np.asarray(late[:a], dtype=np.float64))
        scores.append(_blend(trees, linear, encoder.transform(rows[a:b]), middles))
        labels.append(np.asarray(late[a:b], dtype=np.float64))
    if not scores:
        return np.zeros(0), np.zeros(0)
    return np.concatenate(scores), np.concatenate(labels)


def _fit(features: Matrix, labels: Vector) -> tuple[Any, Any, Vector]:
    # LightGBM and scikit-learn take seconds to import and have no types: whoever does not predict waits for neither.
    boosting: Any = import_module("lightgbm")
    linear_model: Any = import_module("sklearn.linear_model")
    pipeline: Any = import_module("sklearn.pipeline")
    preprocessing: Any = import_module("sklearn.preprocessing")
    trees: Any = boosting.train(_TREES, boosting.Dataset(features, labels), num_boost_round=_ROUNDS)
    with np.errstate(all="ignore"):
        middles = np.asarray([_middle(features[:, i]) for i in range(features.shape[1])], dtype=np.float64)
    logistic: Any = linear_model.LogisticRegression(C=0.02, max_iter=500)
    linear: Any = pipeline.make_pipeline(preprocessing.StandardScaler(), logistic)
    linear.fit(_complete(features, middles), labels)
    return trees, linear, middles


def _blend(trees: Any, linear: Any, features: Matrix, middles: Vector) -> Vector:
    raw = np.asarray(trees.predict(features, raw_score=True), dtype=np.float64)
    straight = np.asarray(linear.decision_function(_complete(features, middles)), dtype=np.float64)
    return (raw + 2 * straight) / 3  # late parcels are few: the straight line errs less from one season to the next


def _calibrate(log_odds: Vector, labels: Vector) -> tuple[float, float]:
    """Platt's two numbers, with his smoothed targets (Platt 1999), by Newton's method; the slope stays positive."""
    if len(labels) == 0:
        return 1.0, 0.0
    late, count = float(labels.sum()), len(labels)
    targets = np.where(labels > 0, (late + 1) / (late + 2), 1 / (count - late + 2))
    weights = np.asarray([1.0, 0.0])
    design = np.column_stack([log_odds, np.ones(count)])
    for _ in range(50):
        risk = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (risk - targets) + np.asarray([1.0, 0.0]) * (weights - 1)
        curve = (design * (risk * (1 - risk))[:, None]).T @ design + np.diag([1.0, 1e-6])
        step = np.linalg.solve(curve, gradient)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return max(0.05, float(weights[0])), float(weights[1])


def _middle(values: Vector) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _complete(features: Matrix, middles: Vector) -> Matrix:
    return np.where(np.isnan(features), middles, features)


def _shown(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.3g}"
