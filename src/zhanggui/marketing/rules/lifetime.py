"""How often customers will still buy and what that is worth: BG/NBD for purchases, gamma-gamma for amounts.

Sources: Fader, Hardie and Lee, "Counting your customers the easy way" (Marketing Science 24, 2005) for BG/NBD; Fader
and Hardie, "The gamma-gamma model of monetary value" (2013). `x` is the number of repeat purchases, `tx` the time from
the first purchase to the last, `T` the time from the first purchase to now, all times in weeks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special  # pyright: ignore[reportMissingTypeStubs] - scipy has no types; narrowed below

from zhanggui.kernel.errors import BadInput

Vector = NDArray[np.float64]
_optimize: Any = optimize
_special: Any = special
_FEWEST = 50


@dataclass(frozen=True, slots=True)
class History:
    """What is known of customers, one entry each: repeat purchases, their last time, time observed (weeks), spend.

    `spend` is the mean amount of the repeat purchases, in any one unit; 0 where there was none.
    """

    repeats: Vector
    last: Vector
    observed: Vector
    spend: Vector

    def __post_init__(self) -> None:
        wrong = (self.repeats < 0) | (self.last < 0) | (self.last > self.observed + 1e-9)
        if bool(wrong.any()):
            row = int(np.flatnonzero(wrong)[0]) + 1
            raise BadInput(row=row, field="last", expected="0 <= last <= observed", found=str(self.last[row - 1]))


@dataclass(frozen=True, slots=True)
class BuyingModel:
    """BG/NBD: while alive a customer buys at a rate from Gamma(r, alpha) a week, and leaves after each purchase with a
    chance from Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0

    @classmethod
    def fit(cls, history: History, penalty: float = 0.0) -> "BuyingModel":
        """Maximum likelihood over customers; equal histories are counted together.

        Raises:
            BadInput: too few customers, or nobody came back.
        """
        if len(history.repeats) < _FEWEST or history.repeats.max(initial=0) == 0:
            found = f"{len(history.repeats)} customers, {int((history.repeats > 0).sum())} of them came back"
            raise BadInput(field="customers", expected=f"at least {_FEWEST}, some of them with repeats", found=found)
        rows = np.column_stack([history.repeats, history.last, history.observed])
        rows, counts = np.unique(rows, axis=0, return_counts=True)
        # Times of the order of ten keep the search on even ground.
        scale = max(1e-9, float(rows[:, 2].max()) / 10)
        x, tx, age = rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale
        weight = counts / counts.sum()

        def loss(logs: Vector) -> float:
            r, alpha, a, b = np.exp(np.clip(logs, -12, 8))
            value = float(weight @ _log_likelihood((r, alpha, a, b), x, tx, age))
            return -value + penalty * float((logs**2).sum())

        found: Any = min(
            (
                _optimize.minimize(loss, np.log(np.asarray(start)), method="L-BFGS-B", options={"maxiter": 300})
                for start in ((0.5, 1.0, 0.8, 2.0), (1.0, 4.0, 0.3, 4.0))
            ),
            key=_fun,
        )
        r, alpha, a, b = (float(value) for value in np.exp(np.clip(found.x, -12, 8)))
        fitted = (r, alpha * scale, a, b)
        total = float(counts @ _log_likelihood(fitted, rows[:, 0], rows[:, 1], rows[:, 2]))
        return cls(*fitted, log_likelihood=total)

    def alive(self, history: History) -> Vector:
        """The chance that each customer has not left for good."""
        x, tx, age = history.repeats, history.last, history.observed
        ratio = ((self.alpha + age) / (self.alpha + tx)) ** (self.r + x)
        odds = np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1) * ratio, 0.0)
        return 1 / (1 + odds)

    def expected(self, history: History, weeks: float) -> Vector:
        """Purchases to expect of each customer in the next `weeks` (equation 10 of the paper)."""
        x, age = history.repeats, history.observed
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6  # the formula has a removable gap at a = 1
        r, b, alpha = self.r, self.b, self.alpha
        share = weeks / (alpha + age + weeks)
        curve = np.asarray(_special.hyp2f1(r + x, b + x, a + b + x - 1, share), dtype=np.float64)
        kept = 1 - ((alpha + age) / (alpha + age + weeks)) ** (r + x) * curve
        return np.maximum(0.0, (a + b + x - 1) / (a - 1) * kept * self.alive(history))

    def silent(self, history: History, weeks: float) -> Vector:
        """The chance that each customer buys nothing in the next `weeks`: gone, or just not yet back."""
        waits = ((self.alpha + history.observed) / (self.alpha + history.observed + weeks)) ** (
            self.r + history.repeats
        )
        return 1 - self.alive(history) * (1 - waits)

    def weeks_to_next(self, history: History, chance: float = 0.5) -> Vector:
        """After how many weeks a customer who is still alive has bought again with this chance.

        Given the rate's posterior Gamma(r + x, alpha + T), the wait is a Lomax variable.
        """
        power = -1 / (self.r + history.repeats)
        return (self.alpha + history.observed) * ((1 - chance) ** power - 1)


