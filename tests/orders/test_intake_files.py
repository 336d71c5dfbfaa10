"""Files of orders: exports, any table, the public sets; looked at first, imported, taken back."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from tests.orders.tellings import make_order, state

from zhanggui.connectors.order_files import OrderColumns, open_orders
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import (
    OrderQuery,
    Origin,
    dry_run_orders,
    import_orders,
    order_details,
    preflight_orders,
    search_orders,
    take_one,
    undo_order_import,
)

SHOPIFY_CSV = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Name,Shipping Street,Shipping City,Shipping Zip,Shipping Country,Notes,Cancelled at,Payment Method,Refunded Amount,Id
#1001,a@example.com,partially_refunded,2025-01-05 10:13:00 -0500,fulfilled,2025-01-06 09:00:00 -0500,USD,100.00,10.00,8.60,108.60,10.00,2025-01-05 10:12:33 -0500,2,Mug - red,30.00,MUG,Ann Lee,Ann Lee,1 Quay,Portland,97201,US,,,card,30.00,5550001
#1001,a@example.com,,,,,,,,,,,2025-01-05 10:12:33 -0500,1,Lamp,40.00,LAMP,,,,,,,,,,,
#1002,b@example.com,pending,,unfulfilled,,USD,5.00,0.00,0.00,5.00,0.00,2025-01-06 10:12:33 -0500,1,Card,5.00,CARD,Bo,Bo,2 Quay,Portland,97201,US,,2025-01-07 00:00:00 -0500,card,0.00,5550002
"""  # noqa: E501 - an export's lines are long
TAOBAO_CSV = """\
订单编号,买家会员名,订单状态,订单创建时间,订单付款时间,商品标题,商家编码,数量,单价,运费,实付金额,收货人,收货地址,发货时间,快递单号
T1,小王,卖家已发货,2025-11-11 00:01:02,2025-11-11 00:02:00,青瓷茶杯,CUP,2,"1,050.00",0.00,2100.00,王小明,浙江省杭州市文三路 1 号,2025/11/12 8:00,SF1
T2,小李,等待买家付款,2025-11-11 00:03:00,,碗,BOWL,1,20,5,25,李四,上海市,,
T3,小张,交易成功,2025-11-11 00:03:00,2025-11-11 00:04:00,碗,BOWL,-1,20,5,-15,张三,上海市,,
T4,小张,交易成功,昨天,2025-11-11 00:04:00,碗,BOWL,1,20,5,25,张三,上海市,,
"""  # noqa: E501 - an export's lines are long


@pytest.fixture
def shopify(tmp_path: Path) -> Path:
    path = tmp_path / "orders_export.csv"
    path.write_text(SHOPIFY_CSV, encoding="utf-8")
    return path


def test_a_shopify_export_is_imported_and_taken_back(uow: UnitOfWork, shopify: Path) -> None:
    with open_orders(shopify, "CNY") as file:
        report = preflight_orders(file)
        assert (report.format, report.orders, report.problem_count) == ("shopify-orders", 2, 0)
        assert dry_run_orders(uow, file, shop_id="s1").created == 2
        assert search_orders(uow, OrderQuery()).total == 0
        done = import_orders(uow, file, shop_id="s1")
        assert (done.created, done.held) == (2, 0)
        assert import_orders(uow, file, shop_id="s1").unchanged == 2
    found = order_details(uow, "s1:5550001")
    assert (found.summary.payment_state, found.summary.delivery_state) == ("part-refunded", "sent")
    assert [line.quantity for line in found.told.lines] == [2, 1]
    assert order_details(uow, "s1:5550002").summary.state == "cancelled"
    assert done.import_id is not None
    assert undo_order_import(uow, done.import_id).removed == 2
    assert not any(state(uow, "s1").values())
    with pytest.raises(Conflict):
        undo_order_import(uow, done.import_id)


