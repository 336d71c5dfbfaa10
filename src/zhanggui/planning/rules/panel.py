"""From rows of sales to demand on a regular calendar: duplicates add up, returns undo, holes are told from zeros."""

from datetime import date, timedelta

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.planning.models import Counts, Frequency, Mask, Panel, Sales, Vector

# Older periods say little about the next weeks and cost memory.
_LONGEST = {"D": 366 * 6, "W": 53 * 8}
_WEEK = 7
_STRAY_DAYS = 366
_SHOP = 20


def build_panel(sales: Sales, frequency: Frequency, horizon: int) -> Panel:
    """The regular panel of some sales; all series end where the file ends: a day without a row is a day without a sale.

    Weeks keep the weekday of the data. Where rows fall on several weekdays they are days: weeks then end with the last
    day and are named by their first.

    Raises:
        BadInput: there is no row with a quantity.
    """
    known = np.isfinite(sales.quantity)
    if not known.any():
        raise BadInput(field="quantity", expected="at least one row with a number", found="none")
    origin, step = _calendar(sales.days[known], frequency)
    place = (sales.days - origin) // step
    end = int(place[known].max())
    length = min(end - int(place[known].min()) + 1, _LONGEST[frequency])
    place = place - (end - length + 1)
    values, seen, unknown = _totals(sales, place, length)
    first = np.where((values > 0).any(axis=1), (values > 0).argmax(axis=1), length).astype(np.int64)
    missing = unknown | _sold_out(sales, place, length) | _holes(values, seen, first) | _closed(values)
    missing &= np.arange(length, dtype=np.int64) >= first[:, None]
    start = date.fromordinal(origin + (end - length + 1) * step)
    dates = tuple(start + timedelta(days=step * i) for i in range(length))
    flags = _flags(sales, place, length + horizon)
    return Panel(sales.names, frequency, dates, fill(values, missing, first), first, flags, missing)


def future_dates(panel: Panel, horizon: int) -> tuple[date, ...]:
    """The `horizon` periods after the panel's last."""
    step = _WEEK if panel.frequency == "W" else 1
    return tuple(panel.dates[-1] + timedelta(days=step * (i + 1)) for i in range(horizon))


def stray(days: Counts) -> Mask:
    """Days that stand alone, more than a year before or after all the others: slips of the pen, not history."""
    if len(days) < 3:
        return np.zeros(len(days), dtype=bool)
    distinct = np.unique(days)
    breaks = np.flatnonzero(np.diff(distinct) > _STRAY_DAYS)
    if not len(breaks):
        return np.zeros(len(days), dtype=bool)
    edges = np.concatenate([[0], breaks + 1, [len(distinct)]])
    counts = np.add.reduceat(np.unique(days, return_counts=True)[1], edges[:-1])
    best = int(counts.argmax())
    low, high = distinct[edges[best]], distinct[edges[best + 1] - 1]
    few = counts[best] * 0.05
    odd = np.zeros(len(days), dtype=bool)
    for i in range(len(counts)):
        if i != best and counts[i] <= max(few, 1):
            a, b = distinct[edges[i]], distinct[edges[i + 1] - 1]
            odd |= (days >= a) & (days <= b) & ((days < low) | (days > high))
    return odd


def _calendar(days: Counts, frequency: Frequency) -> tuple[int, int]:
    """(ordinal that a period starts on, days in a period)."""
    if frequency == "D":
        return int(days.min()), 1
    weekdays = np.bincount(days % _WEEK, minlength=_WEEK)
    common = int(weekdays.argmax())
    if weekdays[common] >= 0.9 * len(days):
        return int(days.min()) - (int(days.min()) - common) % _WEEK, _WEEK
    last = int(days.max())
    return last - (_WEEK - 1) - (last - int(days.min())) // _WEEK * _WEEK, _WEEK


def _totals(sales: Sales, place: Counts, length: int) -> tuple[Vector, Mask, Mask]:
    """(units, a row was there, only rows without a number were there), each `[series, period]`."""
    inside = (place >= 0) & (place < length)
    known = inside & np.isfinite(sales.quantity) & ~_undone(sales)
    shape = (len(sales.names), length)
    cell = sales.series * length + place
    values = np.bincount(cell[known], weights=sales.quantity[known], minlength=shape[0] * length).reshape(shape)
    number = inside & np.isfinite(sales.quantity)
    seen = np.bincount(cell[number], minlength=shape[0] * length).reshape(shape) > 0
    empty = inside & ~np.isfinite(sales.quantity)
    blank = np.bincount(cell[empty], minlength=shape[0] * length).reshape(shape) > 0
    return np.maximum(values, 0.0), seen, blank & ~seen


