"""Forecast a panel: try every method on the past, weigh them by how they did, widen the interval to what it covered."""

from dataclasses import dataclass

import numpy as np

from zhanggui.planning.models import GRID, MIDDLE, BackTest, Counts, Forecasts, Mask, Panel, Vector
from zhanggui.planning.rules.blending import choose_weights, choose_width, mix, widen
from zhanggui.planning.rules.panel import future_dates
from zhanggui.planning.rules.recent import hold_spikes
from zhanggui.planning.rules.scores import naive_scale
from zhanggui.planning.service.methods import forest_of, methods, naive, set_up

_FEWEST = {"W": 2, "D": 3}
_SHORTEST_TRAINING = {"W": 8, "D": 28}
_AT_ONCE = 10_000
_ORIGINS = 4
# What is believed of each method before the back-test, and how many origins that belief weighs as much as.
_BELIEF = {
    "forest": 0.6,
    "window-13": 0.4,
    "window-26": 0.0,
    "year-ago": 2.5,
    "profile": 0.4,
    "window-35": 0.2,
    "window-91": 0.2,
}
_BELIEF_ORIGINS = 2.0
_WIDTH_ORIGINS = 2
# Nothing is forecast above this many times the largest ordinary period.
_CEILING = 3.0
_WITHOUT_BACK_TEST = 1.15


@dataclass(frozen=True, slots=True)
class _Trial:
    """What the past says: weights by method name, the stretch of the interval, and the scores of each series."""

    weights: dict[str, float]
    width: float
    scores: tuple[BackTest | None, ...]


def forecast(panel: Panel, horizon: int) -> Forecasts:
    """Forecast every series of a panel for the `horizon` periods after its end.

    Series with too little history get NaN and say why; all others are forecast together, longer histories apart from
    shorter ones, so that each kind is weighed by its own back-test. The same panel gives the same forecasts.
    """
    periods = len(panel.dates)
    quantiles = np.full((len(panel.names), horizon, len(GRID)), np.nan)
    status = _statuses(panel)
    model = ["none"] * len(panel.names)
    scores: list[BackTest | None] = [None] * len(panel.names)
    enough = np.array([word == "ok" for word in status], dtype=bool)
    for rows in _groups(panel, enough, horizon):
        part = panel.only(rows)
        found, word, tests = _forecast_alike(part, horizon)
        ceiling = hold_spikes(part.values).max(axis=1) * _CEILING
        quantiles[rows] = np.minimum(found, ceiling[:, None, None])
        for row, test in zip(rows.tolist(), tests, strict=True):
            model[row], scores[row] = word, test
    never = panel.first >= periods
    quantiles[never & (periods >= _FEWEST[panel.frequency])] = 0.0
    return Forecasts(panel.names, future_dates(panel, horizon), quantiles, tuple(model), tuple(status), tuple(scores))


def _statuses(panel: Panel) -> list[str]:
    periods, unit = len(panel.dates), "weeks" if panel.frequency == "W" else "days"
    least = _FEWEST[panel.frequency]
    words: list[str] = []
    for first in panel.first.tolist():
        if first >= periods:
            words.append(f"insufficient-data: no sales in {periods} {unit}")
        elif periods - first < least:
            words.append(f"insufficient-data: {periods - first} of at least {least} {unit} since the first sale")
        else:
            words.append("ok")
    return words


def _groups(panel: Panel, enough: Mask, horizon: int) -> list[Counts]:
    """Series that are forecast together: old enough for last year's season or not, at most 10,000 at a time."""
    old = len(panel.dates) - panel.first >= 52 + 8 + horizon if panel.frequency == "W" else enough & False
    groups: list[Counts] = []
    for kind in (enough & old, enough & ~old):
        rows = np.flatnonzero(kind).astype(np.int64)
        groups += [rows[i : i + _AT_ONCE] for i in range(0, len(rows), _AT_ONCE)]
    return groups


