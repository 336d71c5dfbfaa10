"""Days on which shops sell otherwise: Chinese and Western sales events, fixed, by weekday and by the moon."""

from datetime import date, timedelta

from zhanggui.planning.models import SalesEvent

# First day of the lunar year (Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table).
_LUNAR_NEW_YEAR = {
    2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
# (name, name in Chinese, month, day, days before, days after)
_FIXED = (
    ("38 Women's Day", "38 节", 3, 8, 4, 0),
    ("618", "618", 6, 18, 17, 2),
    ("Double 11", "双11", 11, 11, 11, 0),
    ("Double 12", "双12", 12, 12, 2, 0),
    ("Valentine's Day", "情人节", 2, 14, 7, 0),
    ("Christmas", "圣诞节", 12, 25, 21, 0),
    ("National Day", "国庆节", 10, 1, 0, 6),
)


def sales_events(first: date, last: date) -> tuple[SalesEvent, ...]:
    """Every event that touches the days from `first` to `last`, in order of time."""
    found = [event for year in range(first.year - 1, last.year + 2) for event in _of_year(year)]
    return tuple(sorted((e for e in found if e.last >= first and e.first <= last), key=lambda e: (e.first, e.name)))


def _of_year(year: int) -> list[SalesEvent]:
    events: list[SalesEvent] = []
    for name, name_zh, month, day, before, after in _FIXED:
        middle = date(year, month, day)
        events.append(SalesEvent(name, name_zh, middle - timedelta(days=before), middle + timedelta(days=after)))
    if year in _LUNAR_NEW_YEAR:
        new_year = date(year, *_LUNAR_NEW_YEAR[year])
        events.append(SalesEvent("Spring Festival", "春节", new_year - timedelta(days=1), new_year + timedelta(days=6)))
        shopping = new_year - timedelta(days=2)
        events.append(SalesEvent("Spring Festival shopping", "年货节", new_year - timedelta(days=28), shopping))
    black_friday = _thanksgiving(year) + timedelta(days=1)
    events.append(SalesEvent("Black Friday", "黑色星期五", black_friday, black_friday + timedelta(days=3)))
    return events


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)
