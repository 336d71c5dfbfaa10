"""Orders per day and parcels per warehouse ahead, and the people who pack them."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning import DayDemand, Planner, Staffing, people_for, staff_of


class WrittenWork:
    """The port's second implementation beside the orders'."""

    def __init__(self, orders: Mapping[date, int], parcels: Mapping[str, int]) -> None:
        self._orders, self._parcels = orders, parcels
        self.asked: tuple[date, date] | None = None

    def daily(self, uow: UnitOfWork, since: date) -> list[DayDemand]:
        return []

    def orders(self, uow: UnitOfWork, since: date) -> Mapping[date, int]:
        return {day: count for day, count in self._orders.items() if day >= since}

    def parcels(self, uow: UnitOfWork, first: date, until: date) -> Mapping[str, int]:
        self.asked = (first, until)
        return self._parcels


@pytest.fixture
def today(uow: UnitOfWork) -> date:
    return uow.clock.now().date()


def _staffing(work: WrittenWork) -> Staffing:
    return Staffing(Planner(work), work)


def test_weekends_are_busier_and_warehouses_add_up(uow: UnitOfWork, today: date) -> None:
    days = [today - timedelta(days=back) for back in range(1, 141)]
    work = WrittenWork({day: 90 if day.weekday() >= 5 else 30 for day in days} | {today: 1_000}, {"east": 0, "west": 0})
    staffing = _staffing(work)
    counted = sum(90 if day.weekday() >= 5 else 30 for day in days[4:60])
    work._parcels = {"east": counted, "west": counted // 2}
    history = staffing.read(uow)
    assert work.asked == (today - timedelta(days=60), today - timedelta(days=4))
    assert history.packed_orders == counted
    told = staffing.tell(history, 14)
    assert told.status == "ok" and [day.day for day in told.days] == [today + timedelta(days=n) for n in range(14)]
    assert dict(told.parcels_per_order) == {"east": 1.0, "west": 0.5}
    for day in told.days:
        assert 0 <= day.low80 <= day.high80
        assert abs(day.orders - (90 if day.day.weekday() >= 5 else 30)) < 9, day
        assert math.isclose(sum(day.parcels.values()), 1.5 * day.orders)
    assert told.back_test is not None and told.back_test.mase < 0.01
    assert told.history[-1] == (today - timedelta(days=1), work.orders(uow, days[0])[days[0]])
    assert set(staff_of(told.days[0], told, 40)) == {"east", "west"}


def test_too_little_is_said_and_not_guessed(uow: UnitOfWork, today: date) -> None:
    told = _staffing(WrittenWork({}, {})).tell(_staffing(WrittenWork({}, {})).read(uow))
    assert told.status.startswith("insufficient-data") and not told.days and not told.history
    one = WrittenWork({today - timedelta(days=1): 4}, {})
    told = _staffing(one).tell(_staffing(one).read(uow))
    assert told.status.startswith("insufficient-data") and not told.days
    assert told.history == ((today - timedelta(days=1), 4),)


def test_without_warehouses_people_are_counted_by_orders(uow: UnitOfWork, today: date) -> None:
    work = WrittenWork({today - timedelta(days=back): 50 for back in range(1, 100)}, {})
    told = _staffing(work).tell(_staffing(work).read(uow), 7)
    assert not told.parcels_per_order
    assert staff_of(told.days[3], told, 20) == {"": 3}


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_people_are_enough_and_not_one_too_many(parcels: int, each: int) -> None:
    people = people_for(parcels, each)
    assert people * each >= parcels > (people - 1) * each or parcels == people == 0


@pytest.mark.parametrize("each", [0.0, -1.0, math.nan, math.inf])
def test_nobody_packs_nothing(each: float) -> None:
    with pytest.raises(BadInput):
        people_for(10, each)
