"""Uplift: how much a contact moves each customer, learnt from a random experiment, with intervals and reasons."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.marketing.service.uplift_learners import (
    Experiment,
    Learners,
    Straight,
    boosted,
    doubly_robust,
    expected_outcome,
)
from zhanggui.marketing.service.uplift_table import Row, Table, find_table, is_missing, read_number
from zhanggui.marketing.service.uplift_words import SEGMENTS, Segment, contact_sentence, move_sentence

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
_FEWEST = 200
_FEWEST_AN_ARM = 50
_FITS = 3  # whole fits that are averaged
_HALVES = 6  # pairs of half fits, for the intervals
_LEAST_SPREAD, _MOST_SPREAD = 0.1, 1.2
_Z95 = 1.959964
_YES = {"yes", "true", "y", "t", "是"}
_NO = {"no", "false", "n", "f", "否"}


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment as read from rows.

    Attributes:
        rows: those with a known arm and outcome.
        arms: the arm of each row; empty for the control.
        outcome: of each row.
        problems: rows that could not be read, with the reason.
    """

    rows: tuple[Row, ...]
    arms: tuple[str, ...]
    outcome: Vector
    problems: tuple[BadInput, ...]

    def treated(self) -> Vector:
        """1 for every row that was contacted, 0 for the control."""
        return np.asarray([float(arm != "") for arm in self.arms])


def read_trial(rows: Sequence[Row], *, treatment: str, control: str, outcome: str) -> Trial:
    """Sort the rows of an experiment into control and treated.

    Raises:
        BadInput: a column is missing, the control value does not occur, or there is too little to learn from.
    """
    for name in (treatment, outcome):
        if not rows or name not in rows[0]:
            found = ", ".join(rows[0])[:200] if rows else "no rows"
            raise BadInput(field=name, expected="a column of the experiment", found=found)
    kept: list[Row] = []
    arms: list[str] = []
    outcomes: list[float] = []
    problems: list[BadInput] = []
    for number, row in enumerate(rows, start=2):
        arm, result = row[treatment].strip(), row[outcome].strip()
        if not arm or is_missing(result):
            problems.append(BadInput(row=number, field=outcome if arm else treatment, expected="a value", found="none"))
            continue
        value = _outcome(result)
        if value is None:
            problems.append(BadInput(row=number, field=outcome, expected="a number, yes or no", found=result[:80]))
            continue
        kept.append(row)
        arms.append("" if _same(arm, control) else arm)
        outcomes.append(value)
    trial = Trial(tuple(kept), tuple(arms), np.asarray(outcomes), tuple(problems))
    _enough(trial, treatment, control, outcome)
    return trial


def _enough(trial: Trial, treatment: str, control: str, outcome: str) -> None:
    counts = Counter(trial.arms)
    contacted = len(trial.arms) - counts[""]
    if counts[""] == 0:
        seen = ", ".join(arm for arm, _ in counts.most_common(5))
        raise BadInput(field=treatment, expected=f"rows with {control!r}", found=seen or "no readable row")
    if len(trial.arms) < _FEWEST or min(counts[""], contacted) < _FEWEST_AN_ARM:
        expected = f"at least {_FEWEST} rows, {_FEWEST_AN_ARM} of them treated and {_FEWEST_AN_ARM} control"
        raise BadInput(field=treatment, expected=expected, found=f"{contacted} treated, {counts['']} control")
    if float(trial.outcome.std()) == 0:
        raise BadInput(field=outcome, expected="outcomes that differ", found="the same in every row")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one customer; `uplift` is in units of the outcome, the interval covers 95 %."""

    uplift: float
    lower: float
    upper: float
    segment: Segment
    moves: tuple[tuple[str, float], ...]
    contact: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """Learners of some rows, what they say on average over the whole trial, and the average effect in their rows."""

    learners: Learners
    centre: float
    mean: float

    def effect(self, features: Matrix, spread: float) -> Vector:
        """The rows' average effect plus `spread` times what the learners make of each customer."""
        return self.mean + spread * (self.learners.effect(features) - self.centre)


