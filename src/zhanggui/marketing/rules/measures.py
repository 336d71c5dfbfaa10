"""What is computed of customers: RFM, segments, affinities, who waits for lower prices, lifetime value with reasons."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import median

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import minor_digits
from zhanggui.marketing.models.customers import Affinity, Measures, PastOrder
from zhanggui.marketing.rules.lifetime import BuyingModel, History, SpendModel, lifetime_value

_WEEK = 7 * 86_400.0
_HORIZON = 52.0
_CHURN_WEEKS = 90 / 7
_PRIOR = 3.0  # orders' worth of what everybody buys that an affinity starts with
Orders = Mapping[str, Sequence[PastOrder]]


def measure(orders: Orders, now: datetime) -> dict[str, Measures]:
    """The measures of every customer with an order.

    Orders of another currency than most are left out of amounts; orders after `now` are left out of everything.
    """
    kept = {customer: sorted(found, key=_at) for customer, placed in orders.items() if (found := _until(placed, now))}
    if not kept:
        return {}
    currency = Counter(order.currency for found in kept.values() for order in found).most_common(1)[0][0]
    scale = 10 ** minor_digits(currency)
    amounts = {
        customer: [order.total_minor / scale if order.currency == currency else 0.0 for order in found]
        for customer, found in kept.items()
    }
    scores = _rfm(kept, amounts, now)
    usual = _usual_shares(kept)
    prices = _usual_prices(kept)
    measured = {
        customer: Measures(
            orders=len(found),
            spent=round(sum(amounts[customer]), 2),
            days_since_last=_days(found[-1].at, now),
            days_since_first=_days(found[0].at, now),
            rfm=scores[customer],
            segment=rfm_segment(*scores[customer], len(found)),
            affinities=affinities(found, usual),
            discount_share=discount_share(found, prices),
        )
        for customer, found in kept.items()
    }
    return _with_lifetime(measured, _histories(kept, amounts, now))


def rfm_segment(recency: int, frequency: int, money: int, orders: int) -> str:
    """A name for scores from 1 (worst fifth) to 5 (best)."""
    if orders == 1:
        return "new" if recency >= 4 else "hibernating" if recency <= 2 else "other"
    if recency >= 4 and frequency >= 4 and money >= 4:
        return "champions"
    if recency >= 3 and frequency >= 3:
        return "loyal"
    if recency >= 3:
        return "promising"
    return "at-risk" if frequency >= 3 else "hibernating"


def affinities(orders: Sequence[PastOrder], usual: Mapping[str, float], most: int = 3) -> tuple[Affinity, ...]:
    """Categories and brands that are in more of a customer's orders than in everybody's; two orders at least.

    The customer's share starts from everybody's as if it had been seen in three orders (a Beta prior).
    """
    counts = Counter(thing for order in orders for thing in order.things if not thing.startswith("product:"))
    found = [
        Affinity(thing, seen, len(orders), (seen + _PRIOR * usual[thing]) / (len(orders) + _PRIOR), usual[thing])
        for thing, seen in counts.items()
        if seen >= 2
    ]
    liked = [one for one in found if one.share > 1.2 * one.usual]
    return tuple(sorted(liked, key=_lift)[:most])


def discount_share(orders: Sequence[PastOrder], usual: Mapping[str, float]) -> float | None:
    """The share of units bought at least 5 % below the item's usual price; None with fewer than 3 units to judge by."""
    units = cheap = 0
    for order in orders:
        for sku, count, price in order.prices:
            if sku in usual and count > 0:
                units += count
                cheap += count if price < 0.95 * usual[sku] else 0
    return None if units < 3 else round(cheap / units, 3)


def _until(orders: Sequence[PastOrder], now: datetime) -> list[PastOrder]:
    return [order for order in orders if order.at <= now]


def _at(order: PastOrder) -> datetime:
    return order.at


def _lift(one: Affinity) -> tuple[float, str]:
    return (-(one.share - one.usual), one.thing)


