"""How much to keep and when to order: pure arithmetic on a forecast and on what a supplier asks."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special  # pyright: ignore[reportMissingTypeStubs] - scipy ships none

from zhanggui.kernel.errors import BadInput
from zhanggui.planning.models import Demand, StockAdvice, StockItem, Vector

# Days of one SKU rise and fall together: correlation between the errors of two days ahead.
DAY_CORRELATION = 0.3
_LOWEST, _HIGHEST = 0.5, 0.995


def advise(item: StockItem, demand: Demand, *, budget_minor: int | None = None) -> StockAdvice:
    """What to order now under periodic review: up to the demand of lead time and review, at the wanted service.

    The target is the quantile of demand over lead time plus review time (Silver, Pyke & Thomas 2017, ch. 6, (R, s, S)
    policies); demand over that time is taken as gamma distributed with the forecast's mean and variance and the lead
    time's own variation. The service is the critical ratio of the newsvendor where costs are known (Arrow, Harris &
    Marschak 1951).

    Raises:
        BadInput: a number of the item is below zero, or its service is no probability.
    """
    _check(item)
    service, from_costs = wanted_service(item)
    lead = over_lead_time(item, demand, item.lead_days)
    whole = over_lead_time(item, demand, item.lead_days + item.review_days)
    point = gamma_quantile(*lead, service)
    target = gamma_quantile(*whole, service)
    pace = whole[0] / max(item.lead_days + item.review_days, 1)
    quantity, limited = 0, ""
    if item.position <= max(point, target - pace * item.review_days):
        quantity, limited = order_quantity(item, target, pace, budget_minor)
    return StockAdvice(
        sku=item.sku,
        service=service,
        from_costs=from_costs,
        demand=whole[0],
        safety_stock=max(target - whole[0], 0.0),
        reorder_point=point,
        target=target,
        quantity=quantity,
        cover_days=item.position / pace if pace > 0 else None,
        limited_by=limited,
        cost_minor=quantity * item.cost_minor,
    )


def wanted_service(item: StockItem) -> tuple[float, bool]:
    """(probability of no stock-out in a cycle, whether costs set it).

    Newsvendor: missed / (missed + kept), where keeping a unit over one review costs its share of a year.
    """
    kept = item.cost_minor * item.holding_percent / 100 * item.review_days / 365
    if item.missed_minor > 0 and kept > 0:
        return min(max(item.missed_minor / (item.missed_minor + kept), _LOWEST), _HIGHEST), True
    return item.service, False


def over_lead_time(item: StockItem, demand: Demand, days: float) -> tuple[float, float]:
    """(mean, variance) of the demand over some days; beyond the forecast its last week goes on."""
    whole = max(math.ceil(days), 1)
    mean, spread = _stretched(demand.mean, whole), _stretched(demand.spread, whole)
    if days < whole:
        mean[-1] *= days - (whole - 1)
        spread[-1] *= days - (whole - 1)
    own = float((1 - DAY_CORRELATION) * (spread**2).sum() + DAY_CORRELATION * spread.sum() ** 2)
    pace = float(mean.sum()) / max(days, 1e-9)
    return float(mean.sum()), own + pace**2 * item.lead_spread**2


def gamma_quantile(mean: float, variance: float, probability: float) -> float:
    """Quantile of the gamma distribution with a mean and a variance; the mean itself where nothing varies."""
    if mean < 1e-9:
        return 0.0
    if variance <= (1e-6 * mean) ** 2:  # the shape would pass what floating point can hold
        return mean
    shape = mean**2 / variance
    return float(special.gammaincinv(shape, probability)) * variance / mean


def order_quantity(item: StockItem, target: float, pace: float, budget_minor: int | None = None) -> tuple[int, str]:
    """(units to order, what limited it): whole packs up to the target, at least the MOQ, within shelf life and budget.

    Shelf life and budget round down; where less than the MOQ would be left, nothing is ordered.
    """
    missing = target - item.position
    if missing <= 0:
        return 0, ""
    pack = max(item.pack, 1)
    quantity, limited = math.ceil(missing / pack) * pack, ""
    least = math.ceil(item.least / pack) * pack
    if quantity < least:
        quantity, limited = least, "least"
    ceilings: list[tuple[float, str]] = []
    if item.shelf_days:
        ceilings.append((max(pace * item.shelf_days - item.position, 0.0), "shelf"))
    if budget_minor is not None and item.cost_minor:
        ceilings.append((budget_minor / item.cost_minor, "budget"))
    for most, word in ceilings:
        if quantity > most:
            quantity, limited = math.floor(most / pack) * pack, word
    return (quantity, limited) if quantity >= max(least, 1) else (0, limited)


def share_budget(items: Sequence[tuple[StockItem, Demand]], budget_minor: int) -> list[StockAdvice]:
    """Advice for many SKUs within one budget: those whose stock lasts shortest are served first; order is kept."""
    alone = [advise(item, demand) for item, demand in items]
    order = sorted(range(len(items)), key=lambda i: math.inf if (days := alone[i].cover_days) is None else days)
    left, final = budget_minor, list(alone)
    for i in order:
        if alone[i].quantity:
            final[i] = advise(*items[i], budget_minor=left)
            left -= final[i].cost_minor
    return final


def _stretched(values: Sequence[float], days: int) -> Vector:
    if not values:
        return np.zeros(days)
    week = values[-min(7, len(values)) :]
    longer = list(values[:days])
    while len(longer) < days:
        longer.extend(week)
    return np.array(longer[:days], dtype=np.float64)


def _check(item: StockItem) -> None:
    for name in ("on_hand", "reserved", "incoming", "lead_days", "lead_spread", "review_days", "least", "shelf_days"):
        value = float(getattr(item, name))
        if not 0 <= value < 1e9:
            raise BadInput(field=name, expected="a number from 0", found=str(value))
    if item.pack < 1:
        raise BadInput(field="pack", expected="a whole number from 1", found=str(item.pack))
    if not 0 < item.service < 1:
        raise BadInput(field="service", expected="a probability between 0 and 1", found=str(item.service))
