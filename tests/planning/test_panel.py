"""Rows of sales become demand on a calendar: every rule of cleaning, with its oracle."""

from datetime import date

import numpy as np
import pytest

from zhanggui.kernel.errors import BadInput
from zhanggui.planning.models import Sales
from zhanggui.planning.rules.panel import build_panel, future_dates, stray

MONDAY = date(2026, 1, 5).toordinal()


def sales(rows: list[tuple[str, int, float]], stock: list[float] | None = None) -> Sales:
    """Sales of (series, days after Monday, units)."""
    names = tuple(dict.fromkeys(name for name, _, _ in rows))
    return Sales(
        names,
        np.array([names.index(name) for name, _, _ in rows], dtype=np.int64),
        np.array([MONDAY + day for _, day, _ in rows], dtype=np.int64),
        np.array([units for _, _, units in rows], dtype=np.float64),
        np.array(stock if stock is not None else [np.nan] * len(rows)),
    )


def test_rows_of_a_day_add_up_and_days_without_a_row_sold_nothing() -> None:
    panel = build_panel(sales([("a", 0, 2), ("a", 0, 3), ("a", 3, 1), ("b", 4, 7)]), "D", 2)
    assert panel.values.tolist() == [[5, 0, 0, 1, 0], [0, 0, 0, 0, 7]]
    assert panel.first.tolist() == [0, 4]
    assert future_dates(panel, 2) == (date(2026, 1, 10), date(2026, 1, 11))


@pytest.mark.parametrize("anchor", range(7))
def test_weeks_keep_the_weekday_of_the_data(anchor: int) -> None:
    panel = build_panel(sales([("a", anchor + 7 * week, 1 + week) for week in range(5)]), "W", 3)
    assert {day.weekday() for day in panel.dates} == {anchor}
    assert panel.values.tolist() == [[1, 2, 3, 4, 5]]
    assert future_dates(panel, 1)[0].toordinal() == MONDAY + anchor + 35


def test_days_become_weeks_that_end_with_the_last_day() -> None:
    panel = build_panel(sales([("a", day, 1) for day in range(3, 24)]), "W", 1)
    assert panel.values.tolist() == [[7, 7, 7]]
    assert panel.dates[0].toordinal() == MONDAY + 3


def test_a_sale_taken_back_whole_was_no_demand_and_other_returns_come_off_their_period() -> None:
    rows = [("a", 0, 5.0), ("a", 1, 74215.0), ("a", 1, -74215.0), ("a", 2, 6.0), ("a", 2, -2.0), ("a", 3, -9.0)]
    assert build_panel(sales(rows), "D", 1).values.tolist() == [[5, 0, 4, 0]]


def test_a_day_sold_out_counts_as_what_the_days_around_it_sold() -> None:
    rows = [("a", day, 0.0 if day == 5 else 10.0) for day in range(10)]
    panel = build_panel(sales(rows, [0.0 if day == 5 else 1.0 for day in range(10)]), "D", 1)
    assert panel.values[0].tolist() == [10.0] * 10
    assert panel.filled[0].tolist() == [day == 5 for day in range(10)]


def test_an_unknown_day_is_no_zero_and_the_future_is_not_history() -> None:
    rows = [("a", day, float("nan") if day == 4 else 8.0) for day in range(9)] + [("a", 9, float("nan"))]
    panel = build_panel(sales(rows), "D", 3)
    assert panel.values[0].tolist() == [8.0] * 9


def test_a_missing_row_of_a_steady_series_is_a_hole_and_of_a_slow_one_a_zero() -> None:
    steady = [("a", 7 * week, 100.0 + week) for week in range(20) if week != 9]
    slow = [("b", 7 * week, 1.0) for week in range(0, 20, 3)]
    panel = build_panel(sales(steady + slow), "W", 1)
    assert panel.filled[0, 9]
    assert 100 < panel.values[0, 9] < 120
    assert panel.values[1, 1] == 0


def test_nothing_to_count_is_bad_input() -> None:
    with pytest.raises(BadInput):
        build_panel(sales([("a", 0, float("nan"))]), "D", 1)


def test_a_day_alone_in_another_decade_is_stray() -> None:
    days = np.array([*range(700_000, 700_100), 730_000], dtype=np.int64)
    assert stray(days).tolist() == [False] * 100 + [True]
