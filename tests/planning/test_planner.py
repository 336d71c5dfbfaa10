"""Forecasts kept from the shop's own orders, people's numbers over them, purchase orders and their undo."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from zhanggui.desk import Desk, Kinds
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning import DayDemand, ForecastStore, Planner, RestockKind, StockItem, StockStore, propose_restock


class WrittenDemand:
    """Demand from a list: the port's second implementation beside the orders'."""

    def __init__(self, rows: list[DayDemand]) -> None:
        self._rows = rows

    def daily(self, uow: UnitOfWork, since: date) -> Iterable[DayDemand]:
        return [row for row in self._rows if row.day >= since]


@pytest.fixture
def today(uow: UnitOfWork) -> date:
    return uow.clock.now().date()


@pytest.fixture
def planner(today: date) -> Planner:
    rows = [
        DayDemand(sku, today - timedelta(days=back), float(units))
        for back in range(120)
        for sku, units in (("cup", 10 + back % 3), ("pen", 2))
    ]
    rows.append(DayDemand("new", today - timedelta(days=1), 5.0))
    return Planner(WrittenDemand(rows))


def test_a_run_keeps_forecasts_and_says_where_history_is_short(uow: UnitOfWork, planner: Planner, today: date) -> None:
    done = planner.run(uow, 28)
    assert (done.series, done.enough, done.horizon, done.first) == (3, 2, 28, today)
    seen = planner.outlook(uow, "cup")
    assert len(seen.days) == 28
    assert all(9 < day.mean < 13 and 0 <= day.low80 <= day.median <= day.high80 for day in seen.days)
    assert max(row.day for row in seen.history) == today - timedelta(days=1)
    assert planner.outlook(uow, "new").info.status.startswith("insufficient-data")
    with pytest.raises(NotFound):
        planner.outlook(uow, "nothing")


def test_a_second_run_changes_nothing(uow: UnitOfWork, planner: Planner) -> None:
    planner.run(uow)
    before = planner.outlook(uow, "cup").days
    planner.run(uow)
    assert planner.outlook(uow, "cup").days == before


def test_people_put_their_number_first_and_take_it_back(uow: UnitOfWork, planner: Planner, today: date) -> None:
    planner.run(uow)
    span = (today + timedelta(days=2), today + timedelta(days=4))
    own = planner.override(uow, "cup", span, 90.0, "live stream")
    planned = [day.expected for day in planner.outlook(uow, "cup").days[:6]]
    assert planned[2:5] == [90.0] * 3
    assert planned[0] < 20 > planned[5]
    ForecastStore(uow).withdraw(own.id)
    assert all(day.planned is None for day in planner.outlook(uow, "cup").days)
    assert planner.outlook(uow, "cup").overrides[0].withdrawn_at is not None
    with pytest.raises(NotFound):
        ForecastStore(uow).withdraw(own.id)


@pytest.mark.parametrize(
    ("units", "reason", "days"), [(-1.0, "why", 1), (1.0, "  ", 1), (1.0, "why", -1), (float("nan"), "why", 1)]
)
def test_numbers_that_cannot_be_are_refused(
    uow: UnitOfWork, planner: Planner, today: date, units: float, reason: str, days: int
) -> None:
    planner.run(uow)
    with pytest.raises(BadInput):
        planner.override(uow, "cup", (today, today + timedelta(days=days)), units, reason)


def test_people_are_scored_against_the_model_on_past_days(uow: UnitOfWork, planner: Planner, today: date) -> None:
    planner.run(uow)
    yesterday = today - timedelta(days=1)
    row = {"sku": "pen", "day": yesterday, "mean": 2.0, "median": 2.0, "low80": 1.0, "high80": 3.0}
    ForecastStore(uow).keep([], [{**row, "made_at": uow.clock.now()}])
    planner.override(uow, "pen", (yesterday, today), 7.0, "guess")
    score = planner.override_score(uow, "pen")
    assert score is not None
    assert (score.days, score.people, score.model) == (1, 5.0, 0.0)
    assert planner.override_score(uow, "cup") is None


def stock(uow: UnitOfWork) -> None:
    StockStore(uow).put(
        [
            StockItem("cup", on_hand=30, lead_days=7, pack=12, least=24, cost_minor=350, supplier="Kiln"),
            StockItem("pen", on_hand=900, supplier="Kiln"),
            StockItem("new", on_hand=0, supplier="Kiln"),
        ]
    )


def test_restock_is_proposed_once_applied_and_undone(uow: UnitOfWork, planner: Planner) -> None:
    planner.run(uow)
    stock(uow)
    kinds = Kinds()
    kind = RestockKind(planner)
    kinds.register(kind)
    desk = Desk(kinds)
    (proposal,) = propose_restock(uow, planner, desk)
    (line,) = proposal.payload["lines"]  # type: ignore[misc] # a JSON list
    assert line["sku"] == "cup"  # type: ignore[index, call-overload]
    quantity = int(line["quantity"])  # type: ignore[index, call-overload, arg-type]
    assert quantity % 12 == 0
    assert 110 <= quantity + 30 <= 230
    assert all(check.passed for check in kind.check(uow, proposal.payload))
    assert [again.id for again in propose_restock(uow, planner, desk)] == [proposal.id]
    undo = kind.apply(uow, proposal.payload, "key-1")
    assert StockStore(uow).all(["cup"])[0].incoming == quantity
    assert not all(check.passed for check in kind.check(uow, proposal.payload))
    with pytest.raises(Conflict):
        kind.apply(uow, proposal.payload, "key-1")
    kind.undo(uow, proposal.payload, undo)
    assert StockStore(uow).all(["cup"])[0].incoming == 0
    assert StockStore(uow).purchase("key-1").state == "cancelled"
    with pytest.raises(Conflict):
        kind.undo(uow, proposal.payload, undo)


@pytest.mark.parametrize(
    "lines",
    [[], "cup", [{"sku": "cup", "quantity": -1}], [{"sku": "cup", "quantity": 1.5}], [{"sku": "", "quantity": 1}]],
)
def test_orders_that_cannot_be_are_refused(uow: UnitOfWork, planner: Planner, lines: object) -> None:
    with pytest.raises(BadInput):
        RestockKind(planner).check(uow, {"currency": "CNY", "supplier": "Kiln", "lines": lines})  # type: ignore[dict-item]


def test_a_shop_without_orders_has_nothing_to_forecast(uow: UnitOfWork) -> None:
    done = Planner(WrittenDemand([])).run(uow)
    assert (done.series, done.first) == (0, None)
