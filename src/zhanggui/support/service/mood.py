"""Mood per product, carrier and topic over time, and a week told in figures and customers' own words."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.privacy import redact
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support.models.complaints import (
    MOOD_GROUPS,
    URGENCIES,
    Complaint,
    Digest,
    MoodGroup,
    MoodTrend,
    Quote,
)
from zhanggui.support.rules.mood import trends
from zhanggui.support.store.complaints import ComplaintStore, MoodStore

_QUOTES = 8
_QUOTE = 400  # characters of a quote; a longer one ends with an ellipsis
_WINDOWS = 5


def mood_trends(uow: UnitOfWork, group: MoodGroup, *, until: date | None = None, window: int = 7) -> list[MoodTrend]:
    """Each product's, carrier's or topic's last days against four times as many before, the worst change first.

    Raises:
        BadInput: another group, or a window of no or more than 90 days.
    """
    if group not in MOOD_GROUPS:
        raise BadInput(field="by", expected=f"one of {', '.join(MOOD_GROUPS)}", found=str(group))
    if not 1 <= window <= 90:
        raise BadInput(field="window", expected="1 to 90 days", found=str(window))
    last = until or uow.clock.now().date()
    start = _midnight(last - timedelta(days=window * _WINDOWS - 1))
    return trends(MoodStore(uow).days(group, start, _midnight(last + timedelta(days=1))), until=last, window=window)


def weekly_digest(uow: UnitOfWork, *, end: date | None = None) -> Digest:
    """The seven days up to `end` (today): figures, what got worse, and quotes; personal data in quotes is masked."""
    last = end or uow.clock.now().date()
    first = last - timedelta(days=6)
    start, stop = _midnight(first), _midnight(last + timedelta(days=1))
    found = ComplaintStore(uow).between(start, stop)
    texts, negative = MoodStore(uow).totals(start, stop)
    now = uow.clock.now()
    worse = [one for group in MOOD_GROUPS for one in mood_trends(uow, group, until=last) if one.worse]
    return Digest(
        first,
        last,
        texts,
        negative / texts if texts else 0.0,
        dict(Counter(one.kind for one in found).most_common()),
        sum(one.state in ("open", "taken") and one.deadline < now for one in found),
        sum(one.settled_at is not None for one in found),
        tuple(worse[:10]),
        _quotes(found),
    )


def _quotes(found: list[Complaint]) -> tuple[Quote, ...]:
    """The gravest complaints in their own words, of every kind some."""
    ordered = sorted(found, key=lambda one: (URGENCIES.index(one.urgency), -one.at.timestamp()))
    taken: Counter[str] = Counter()
    quotes: list[Quote] = []
    for one in ordered:
        if taken[one.kind] < 2 and len(quotes) < _QUOTES:
            taken[one.kind] += 1
            text = redact(one.text, one.locale)[0]
            shown = text if len(text) <= _QUOTE else text[:_QUOTE] + "…"
            quotes.append(Quote(shown, one.source, one.source_id, one.at, one.kind))
    return tuple(quotes)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