def test_undo_restores_what_was_changed(uow: UnitOfWork, shopify: Path) -> None:
    take_one(uow, make_order("5550001", note="older"), Origin("s1", "webhook"))
    before = state(uow, "s1")
    shopify.write_text(SHOPIFY_CSV.replace("2025-01-0", "2025-12-0"), encoding="utf-8")
    with open_orders(shopify, "CNY") as file:
        done = import_orders(uow, file, shop_id="s1")
    assert (done.created, done.changed) == (1, 1)
    assert done.import_id is not None
    undone = undo_order_import(uow, done.import_id)
    assert (undone.removed, undone.restored, undone.left) == (1, 1, ())
    assert state(uow, "s1") == before


def test_a_chinese_table_in_gbk_is_read_by_its_names(uow: UnitOfWork, tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    path.write_bytes(TAOBAO_CSV.encode("gb18030"))
    with open_orders(path, "CNY") as file:
        done = import_orders(uow, file, shop_id="s1")
    assert (done.created, done.rejected) == (2, 2)
    assert [(bad.row, bad.field) for bad in done.problems] == [(4, "quantity"), (5, "placed_at")]
    first = order_details(uow, "s1:T1")
    assert (first.summary.payment_state, first.summary.delivery_state, first.summary.total.minor) == (
        "paid",
        "sent",
        210_000,
    )
    assert order_details(uow, "s1:T2").summary.payment_state == "unpaid"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("id,name\n1,x\n", "order_id"),
        ("order_id,quantity,unit_price\n1,1,1\n", "placed_at"),
        ("", "file"),
    ],
)
def test_a_file_that_orders_cannot_be_made_from_is_refused(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as wrong, open_orders(path, "CNY") as file:
        list(file.read())
    assert wrong.value.field == field


def test_a_mapping_may_be_given(tmp_path: Path, uow: UnitOfWork) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("k,w,n,p\nA,2025-01-01 10:00+08:00,2,3.50\nA,2025-01-01 10:00+08:00,1,1\n", encoding="utf-8")
    columns = OrderColumns({"k": "order_id", "w": "placed_at", "n": "quantity", "p": "unit_price"}, "CNY")
    with open_orders(path, "CNY", mapping=columns) as file:
        assert import_orders(uow, file, shop_id="s1").created == 1
    found = order_details(uow, "s1:A")
    assert found.summary.total.minor == 800 and found.summary.placed_at.hour == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "kind"),
    [("eland_samples/ecommerce.json.gz", "eland"), ("tau2_retail/db.json", "tau2"), ("olist_10k", "olist")],
)
def test_public_sets_load_and_add_up(uow: UnitOfWork, shared_data: Path, path: str, kind: str) -> None:
    with open_orders(shared_data / path, "USD") as file:
        assert file.format == kind
        done = import_orders(uow, file, shop_id=kind)
    total = search_orders(uow, OrderQuery(limit=1)).total
    assert total == done.created == {"eland": 4_675, "tau2": 1_000, "olist": 6_917}[kind]
    # Olist lists orders that were cancelled before they had items: named, not made up.
    assert done.rejected == (83 if kind == "olist" else 0)


@pytest.mark.slow
def test_the_gift_shops_sums_equal_a_plain_sum(shared_data: Path) -> None:
    path = shared_data / "online_retail_uci" / "online_retail.parquet"
    with open_orders(path, "GBP") as file:
        reads = list(file.read())
    orders = [read.order for read in reads if not isinstance(read, BadInput)]
    table = pl.read_parquet(path).unique()
    sales = table.filter(
        ~pl.col("InvoiceNo").str.starts_with("C") & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") >= 0)
    )
    assert len(orders) == sales["InvoiceNo"].n_unique()
    plain = (sales["UnitPrice"].round(2) * 100).round(0).cast(pl.Int64) * sales["Quantity"]
    assert sum(order.total.minor for order in orders) == plain.sum()
    refunds = sum(len(order.refunds) for order in orders)
    missing = Counter(read.field for read in reads if isinstance(read, BadInput) and read.found.startswith("C"))
    cancelled = table.filter(pl.col("InvoiceNo").str.starts_with("C") & (pl.col("UnitPrice") > 0))
    assert refunds > 1_000 and refunds + missing["InvoiceNo"] >= len(cancelled)