@dataclass(frozen=True, slots=True)
class UpliftModel:
    """A fitted model of a trial.

    Attributes:
        table: the columns in use, and those left out with the reason.
        spread: by how much differences between customers are believed: 1 as the learners say, less where one half of
            the experiment does not confirm what another half shows.
        confirmed: whether the halves confirm one another beyond chance.
        margin: an effect smaller than this, either way, counts as none.
    """

    table: Table
    whole: tuple[Fitted, ...]
    halves: tuple[Fitted, ...]
    surrogate: Any
    usual: Experiment
    by_contact: tuple[tuple[str, Straight], ...]
    spread: float
    confirmed: bool
    margin: float

    @classmethod
    def fit(
        cls, trial: Trial, asked: Sequence[Row] = (), *, ignore: Sequence[str] = (), seed: int = 7
    ) -> "UpliftModel":
        """Learn from a trial; `asked` are the rows to judge, whose empty columns are not used.

        Raises:
            BadInput: no column is usable.
        """
        treated = trial.treated()
        table = find_table(trial.rows, asked, treated, trial.outcome, ignore)
        rows = Experiment(table.features(trial.rows), treated, trial.outcome, np.full(len(treated), treated.mean()))
        whole = tuple(_fitted(rows, rows, seed + number) for number in range(_FITS))
        halves, slope, doubt = _halves(rows, seed)
        spread = min(_MOST_SPREAD, max(_LEAST_SPREAD, slope))
        effects = np.mean([one.effect(rows.features, spread) for one in whole], axis=0)
        surrogate = boosted(rows.features, effects, rounds=150, leaves=8, floor=50, seed=seed)
        margin = max(abs(_mean_effect(rows)), _Z95 * _mean_error(rows)) / 4
        return cls(
            table, whole, halves, surrogate, rows.part(treated == 0), _by_contact(rows, trial.arms, seed),
            spread, slope > _Z95 * doubt, margin,
        )  # fmt: skip

    def judge(self, features: Matrix) -> list[Answer]:
        """The effect, its interval, the segment and what moves it, for each line of features."""
        if len(features) == 0:
            return []
        uplift = np.mean([one.effect(features, self.spread) for one in self.whole], axis=0)
        # Halves vary among themselves as whole samples would: half the rows, drawn without putting back.
        error = np.std([one.effect(features, self.spread) for one in self.halves], axis=0, ddof=1)
        base = expected_outcome(self.usual, features, 7)
        usual = float(self.usual.outcome.mean())
        moves = self._moves(features)
        contacts = self._contacts(features)
        answers: list[Answer] = []
        for number, (effect, doubt) in enumerate(zip(uplift, error, strict=True)):
            lower, upper = float(effect - _Z95 * doubt), float(effect + _Z95 * doubt)
            segment = _segment(lower, upper, self.margin, above=bool(base[number] >= usual))
            answers.append(Answer(float(effect), lower, upper, segment, moves[number], contacts[number]))
        return answers

    def _moves(self, features: Matrix) -> list[tuple[tuple[str, float], ...]]:
        """For each line its three strongest columns, with the part of the effect that each brings.

        Exact Shapley values of a small model that imitates the average of the learners.
        """
        parts = np.asarray(self.surrogate.predict(features, pred_contrib=True), dtype=np.float64)[:, :-1]
        owners = np.asarray(self.table.owners())
        names = [column.name for column in self.table.columns]
        grouped = np.column_stack([parts[:, owners == place].sum(axis=1) for place in range(len(names))])
        moves: list[tuple[tuple[str, float], ...]] = []
        for line in grouped:
            parts_of = sorted(((name, float(part)) for name, part in zip(names, line, strict=True)), key=_strength)
            moves.append(tuple(part for part in parts_of[:3] if abs(part[1]) > 1e-6))
        return moves

    def _contacts(self, features: Matrix) -> list[tuple[str, float] | None]:
        if not self.by_contact:
            return [None] * len(features)
        effects = np.column_stack([line.predict(features) for _, line in self.by_contact])
        best = effects.argmax(axis=1)
        return [(self.by_contact[place][0], float(line[place])) for line, place in zip(effects, best, strict=True)]


def uplift_lines(
    model: UpliftModel, rows: Sequence[Row | BadInput], *, id_column: str = "id", locale: Locale = "en"
) -> Iterator[JsonObject | BadInput]:
    """`batch uplift`: `{id, uplift, lower, upper, segment, reasons}` for each row, in order; a bad row is its error."""
    read: list[list[float] | BadInput] = []
    for row in rows:
        try:
            read.append(row if isinstance(row, BadInput) else model.table.line(row))
        except BadInput as bad:
            read.append(bad)
    good = [line for line in read if not isinstance(line, BadInput)]
    answers = iter(model.judge(np.asarray(good, dtype=np.float64).reshape(len(good), -1)))
    for number, (row, line) in enumerate(zip(rows, read, strict=True), start=1):
        if isinstance(row, BadInput) or isinstance(line, BadInput):
            yield line if isinstance(line, BadInput) else BadInput(field="row", expected="a row", found="none")
            continue
        identity = row.get(id_column, "").strip() or str(number)
        yield {"id": identity, **answer_json(next(answers), row, model, locale)}


