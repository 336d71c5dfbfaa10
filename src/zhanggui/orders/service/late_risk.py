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
from zhanggui.orders.service.late_features import (
    Columns,
    Encoder,
    Matrix,
    Row,
    find_columns,
    read_moment,
    with_zones,
)

Vector = NDArray[np.float64]
_FEWEST = 100
_LATE_WORDS = {"1", "true", "yes", "late", "y", "t", "1.0", "是", "迟", "迟到", "晚"}
_ON_TIME_WORDS = {"0", "false", "no", "ontime", "on time", "on-time", "n", "f", "0.0", "否", "准时", "按时"}
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
_SEEDS = (7, 11, 23)
# Where the training rows are cut for calibration: a model of the rows before each cut scores those up to the next. Late
# shares swing from month to month, so weights come from all of these stretches and not only from the latest.
_CUTS = (0.4, 0.6, 0.8, 1.0)
# What the log-odds of trees and straight line weigh before the later rows have spoken, and how strongly that is held:
# late parcels are few, and the straight line errs less from one season to the next.
_WEIGHTS, _HELD = (0.3, 0.5), 30.0
# With so many late and as many punctual rows ahead of their time, the calibration's shape is read off in parts.
_SHAPED, _PARTS = 500, 15


@dataclass(frozen=True, slots=True)
class Pair:
    """Some boosted trees of different seeds and a logistic line over the same features."""

    trees: tuple[Any, ...]
    linear: Any
    middles: Vector

    def log_odds(self, features: Matrix) -> Matrix:
        """Uncalibrated log-odds of being late: a column by the trees, one by the line."""
        raw: Any = np.mean([tree.predict(features, raw_score=True) for tree in self.trees], axis=0)
        straight: Any = self.linear.decision_function(_complete(features, self.middles))
        return np.column_stack([np.asarray(raw, dtype=np.float64), np.asarray(straight, dtype=np.float64)])


