"""The methods of forecasting, each as quantiles `[series, horizon, GRID]` of a panel that ends at its origin."""

from dataclasses import dataclass

import numpy as np

from zhanggui.planning.models import GRID, MIDDLE, Panel, Vector
from zhanggui.planning.rules.panel import future_dates
from zhanggui.planning.rules.recent import hold_spikes, rising, shop_rhythm, window_quantiles
from zhanggui.planning.rules.seasonal import YEAR_OF_WEEKS, day_factors, profile_quantiles, year_ago
from zhanggui.planning.service.forest import Forest, grow

_STEPS = {"W": (1, 2, 3, 4, 6, 10, 18, 30), "D": (1, 4, 10, 21, 42, 74, 120, 180)}
_WINDOWS = {"W": (13, 26), "D": (35, 91)}
_LEVELS = (56, 91, 182)
_FEWEST_DAYS_FOR_PROFILE = 182
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Setting:
    """What a panel looks like to the methods: spikes held, the calendar and the shop's rhythm taken out.

    `plain` has spikes held only; `even` is `plain` over `past` (factors and rhythm); `future` are the factors to come.
    """

    panel: Panel
    horizon: int
    plain: Vector
    even: Vector
    past: Vector
    future: Vector


def set_up(panel: Panel, horizon: int) -> Setting:
    """Take calendar and rhythm out of a panel."""
    plain = hold_spikes(panel.values)
    past, future = np.ones_like(plain), np.ones((len(plain), horizon))
    if panel.frequency == "D" and plain.shape[1] >= 21:
        past, future = day_factors(plain, panel.first, panel.dates, future_dates(panel, horizon))
    rhythm = shop_rhythm(plain / past, width=9 if panel.frequency == "W" else 15)
    return Setting(panel, horizon, plain, plain / past / rhythm, past, future)


def forest_of(setting: Setting) -> Forest | None:
    """The forest of a panel's past; one that a back-test grew earlier may answer for later origins too."""
    return grow(setting.even, setting.panel.first, _steps(setting))


def methods(setting: Setting, forest: Forest | None) -> dict[str, Vector]:
    """Every method that fits the panel's length: name -> quantiles."""
    panel = setting.panel
    found = {
        f"window-{width}": _window(setting, width)
        for width in _WINDOWS[panel.frequency][: 2 if setting.even.shape[1] > 20 else 1]
    }
    if forest is not None:
        found["forest"] = _forest(setting, forest)
    if panel.frequency == "D" and setting.plain.shape[1] >= _FEWEST_DAYS_FOR_PROFILE:
        found["profile"] = profile_quantiles(setting.plain, setting.past, setting.future, _LEVELS)
    if panel.frequency == "W":
        yearly = _year(setting)
        if yearly is not None:
            found["year-ago"] = yearly
    return found


def naive(panel: Panel, horizon: int) -> Vector:
    """As in the last period (weeks) or on the same weekday of the last week (days) `[series, horizon]`."""
    season = 7 if panel.frequency == "D" and panel.values.shape[1] >= 7 else 1
    times = -(-horizon // season)
    return np.tile(panel.values[:, -season:], (1, times))[:, :horizon]


def _window(setting: Setting, width: int) -> Vector:
    quantiles = window_quantiles(setting.even, setting.panel.first, width)
    return quantiles[:, None, :] * setting.future[:, :, None]


def _forest(setting: Setting, forest: Forest) -> Vector:
    steps = np.array(_steps(setting))
    few = forest.quantiles(setting.even, setting.panel.first, steps.tolist())
    nearest = np.abs(np.arange(1, setting.horizon + 1, dtype=np.int64)[:, None] - steps[None, :]).argmin(axis=1)
    return rising(few[:, nearest] * setting.future[:, :, None])


def _steps(setting: Setting) -> tuple[int, ...]:
    inside = tuple(step for step in _STEPS[setting.panel.frequency] if step <= setting.horizon)
    return inside or (1,)


def _year(setting: Setting) -> Vector | None:
    """The year-ago mixture with the spread of its own past errors; None where fewer than two origins can be tried."""
    values, horizon = setting.plain, setting.horizon
    periods = values.shape[1]
    least = YEAR_OF_WEEKS + 8
    step = max(1, horizon // 3)
    origins = [periods - horizon - step * i for i in range(_TRIES) if periods - horizon - step * i >= least]
    if len(origins) < 2 or horizon > YEAR_OF_WEEKS:
        return None
    # Errors of the time when only one year could be looked back on are larger than today's, where there are two.
    two_years = [origin for origin in origins if origin >= 2 * YEAR_OF_WEEKS + 8]
    origins = two_years if len(two_years) >= 2 else origins
    marks = setting.panel.flags
    small = np.maximum(values.mean(axis=1, keepdims=True) * 0.02, 1e-6)
    errors: list[Vector] = []
    for origin in origins:
        point = np.mean(year_ago(values[:, :origin], marks[:, : origin + horizon], horizon), axis=0)
        truth = values[:, origin : origin + horizon]
        errors.append(np.log((truth + small) / (point + small)))
    past = np.concatenate(errors, axis=1)
    size = np.abs(past).mean(axis=1, keepdims=True)
    size = size * 0.7 + size.mean() * 0.3 + 1e-9
    shape = np.quantile(past / size, GRID)
    shape = shape - shape[MIDDLE] * 0.7
    middle = np.mean(year_ago(values, marks[:, : periods + horizon], horizon), axis=0)
    spread = np.exp(np.clip(shape * size, -5, 3))
    return rising((middle[:, :, None] + small[:, :, None]) * spread[:, None, :] - small[:, :, None])