def answer_json(answer: Answer, row: Row, model: UpliftModel, locale: Locale = "en") -> JsonObject:
    """One answer as the contract writes it."""
    reasons = [move_sentence(name, row.get(name, "").strip(), part, locale) for name, part in answer.moves]
    if answer.contact is not None:
        reasons.append(contact_sentence(*answer.contact, locale))
    if not model.confirmed:
        reasons.append(SEGMENTS[locale]["not-confirmed"])
    return {
        "uplift": round(answer.uplift, 6),
        "lower": round(answer.lower, 6),
        "upper": round(answer.upper, 6),
        "segment": answer.segment,
        "reasons": [*reasons],
    }


def _strength(part: tuple[str, float]) -> float:
    return -abs(part[1])


def _segment(lower: float, upper: float, margin: float, *, above: bool) -> Segment:
    if lower > 0:
        return "persuadable"
    if upper < 0:
        return "do-not-disturb"
    if lower > -margin and upper < margin:
        return "sure" if above else "lost-cause"
    return "not-distinguishable"


def _fitted(learn: Experiment, everyone: Experiment, seed: int) -> Fitted:
    learners = Learners.fit(learn, seed)
    return Fitted(learners, float(learners.effect(everyone.features).mean()), _mean_effect(learn))


def _halves(rows: Experiment, seed: int) -> tuple[tuple[Fitted, ...], float, float]:
    """Fits on halves of the rows, and how far differences seen in one half hold in the other, with its standard error.

    The latter is the slope of the doubly robust effects of a half on what was learnt from the other half (the best
    linear predictor of Chernozhukov et al. 2018).
    """
    effects = doubly_robust(rows, seed)
    fits: list[Fitted] = []
    said = np.zeros(len(effects))
    for number in range(_HALVES):
        side = _even_cut(rows.treated, seed + 100 + number)
        for half in (0, 1):
            fits.append(_fitted(rows.part(side == half), rows, seed + number))
            said[side != half] += fits[-1].effect(rows.features[side != half], 1.0)
    centred = said / _HALVES - said.mean() / _HALVES
    power = float(centred @ centred)
    if power < 1e-12 * len(effects):
        return tuple(fits), 0.0, 1.0
    slope = float(centred @ (effects - effects.mean())) / power
    left = effects - effects.mean() - slope * centred
    return tuple(fits), slope, float(np.sqrt(((centred * left) ** 2).sum())) / power


def _even_cut(treated: Vector, seed: int) -> NDArray[np.int64]:
    """0 or 1 for each row, half of each arm each."""
    chance = np.random.default_rng(seed)
    side = np.zeros(len(treated), dtype=np.int64)
    for arm in (0.0, 1.0):
        places = np.flatnonzero(treated == arm)
        side[chance.permutation(places)[: len(places) // 2]] = 1
    return side


def _by_contact(rows: Experiment, arms: Sequence[str], seed: int) -> tuple[tuple[str, Straight], ...]:
    """A straight line of the effect of each arm against the control, where there are several arms with enough rows."""
    names = [arm for arm, seen in Counter(arms).items() if arm and seen >= _FEWEST_AN_ARM]
    if len(names) < 2:
        return ()
    held = np.asarray(arms)
    lines: list[tuple[str, Straight]] = []
    for name in sorted(names):
        part = rows.part((held == name) | (held == ""))
        share = np.full(len(part.treated), part.treated.mean())
        alone = Experiment(part.features, part.treated, part.outcome, share)
        lines.append((name, Straight.fit(alone.features, doubly_robust(alone, seed))))
    return tuple(lines)


def _mean_effect(rows: Experiment) -> float:
    return float(rows.outcome[rows.treated > 0].mean() - rows.outcome[rows.treated == 0].mean())


def _mean_error(rows: Experiment) -> float:
    moved, kept = rows.outcome[rows.treated > 0], rows.outcome[rows.treated == 0]
    return float(np.sqrt(moved.var() / len(moved) + kept.var() / len(kept)))


def _outcome(text: str) -> float | None:
    word = text.lower()
    if word in _YES or word in _NO:
        return float(word in _YES)
    return read_number(text)


def _same(arm: str, control: str) -> bool:
    if arm.lower() == control.strip().lower():
        return True
    a, b = read_number(arm), read_number(control)
    return a is not None and a == b