def _forecast_alike(panel: Panel, horizon: int) -> tuple[Vector, str, tuple[BackTest | None, ...]]:
    trial = _try_past(panel, horizon)
    setting = set_up(panel, horizon)
    uses_forest = trial is None or trial.weights.get("forest", 0.0) > 0
    found = methods(setting, forest_of(setting) if uses_forest else None)
    if trial is None:
        mixed = mix(list(found.values()), _believed(list(found), np.zeros(len(found)), 0))
        return widen(mixed, _WITHOUT_BACK_TEST), "+".join(found), (None,) * len(panel.names)
    used = {name: weight for name, weight in trial.weights.items() if weight > 0 and name in found}
    total = sum(used.values())
    mixed = mix([found[name] for name in used], np.array([weight / total for weight in used.values()]))
    return widen(mixed, trial.width), "+".join(sorted(used)), trial.scores


def _try_past(panel: Panel, horizon: int) -> _Trial | None:
    """Forecast the last known periods from what came before them; None where the history is too short."""
    periods = len(panel.dates)
    least = _SHORTEST_TRAINING[panel.frequency]
    origins = [periods - horizon * (i + 1) for i in range(_ORIGINS)]
    origins = sorted(origin for origin in origins if origin >= max(least, periods // 2))
    if not origins:
        return None
    forest = forest_of(set_up(panel.until(origins[0]), horizon))
    tried = [methods(set_up(panel.until(origin), horizon), forest) for origin in origins]
    # Origins too early for a method that the later ones have say nothing about it.
    names = list(tried[-1])
    pairs = [(origin, found) for origin, found in zip(origins, tried, strict=True) if list(found) == names]
    origins, tried = [origin for origin, _ in pairs], [found for _, found in pairs]
    truths = [panel.values[:, origin : origin + horizon] for origin in origins]
    known = [panel.first < origin for origin in origins]
    alive = known[0]
    if not alive.any():
        return None
    members = [[found[name][alive] for name in names] for found in tried]
    seen = [truth[alive] for truth in truths]
    scale = naive_scale(hold_spikes(panel.values[:, : origins[-1]]))
    weights = _believed(names, choose_weights(members, seen, scale[alive]), len(origins))
    mixed = [mix([found[name] for name in names], weights) for found in tried]
    width = choose_width([part[alive] for part in mixed[-_WIDTH_ORIGINS:]], seen[-_WIDTH_ORIGINS:])
    naives = [naive(panel.until(origin), horizon) for origin in origins]
    scores = _scores([widen(part, width) for part in mixed], truths, naives, scale)
    shown = tuple(score if ok else None for score, ok in zip(scores, alive.tolist(), strict=True))
    return _Trial(dict(zip(names, weights.tolist(), strict=True)), width, shown)


def _believed(names: list[str], weights: Vector, origins: int) -> Vector:
    """Weights pulled towards what is believed of the methods: a few origins share the same good or bad weeks."""
    prior = np.array([_BELIEF[name] for name in names])
    share = origins / (origins + _BELIEF_ORIGINS)
    return weights * share + prior / max(prior.sum(), 1e-9) * (1 - share)


def _scores(mixed: list[Vector], truths: list[Vector], naives: list[Vector], scale: Vector) -> list[BackTest]:
    truth, quantiles = np.concatenate(truths, axis=1), np.concatenate(mixed, axis=1)
    below = np.where(scale > 0, scale, np.nan)
    ours = np.abs(truth - quantiles[:, :, MIDDLE]).mean(axis=1) / below
    plain = np.abs(truth - np.concatenate(naives, axis=1)).mean(axis=1) / below
    inside = ((truth >= quantiles[:, :, 3]) & (truth <= quantiles[:, :, 11])).mean(axis=1)
    rows = zip(ours.tolist(), plain.tolist(), inside.tolist(), strict=True)
    return [BackTest(len(truths), a, b, c) for a, b, c in rows]