@dataclass(frozen=True, slots=True)
class Curve:
    """Turns the log-odds of both models into a calibrated risk: weights, an offset and, where there were rows enough to
    see one, the shape of what is left (`steps`, `shares`: score -> late share, never falling)."""

    weights: Vector
    offset: float
    steps: Vector
    shares: Vector

    def risk(self, log_odds: Matrix) -> Vector:
        """The probability of being late, one a row."""
        score = log_odds @ self.weights + self.offset
        if not len(self.steps):
            return _sigmoid(score)
        # A tenth of the smooth curve keeps rows in order where the shape is flat.
        return np.asarray(0.9 * np.interp(score, self.steps, self.shares) + 0.1 * _sigmoid(score), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class LateModel:
    """A fitted model with its calibration."""

    encoder: Encoder
    pair: Pair
    curve: "Curve"

    def risk(self, features: Matrix) -> Vector:
        """The calibrated probability of being late, one a row."""
        return self.curve.risk(self.pair.log_odds(features))

    def reasons(self, features: Matrix, count: int = 3) -> list[list[str]]:
        """For each row, the features that move its risk most (exact Shapley values of the trees), in words."""
        parts: Any = np.mean([tree.predict(features, pred_contrib=True) for tree in self.pair.trees], axis=0)[:, :-1]
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
    curve = _calibrate(*_forward(rows, late, columns), level=float(labels.mean()))
    encoder, features = Encoder.fit(rows, late, columns)
    return LateModel(encoder, _fit(features, labels), curve)


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
    train, predict = with_zones(train), with_zones(predict)
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


def _forward(rows: Sequence[Row], late: Sequence[int], columns: Columns) -> tuple[Matrix, Vector]:
    """Log-odds of rows by models of the rows before them, and the labels of those rows."""
    scores: list[Matrix] = []
    labels: list[Vector] = []
    for start, end in pairwise(_CUTS):
        a, b = int(len(rows) * start), int(len(rows) * end)
        if not 0 < sum(late[:a]) < a:
            continue
        encoder, features = Encoder.fit(rows[:a], late[:a], columns)
        pair = _fit(features, np.asarray(late[:a], dtype=np.float64))
        scores.append(pair.log_odds(encoder.transform(rows[a:b])))
        labels.append(np.asarray(late[a:b], dtype=np.float64))
    if not scores:
        return np.zeros((0, 2)), np.zeros(0)
    return np.concatenate(scores), np.concatenate(labels)


def _fit(features: Matrix, labels: Vector) -> Pair:
    # LightGBM and scikit-learn take seconds to import and have no types: whoever does not predict waits for neither.
    boosting: Any = import_module("lightgbm")
    linear_model: Any = import_module("sklearn.linear_model")
    pipeline: Any = import_module("sklearn.pipeline")
    preprocessing: Any = import_module("sklearn.preprocessing")
    trees = tuple(
        boosting.train({**_TREES, "seed": seed}, boosting.Dataset(features, labels), num_boost_round=_ROUNDS)
        for seed in _SEEDS
    )
    with np.errstate(all="ignore"):
        middles = np.asarray([_middle(features[:, i]) for i in range(features.shape[1])], dtype=np.float64)
    logistic: Any = linear_model.LogisticRegression(C=0.02, max_iter=500)
    linear: Any = pipeline.make_pipeline(preprocessing.StandardScaler(), logistic)
    linear.fit(_complete(features, middles), labels)
    return Pair(trees, linear, middles)


def _calibrate(log_odds: Matrix, labels: Vector, *, level: float) -> Curve:
    """Weights of both models, none negative, and the offset at which the rows' mean risk is `level`.

    `level` is the late share of all training rows: one stretch of time says little of the next.
    """
    if len(labels) == 0:
        return Curve(np.asarray([1 / 3, 2 / 3]), 0.0, np.zeros(0), np.zeros(0))
    late, count = float(labels.sum()), len(labels)
    # Platt's smoothed targets (Platt 1999): finite weights even where the models part the rows without an error.
    targets = np.where(labels > 0, (late + 1) / (late + 2), 1 / (count - late + 2))
    weights = _weigh(log_odds, targets, np.asarray(_WEIGHTS))
    if (weights < 0).any():
        keep = weights >= 0
        weights = np.where(keep, _weigh(log_odds * keep, targets, np.where(keep, sum(_WEIGHTS), 0.0)), 0.0)
    weights = np.maximum(weights, 0.0)
    offset = _offset(log_odds @ weights, level)
    enough = min(late, count - late) >= _SHAPED
    steps, shares = np.zeros(0), np.zeros(0)
    if enough:
        steps, shares = _shape(log_odds @ weights + offset, labels)
    return Curve(weights, offset, steps, shares)


def _shape(score: Vector, labels: Vector) -> tuple[Vector, Vector]:
    """Late shares over score in some parts of equal count, pooled so that they never fall (pool adjacent violators)."""
    parts = np.array_split(np.argsort(score, kind="stable"), _PARTS)
    pooled: list[list[float]] = []  # mean score, late, count
    for part in parts:
        pooled.append([float(score[part].sum()), float(labels[part].sum()), float(len(part))])
        while len(pooled) > 1 and pooled[-2][1] / pooled[-2][2] >= pooled[-1][1] / pooled[-1][2]:
            last = pooled.pop()
            pooled[-1] = [a + b for a, b in zip(pooled[-1], last, strict=True)]
    table = np.asarray(pooled)
    return table[:, 0] / table[:, 2], (table[:, 1] + 0.5) / (table[:, 2] + 1)


def _weigh(log_odds: Matrix, targets: Vector, prior: Vector) -> Vector:
    """Logistic weights by Newton's method, held near `prior`; the constant is free."""
    middle = log_odds.mean(axis=0)
    design = np.column_stack([log_odds - middle, np.ones(len(targets))])
    held = np.diag([_HELD, _HELD, 1e-6])
    start = np.asarray([*prior, float(np.log(targets.mean() / (1 - targets.mean())))])
    weights = start.copy()
    for _ in range(50):
        risk = _sigmoid(design @ weights)
        gradient = design.T @ (risk - targets) + held @ (weights - start)
        curve = (design * (risk * (1 - risk))[:, None]).T @ design + held
        step = np.linalg.solve(curve, gradient)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return np.asarray(weights[:2], dtype=np.float64)


def _offset(score: Vector, level: float) -> float:
    """What to add to log-odds so that the mean risk is `level`, by bisection."""
    low, high = -30.0 - float(score.max()), 30.0 - float(score.min())
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if float(_sigmoid(score + middle).mean()) > level else (middle, high)
    return (low + high) / 2


def _sigmoid(score: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -50.0, 50.0))), dtype=np.float64)


def _middle(values: Vector) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def _complete(features: Matrix, middles: Vector) -> Matrix:
    return np.asarray(np.where(np.isnan(features), middles, features), dtype=np.float64)


def _shown(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.3g}"