@dataclass(frozen=True, slots=True)
class SpendModel:
    """Gamma-gamma: amounts of a customer from Gamma(p, nu), nu from Gamma(q, v)."""

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, history: History) -> "SpendModel":
        """Maximum likelihood over the customers with repeat purchases of a positive mean amount.

        Raises:
            BadInput: there are too few of them.
        """
        bought = (history.repeats > 0) & (history.spend > 0)
        if int(bought.sum()) < _FEWEST:
            raise BadInput(
                field="spend", expected=f"at least {_FEWEST} customers with repeats", found=str(bought.sum())
            )
        x, mean = history.repeats[bought], history.spend[bought]
        scale = float(np.median(mean))
        amounts = mean / scale

        def loss(logs: Vector) -> float:
            p, q, v = np.exp(np.clip(logs, -6, 8))
            px = p * x
            parts: Vector = (
                _gammaln(px + q)
                - _gammaln(px)
                - _gammaln(q)
                + q * np.log(v)
                + (px - 1) * np.log(amounts)
                + px * np.log(x)
                - (px + q) * np.log(x * amounts + v)
            )
            return -float(parts.mean())

        start = np.log(np.asarray([4.0, 4.0, 1.0]))
        found: Any = _optimize.minimize(loss, start, method="L-BFGS-B", options={"maxiter": 300})
        p, q, v = (float(value) for value in np.exp(np.clip(found.x, -6, 8)))
        return cls(p, q, v * scale)

    def expected(self, history: History) -> Vector:
        """The mean amount of a customer's future purchases: between what was seen and everybody's mean."""
        x = history.repeats
        return self.p * (self.v + x * history.spend) / np.maximum(1e-9, self.p * x + self.q - 1)


@dataclass(frozen=True, slots=True)
class Value:
    """What customers will be worth in some weeks: expectation and the bounds of a predictive interval, one each."""

    expected: Vector
    lower: Vector
    upper: Vector


def lifetime_value(
    buying: BuyingModel, spending: SpendModel, history: History, *, weeks: float, seed: int = 0, level: float = 0.8
) -> Value:
    """What each customer will spend in the next `weeks`, with a predictive interval of `level`.

    The interval comes from 400 futures of each customer, drawn exactly from both models' posteriors: alive or not,
    rate, chance of leaving, purchases until leaving, amounts. It says how much a single customer varies, not only how
    well the mean is known.
    """
    expected = buying.expected(history, weeks) * spending.expected(history)
    chance = np.random.default_rng(seed)
    bounds = (1 - level) / 2, (1 + level) / 2
    lower, upper = np.zeros(len(expected)), np.zeros(len(expected))
    alive = buying.alive(history)
    for start in range(0, len(expected), 5_000):
        part = slice(start, start + 5_000)
        x, age, size = history.repeats[part], history.observed[part], (400, len(alive[part]))
        rate = chance.gamma(buying.r + x, 1 / (buying.alpha + age), size)
        leaves = np.clip(chance.beta(buying.a, buying.b + x, size), 1e-9, 1.0)
        count = np.minimum(chance.poisson(np.minimum(rate * weeks, 1e6)), chance.geometric(leaves))
        count = np.where(chance.random(size) < alive[part], count, 0)
        posterior = spending.v + x * history.spend[part]
        nu = np.maximum(chance.gamma(spending.q + spending.p * x, 1 / posterior, size), 1e-12)
        amount = np.where(count > 0, chance.gamma(np.maximum(spending.p * count, 1e-9), 1 / nu), 0.0)
        lower[part], upper[part] = np.quantile(amount, bounds, axis=0)
    return Value(expected, lower, upper)


def _log_likelihood(model: tuple[float, float, float, float], x: Vector, tx: Vector, age: Vector) -> Vector:
    """Equation 6 of the paper, in logarithms, one value a customer."""
    r, alpha, a, b = model
    rate = _gammaln(r + x) - _gammaln(r) + r * np.log(alpha)
    leaving = _gammaln(a + b) + _gammaln(b + x) - _gammaln(b) - _gammaln(a + b + x)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx)
    return rate + leaving + np.where(x > 0, np.logaddexp(stayed, left), stayed)


def _gammaln(value: Any) -> Vector:
    return np.asarray(_special.gammaln(value), dtype=np.float64)


def _fun(result: Any) -> float:
    return float(result.fun)