def _undone(sales: Sales) -> Mask:
    """Sales that a later return of exactly the same size took back within 30 days, and those returns: never demand.

    Other returns are taken off the period in which they came.
    """
    gone = np.zeros(len(sales.series), dtype=bool)
    size = np.abs(sales.quantity)
    back = np.isfinite(sales.quantity) & (sales.quantity < 0)
    if not back.any():
        return gone
    keys = set(zip(sales.series[back].tolist(), size[back].tolist(), strict=True))
    rows = [i for i in np.lexsort((back, sales.days)).tolist() if (int(sales.series[i]), float(size[i])) in keys]
    open_: dict[tuple[int, float], list[int]] = {}
    for i in rows:
        waiting = open_.setdefault((int(sales.series[i]), float(size[i])), [])
        if not back[i]:
            waiting.append(i)
        elif waiting and sales.days[i] - sales.days[waiting[-1]] <= 30:
            gone[[i, waiting.pop()]] = True
    return gone


def _sold_out(sales: Sales, place: Counts, length: int) -> Mask:
    """Periods in which the series was sold out at least half of the time that is known of."""
    said = np.isfinite(sales.in_stock) & (place >= 0) & (place < length)
    size = len(sales.names) * length
    cell = sales.series[said] * length + place[said]
    rows = np.bincount(cell, minlength=size)
    out = np.bincount(cell, weights=(sales.in_stock[said] <= 0).astype(float), minlength=size)
    return ((rows > 0) & (out * 2 >= rows)).reshape(len(sales.names), length)


def _holes(values: Vector, seen: Mask, first: Counts) -> Mask:
    """Periods without a row in series that never sell nothing: the row is missing, not the demand."""
    length = values.shape[1]
    age = length - first
    since = np.arange(length, dtype=np.int64) >= first[:, None]
    gap = ~seen & since
    with np.errstate(invalid="ignore"):
        positive = np.where(values > 0, values, np.nan)
    steady = np.zeros(len(values), dtype=bool)
    share = gap.sum(axis=1) / np.maximum(age, 1)
    for i in np.flatnonzero((age >= 8) & (share > 0) & (share < 0.1)).tolist():
        sold = positive[i][np.isfinite(positive[i])]
        zeros = bool((seen[i] & since[i] & (values[i] <= 0)).any())
        last = length - 1 - int(seen[i][::-1].argmax())
        steady[i] = not zeros and sold.min() >= 0.15 * np.median(sold) and np.median(sold) >= 5 and length - last <= 3
    return gap & steady[:, None]


def _closed(values: Vector) -> Mask:
    """Periods in which a whole shop of at least 20 series that sells in nearly all periods sold nothing at all."""
    nothing = values.sum(axis=0) == 0
    closed = nothing & (len(values) >= _SHOP) & (nothing.mean() < 0.1)
    return np.broadcast_to(closed, values.shape).copy()


def fill(values: Vector, missing: Mask, first: Counts) -> Vector:
    """Estimate unseen periods by the median of the eight nearest seen ones; never less than what was sold."""
    filled = values.copy()
    for i in np.flatnonzero(missing.any(axis=1)).tolist():
        good = np.flatnonzero(~missing[i, first[i] :]) + first[i]
        if not len(good):
            continue
        for t in np.flatnonzero(missing[i]).tolist():
            spot = int(np.searchsorted(good, t))
            near = good[max(0, spot - 4) : spot + 4]
            filled[i, t] = max(values[i, t], float(np.median(values[i, near])))
    return filled


def _flags(sales: Sales, place: Counts, length: int) -> Vector:
    """Yes/no covariates as one number a period: bit k is set where flag k was on. 0 where nothing is known."""
    marks = np.zeros((len(sales.names), length))
    inside = (place >= 0) & (place < length)
    for bit, values in enumerate(sales.flags.values()):
        on = inside & (values > 0)
        cells = np.zeros_like(marks, dtype=bool)
        cells[sales.series[on], place[on]] = True
        marks += cells * float(2**bit)
    return marks
