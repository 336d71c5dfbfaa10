"""Expected arrivals of open parcels, from the shop's own delivered ones."""

from dataclasses import replace
from datetime import timedelta

from tests.orders.desk_shop import NOW, delivered_order, order, put, sent

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import expected_arrivals


def test_an_open_parcel_is_told_from_delivered_ones(uow: UnitOfWork) -> None:
    put(uow, *(delivered_order(f"D{n}", days=5 + n) for n in range(12)))
    parcel = sent("sent", ended_at=None, at=NOW - timedelta(days=1), tracking_number="YQ2")
    (on_its_way, waiting) = put(
        uow, order("OPEN", parcels=(parcel,), promised_at=NOW + timedelta(days=4)), order("NEW")
    )
    told = expected_arrivals(uow, on_its_way)
    assert list(told) == ["S1"]
    one = told["S1"]
    assert one.likely == NOW + timedelta(days=2), "all twelve took three days"
    assert (one.based_on, one.by_promise) == (12, 1.0) and "yunque" in one.why.en
    assert expected_arrivals(uow, waiting) == {}


def test_without_a_past_nothing_is_told(uow: UnitOfWork) -> None:
    parcel = replace(sent("sent", ended_at=None), at=NOW - timedelta(days=1))
    (name,) = put(uow, order("OPEN", parcels=(parcel,)))
    assert expected_arrivals(uow, name) == {}
