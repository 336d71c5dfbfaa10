"""The shop's year: sales events, the Chinese new year by its published date, weekdays, growth."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhanggui.demo.records import SalesEvent
from zhanggui.demo.source import bilingual, read


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """The calendar data file."""

    lunar_new_year: list[date]
    events: list[dict[str, Any]]
    black_friday: dict[str, Any]
    new_year: dict[str, Any]
    weekdays: list[float]


@dataclass(frozen=True, slots=True)
class Year:
    """Everything about days: the events of the span, each day's factor on the number of orders, which sale is on, the
    days around the new year on which carriers and the warehouse rest."""

    events: tuple[SalesEvent, ...]
    factors: dict[date, float]
    sales: dict[date, SalesEvent]
    rest: frozenset[date]

    def percent(self, day: date, category: str) -> int:
        """The discount in percent on a category that day."""
        sale = self.sales.get(day)
        return sale.percent if sale and (not sale.categories or category in sale.categories) else 0


def make_year(first: date, last: date) -> Year:
    """The calendar of the days `first` to `last`, both included."""
    source = read("calendar", CalendarFile)
    factors: dict[date, float] = {}
    count = (last - first).days + 1
    for offset in range(count):
        day = first + timedelta(days=offset)
        factors[day] = (0.82 + 0.36 * offset / max(1, count - 1)) * source.weekdays[day.weekday()]
    events: list[SalesEvent] = []
    for year in range(first.year, last.year + 2):
        events += _events_of(source, year, factors)
    for new_year in source.lunar_new_year:
        events += _spring_festival(source, new_year, factors)
    kept = tuple(sorted((event for event in events if event.last >= first and event.first <= last), key=_by_day))
    sales: dict[date, SalesEvent] = {}
    for event in kept:
        if event.percent:
            sales |= dict.fromkeys(_days_of(event), event)
    rest = frozenset(day for event in kept if event.key == "spring-festival" for day in _days_of(event))
    return Year(kept, factors, sales, rest)


def _days_of(event: SalesEvent) -> list[date]:
    return [event.first + timedelta(days=offset) for offset in range((event.last - event.first).days + 1)]


def _by_day(event: SalesEvent) -> tuple[date, str]:
    return event.first, event.key


def _events_of(source: CalendarFile, year: int, factors: dict[date, float]) -> list[SalesEvent]:
    made: list[SalesEvent] = []
    for row in source.events:
        first, last = (date.fromisoformat(f"{year}-{row[end]}") for end in ("from", "to"))
        made.append(
            SalesEvent(
                row["key"], bilingual(row["name"]), first, last, row["percent"], tuple(str(row["categories"]).split())
            )
        )
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in factors:
                factors[day] *= _lift(row["lift"], row["peak"], offset, (last - first).days)
    friday = _black_friday(year)
    row = source.black_friday
    made.append(SalesEvent(row["key"], bilingual(row["name"]), friday, friday + timedelta(days=3), row["percent"]))
    for offset, share in enumerate((1.0, 0.6, 0.5, 0.7)):
        day = friday + timedelta(days=offset)
        if day in factors:
            factors[day] *= 1 + (row["lift"] - 1) * share
    return made


def _lift(height: float, peak: str, offset: int, length: int) -> float:
    """How much of an event's height a day gets: even, the last day, or the first and the last days."""
    if peak == "even" or length == 0:
        return height
    share = 1.0 if offset == length else 0.22 + 0.18 * offset / length
    if peak == "both" and offset == 0:
        share = 0.8
    return 1 + (height - 1) * share


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _spring_festival(source: CalendarFile, new_year: date, factors: dict[date, float]) -> list[SalesEvent]:
    row = source.new_year
    for first, last, factor in (row["busy"], row["still"]):
        for offset in range(first, last + 1):
            day = new_year + timedelta(days=offset)
            if day in factors:
                factors[day] *= factor
    busy, still = row["busy"], row["still"]
    return [
        SalesEvent(
            "new-year-goods",
            bilingual(row["goods"]),
            new_year + timedelta(days=busy[0]),
            new_year + timedelta(days=busy[1]),
            8,
        ),
        SalesEvent(
            row["key"],
            bilingual(row["name"]),
            new_year + timedelta(days=still[0]),
            new_year + timedelta(days=still[1]),
            0,
        ),
    ]
