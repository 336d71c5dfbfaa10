"""CDNOW's purchases as histories: what was known after some weeks, and what came after."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np

from zhanggui.marketing.rules.lifetime import History

START = date(1997, 1, 1)


def read_cdnow(file: Path, *, weeks: int) -> tuple[History, np.ndarray, np.ndarray]:
    """Histories as known after `weeks` from the start of 1997; then purchases and amounts in as many weeks more.

    Purchases of one day are one purchase. Times are weeks; amounts dollars.
    """
    days: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for line in file.read_text(encoding="ascii").splitlines()[1:]:
        customer, day, _, amount = line.split()
        at = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        days[customer][(at - START).days] += float(amount)
    end, after = weeks * 7, weeks * 14
    rows: list[tuple[float, float, float, float]] = []
    purchases: list[int] = []
    amounts: list[float] = []
    for bought in days.values():
        first = min(bought)
        known = sorted(day for day in bought if first < day < end)
        later = [day for day in bought if end <= day < after]
        spend = float(np.mean([bought[day] for day in known])) if known else 0.0
        last = (known[-1] - first) / 7 if known else 0.0
        rows.append((len(known), last, (end - first) / 7, spend))
        purchases.append(len(later))
        amounts.append(sum(bought[day] for day in later))
    return History(*np.asarray(rows, dtype=np.float64).T), np.asarray(purchases), np.asarray(amounts)
