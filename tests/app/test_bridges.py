"""Where capabilities meet: what one asks is what another one knows, neither more nor less."""

from datetime import date, timedelta

from tests.orders.tellings import START, make_order, yuan
from zhanggui.app.bridges import CatalogueProof, CountedStock, OrderedDemand, OrderedWork, ShopGoods, ShopOrders
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Address, Customer, Product, SourceParcel
from zhanggui.kernel.storage import UnitOfWork, metadata
from zhanggui.marketing import Variant
from zhanggui.orders import Origin, take
from zhanggui.planning import StockItem, StockStore

CUP = Product(id="cup", title="Tea cup", brand="Yunshan", category=("Kitchen",), attributes={"Material": ("Glass",)})


def _tables(uow: UnitOfWork) -> None:
    metadata.create_all(uow.connection)


def test_free_stock_is_on_hand_less_reserved_and_never_below_zero(uow: UnitOfWork) -> None:
    _tables(uow)
    StockStore(uow).put([StockItem("A", on_hand=10, reserved=3), StockItem("B", on_hand=1, reserved=5)])
    assert CountedStock().free(uow, ["A", "B"]) == {"A": 7, "B": 0}
    assert CountedStock().free(uow, ["A", "A"]) == {"A": 7}


def test_stock_that_nobody_counts_is_unknown_and_not_zero(uow: UnitOfWork) -> None:
    _tables(uow)
    assert CountedStock().free(uow, ["A"]) is None
    StockStore(uow).put([StockItem("A", on_hand=10)])
    assert CountedStock().free(uow, ["A", "never counted"]) is None
    assert CountedStock().free(uow, []) is None


def test_demand_is_what_was_ordered_by_day(uow: UnitOfWork) -> None:
    _tables(uow)
    late = make_order("2", placed_at=START + timedelta(days=1), version=30)
    take(uow, [make_order("1"), late], Origin("s1", "test"))
    found = {(one.sku, one.day): one.units for one in OrderedDemand().daily(uow, date(2025, 12, 1))}
    first, second = date(2025, 12, 1), date(2025, 12, 2)
    assert found == {("SKU-A", first): 2, ("SKU-B", first): 1, ("SKU-A", second): 2, ("SKU-B", second): 1}
    assert {one.day for one in OrderedDemand().daily(uow, second)} == {second}


def test_work_is_orders_by_day_and_parcels_by_warehouse(uow: UnitOfWork) -> None:
    _tables(uow)
    packed = SourceParcel("p1", {make_order().lines[0].id: 1}, START, "delivered", "sf", "SF1", "east", START)
    gone = make_order("3", cancelled_at=START + timedelta(hours=1), version=2)
    take(uow, [make_order("1"), make_order("2", parcels=(packed,)), gone], Origin("s1", "test"))
    first, second = date(2025, 12, 1), date(2025, 12, 2)
    assert dict(OrderedWork().orders(uow, first)) == {first: 2}
    assert dict(OrderedWork().orders(uow, second)) == {}
    assert dict(OrderedWork().parcels(uow, first, second)) == {"east": 1}
    assert dict(OrderedWork().parcels(uow, second, second + timedelta(days=9))) == {}


def test_past_orders_say_who_what_and_whether_they_were_cancelled(uow: UnitOfWork) -> None:
    _tables(uow)
    ProductStore(uow).save(CUP)
    who, where = Customer("c1", "Li", "li@example.com", ""), Address(city="Hangzhou", phone="13800000000")
    line = make_order().lines[0]
    bought = (type(line)(line.id, "cup", "茶杯", 2, yuan(10_000)),)
    kept = make_order("1", lines=bought, total=yuan(21_000), customer=who, shipping_address=where)
    gone = make_order("2", cancelled_at=START + timedelta(hours=1), version=2)
    take(uow, [kept, gone], Origin("s1", "test"))
    first, second = ShopOrders().orders(uow, None)
    assert (first.customer.phone, first.customer.place) == ("13800000000", "Hangzhou")
    assert first.things == {"product:茶杯", "category:Kitchen", "brand:Yunshan"}
    assert first.prices == (("cup", 2, 10_000),) and not first.void
    assert second.void and second.customer.email == ""
    assert list(ShopOrders().orders(uow, START + timedelta(days=1))) == []


def test_goods_are_known_by_product_and_unknown_ones_are_left_out(uow: UnitOfWork) -> None:
    _tables(uow)
    ProductStore(uow).save(CUP)
    found = ShopGoods().things(uow, ["cup", "nothing"])
    assert found == {"cup": {"product:Tea cup", "category:Kitchen", "brand:Yunshan"}}


def test_a_campaign_may_claim_what_the_catalogue_or_the_sender_knows_and_no_more(uow: UnitOfWork) -> None:
    _tables(uow)
    ProductStore(uow).save(CUP)
    proof = CatalogueProof()
    assert proof.facts(uow, "cup") == ("Tea cup", (("Material", "Glass"),))
    text = Variant("a", "A tea cup made of stainless steel.", "Tea cup")
    assert not all(one.passed for one in proof.check(uow, text, "cup", (), "en"))
