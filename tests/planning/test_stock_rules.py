"""Stock arithmetic against oracles, and its limits as properties."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zhanggui.kernel.errors import BadInput
from zhanggui.planning import Demand, StockItem, advise
from zhanggui.planning.rules.events import sales_events
from zhanggui.planning.rules.stock import gamma_quantile, over_lead_time, share_budget, wanted_service


def flat(mean: float, spread: float) -> Demand:
    return Demand((mean,) * 60, (spread,) * 60)


@pytest.mark.parametrize(("mean", "variance", "probability"), [(10, 4, 0.95), (3, 30, 0.8), (200, 1, 0.5)])
def test_gamma_quantile_is_scipys(mean: float, variance: float, probability: float) -> None:
    oracle = stats.gamma(mean**2 / variance, scale=variance / mean).ppf(probability)
    assert gamma_quantile(mean, variance, probability) == pytest.approx(oracle)


def test_lead_time_demand_by_hand() -> None:
    mean, variance = over_lead_time(StockItem("a", lead_spread=2.0), flat(10, 3), 4.0)
    own = 0.7 * 4 * 9 + 0.3 * (4 * 3) ** 2
    assert mean == pytest.approx(40)
    assert variance == pytest.approx(own + 10**2 * 2**2)


def test_newsvendor_ratio() -> None:
    item = StockItem("a", cost_minor=1000, missed_minor=400, holding_percent=36.5, review_days=10)
    # Kept for a review: 1000 * 0.365 * 10 / 365 = 10.
    assert wanted_service(item) == (pytest.approx(400 / 410), True)
    assert wanted_service(StockItem("a", service=0.9)) == (0.9, False)


def test_steady_demand_is_bought_up_to_the_target_in_packs() -> None:
    advice = advise(StockItem("a", on_hand=5, lead_days=7, review_days=7, pack=6), flat(2, 0))
    assert (advice.target, advice.reorder_point, advice.safety_stock) == (28, 14, 0)
    assert advice.quantity == 24
    assert advice.cover_days == pytest.approx(2.5)


def test_shelf_life_and_budget_lower_an_order_and_the_least_order_raises_it() -> None:
    demand = flat(2, 0)
    assert advise(StockItem("a", least=100), demand).quantity == 100
    assert advise(StockItem("a", shelf_days=5), demand).limited_by == "shelf"
    assert advise(StockItem("a", shelf_days=5), demand).quantity == 10
    assert advise(StockItem("a", shelf_days=5, least=50), demand).quantity == 0
    short, long = share_budget(
        [(StockItem("a", on_hand=8, cost_minor=10), demand), (StockItem("b", cost_minor=10), demand)], 300
    )
    assert (short.quantity, short.limited_by, long.quantity) == (2, "budget", 28)


def test_nothing_expected_buys_nothing() -> None:
    advice = advise(StockItem("a"), Demand((), ()))
    assert (advice.quantity, advice.cover_days) == (0, None)


@pytest.mark.parametrize(
    "bad", [{"on_hand": -1}, {"pack": 0}, {"service": 1.0}, {"lead_days": math.nan}, {"least": 10**12}]
)
def test_records_that_cannot_be_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        advise(StockItem("a", **bad), flat(1, 1))  # type: ignore[arg-type]


@given(
    on_hand=st.integers(0, 10_000),
    pack=st.integers(1, 50),
    least=st.integers(0, 500),
    mean=st.floats(0, 500),
    spread=st.floats(0, 200),
    service=st.floats(0.5, 0.99),
)
def test_orders_keep_to_what_the_supplier_asks(
    on_hand: int, pack: int, least: int, mean: float, spread: float, service: float
) -> None:
    item = StockItem("a", on_hand=on_hand, pack=pack, least=least, service=service)
    advice = advise(item, flat(mean, spread))
    assert advice.quantity % pack == 0
    assert advice.quantity == 0 or advice.quantity >= least
    assert advice.target >= advice.reorder_point - 1e-6 * (1 + advice.target)
    if advice.quantity and advice.limited_by != "least":
        assert on_hand + advice.quantity - pack < advice.target <= on_hand + advice.quantity + 1e-9
    more = advise(StockItem("a", on_hand=on_hand, service=min(service + 0.005, 0.995)), flat(mean, spread))
    assert more.target >= advice.target - 1e-6 * (1 + advice.target)


def test_sales_events_of_a_year() -> None:
    found = {event.name: event for event in sales_events(date(2026, 1, 1), date(2026, 12, 31))}
    assert found["Black Friday"].first == date(2026, 11, 27)
    assert found["Spring Festival"].first == date(2026, 2, 16)
    assert found["Double 11"].last == date(2026, 11, 11)
    assert found["618"].first == date(2026, 6, 1)
    assert sales_events(date(2026, 7, 1), date(2026, 7, 2)) == ()
