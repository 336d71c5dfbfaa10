"""Mood over time: days added up, and whether a change is more than chance. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from zhanggui.support.models.complaints import MoodDay, MoodTrend

_FEWEST = 5  # texts now and before from which a change may be called one


def trends(days: Iterable[MoodDay], *, until: date, window: int = 7) -> list[MoodTrend]:
    """Each thing's last `window` days against four times as many before, worst change first.

    `z` is that of two shares (pooled two-proportion test); 0 where either side has fewer than five texts.
    """
    by_name: dict[str, list[MoodDay]] = defaultdict(list)
    for day in days:
        if day.name:
            by_name[day.name].append(day)
    start, before = until - timedelta(days=window - 1), until - timedelta(days=window * 5 - 1)
    found = [_trend(name, own, start, before, until) for name, own in by_name.items()]
    return sorted((one for one in found if one.texts), key=lambda one: (-one.z, -one.negative_share, one.name))


def _trend(name: str, days: Sequence[MoodDay], start: date, before: date, until: date) -> MoodTrend:
    now = [day for day in days if start <= day.day <= until]
    then = [day for day in days if before <= day.day < start]
    texts, negative = sum(day.texts for day in now), sum(day.negative for day in now)
    old_texts, old_negative = sum(day.texts for day in then), sum(day.negative for day in then)
    return MoodTrend(
        name,
        texts,
        negative / texts if texts else 0.0,
        old_texts,
        old_negative / old_texts if old_texts else None,
        change(negative, texts, old_negative, old_texts),
        tuple(sorted((*then, *now), key=lambda day: day.day)),
    )


def change(negative: int, texts: int, old_negative: int, old_texts: int) -> float:
    """The two-proportion z of negative shares now against before; 0 where there is too little to tell."""
    if texts < _FEWEST or old_texts < _FEWEST:
        return 0.0
    pooled = (negative + old_negative) / (texts + old_texts)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / texts + 1 / old_texts))
    return (negative / texts - old_negative / old_texts) / spread if spread else 0.0