def _days(since: datetime, now: datetime) -> float:
    return round((now - since).total_seconds() / 86_400, 2)


def _rfm(orders: Orders, amounts: Mapping[str, Sequence[float]], now: datetime) -> dict[str, tuple[int, int, int]]:
    names = list(orders)
    recency = _fifths([-_days(orders[name][-1].at, now) for name in names])
    frequency = _fifths([float(len(orders[name])) for name in names])
    money = _fifths([sum(amounts[name]) for name in names])
    return {name: (recency[place], frequency[place], money[place]) for place, name in enumerate(names)}


def _fifths(values: Sequence[float]) -> list[int]:
    """1 .. 5 by the share of others that are lower; equal values get equal scores."""
    ordered = np.sort(np.asarray(values))
    below = np.searchsorted(ordered, values, side="left")
    ties = np.searchsorted(ordered, values, side="right")
    middle = (below + ties) / 2 / len(ordered)
    return [int(min(5, 1 + share * 5)) for share in middle]


def _usual_shares(orders: Orders) -> dict[str, float]:
    counts: Counter[str] = Counter()
    total = 0
    for found in orders.values():
        total += len(found)
        for order in found:
            counts.update(order.things)
    return {thing: seen / total for thing, seen in counts.items()}


def _usual_prices(orders: Orders) -> dict[str, float]:
    seen: dict[str, list[int]] = defaultdict(list)
    for found in orders.values():
        for order in found:
            for sku, _, price in order.prices:
                seen[sku].append(price)
    return {sku: float(median(prices)) for sku, prices in seen.items() if len(prices) >= 3}


def _histories(orders: Orders, amounts: Mapping[str, Sequence[float]], now: datetime) -> History:
    rows: list[tuple[float, float, float, float]] = []
    for customer, found in orders.items():
        first = found[0].at
        days: dict[int, float] = defaultdict(float)
        for order, amount in zip(found, amounts[customer], strict=True):
            days[int((order.at - first).total_seconds() // 86_400)] += amount
        repeats = sorted(day for day in days if day > 0)
        spend = sum(days[day] for day in repeats) / len(repeats) if repeats else 0.0
        age = (now - first).total_seconds() / _WEEK
        rows.append((len(repeats), min(age, repeats[-1] / 7) if repeats else 0.0, age, max(0.0, spend)))
    table: NDArray[np.float64] = np.asarray(rows, dtype=np.float64)
    return History(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _with_lifetime(measured: dict[str, Measures], history: History) -> dict[str, Measures]:
    """Lifetime value, churn and the next order, where there are customers enough to learn from."""
    try:
        buying, spending = BuyingModel.fit(history), SpendModel.fit(history)
    except BadInput as short:
        reason = {"lifetime_value": f"not enough data: {short.message}"}
        return {customer: replace(one, reasons=reason) for customer, one in measured.items()}
    value = lifetime_value(buying, spending, history, weeks=_HORIZON)
    churn, alive = buying.silent(history, _CHURN_WEEKS), buying.alive(history)
    wait = buying.weeks_to_next(history) * 7
    order = np.argsort(np.argsort(-value.expected, kind="stable"), kind="stable")
    answers: dict[str, Measures] = {}
    for place, (customer, one) in enumerate(measured.items()):
        why = (
            f"{int(history.repeats[place])} repeat orders in {history.observed[place]:.0f} weeks, the last after "
            f"{history.last[place]:.0f}; {alive[place]:.0%} likely still a customer"
        )
        answers[customer] = replace(
            one,
            lifetime_value=round(float(value.expected[place]), 2),
            value_interval=(round(float(value.lower[place]), 2), round(float(value.upper[place]), 2)),
            churn_risk=round(float(churn[place]), 4),
            days_to_next=round(float(min(wait[place], 3_650)), 1),
            value_rank=round(100 * (float(order[place]) + 1) / len(measured), 2),
            reasons={"lifetime_value": why},
        )
    return answers
