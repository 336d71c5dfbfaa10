"""Somebody is written through every door, erased, and then looked for in every table and in every file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from tests.conftest import TESTER
from tests.orders.tellings import make_order, paid, yuan
from zhanggui.app import App, build
from zhanggui.catalog import ProductStore
from zhanggui.desk import Draft, Evidence
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Address, Customer, Product, SourceRefund
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.llm.store import Call, LlmStore
from zhanggui.kernel.storage import UnitOfWork, metadata, remember
from zhanggui.marketing import CustomerStore, allow_channel, refresh_customers, tag_customer, take_events
from zhanggui.orders import OrderQuery, Origin, order_details, search_orders, take
from zhanggui.settings import Settings
from zhanggui.support import Feedback, Inbound

# One word for each place that a person's data comes in by; none occurs anywhere else.
MARKS = (
    "Qzxnameperson", "qzxmail", "13977761234", "Qzxstreet", "Qzxnote", "Qzxrefund", "Qzxchat", "Qzxcomplaint",
    "Qzxtag", "Qzxsearch", "Qzxvisitor", "Qzxcustomer", "Qzxprompt", "Qzxanswer", "Qzxquote", "Qzxsigned", "Qzxplace",
)  # fmt: skip
EMAIL = "qzxmail.person@example.com"
SAID = 'Qzxchat says "my parcel never came", please help me at once.\nIt was a present.'
GRUMBLE = "Qzxcomplaint: the cup arrived broken, terrible quality, I want a refund now!"
NOW = datetime.now(UTC)
_BYSTANDER = Customer("other-1", "Bystander Bo", "bo@example.com", "13988887777")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = build(Settings(data_dir=tmp_path / "data", model="none"))
    yield made
    made.close()


def _write_orders(uow: UnitOfWork) -> None:
    home = Address("CN", "上海", "Qzxplacecity", "", "Qzxstreet 5", "200001", "Qzxnameperson Li", "13977761234")
    person = Customer("Qzxcustomer-1", "Qzxnameperson Li", EMAIL, "13977761234", (home,))
    now = NOW
    refund = SourceRefund("r1", yuan(4_000), now - timedelta(days=1), "pay", "Qzxrefund because it broke")
    told = make_order(
        "9001", placed_at=now - timedelta(days=3), customer=person, shipping_address=home, refunds=(refund,),
        payments=(paid(),), note="Qzxnote leave it at the door",
    )  # fmt: skip
    other = make_order("9002", placed_at=now - timedelta(days=2), customer=_BYSTANDER, note="ring twice")
    assert all(one.problem is None for one in take(uow, [told, other], Origin("s1", "test")))


def _write_marketing(app: App, uow: UnitOfWork) -> str:
    ProductStore(uow).save(Product("SKU-A", "茶杯"))
    refresh_customers(uow, app.marketing.book)
    customer = CustomerStore(uow).owners([f"email:{EMAIL}"])[f"email:{EMAIL}"]
    tag_customer(uow, customer, ["Qzxtag"])
    allow_channel(uow, customer, "email", True)
    events = [
        {"id": "e1", "kind": "search", "customer": "s1:Qzxcustomer-1", "visitor": "Qzxvisitor1", "query": "Qzxsearch"},
        {"id": "e2", "kind": "view", "visitor": "Qzxvisitor1", "product": "SKU-A"},
        {"id": "e3", "kind": "view", "customer": "bo@example.com", "product": "SKU-A"},
    ]
    assert take_events(uow, events, app.marketing.goods, source="api").stored == 3
    return customer


def _write_support(app: App, uow: UnitOfWork) -> None:
    received = app.chat.conversations.receive(uow, Inbound("Qzxvisitor1", SAID, "k1", locale="en"))
    assert received.outcome == "new"
    app.chat.conversations.receive(uow, Inbound("somebody", "Where is my order?", "k2", locale="en"))
    order = search_orders(uow, OrderQuery(text="#9001")).items[0].id
    complaint = Feedback("review", "rev-1", GRUMBLE, datetime.now(UTC), "Qzxcustomer-1", order)
    assert app.complaints.hear(uow, complaint) is not None


def _write_copies(app: App, uow: UnitOfWork) -> None:
    """What other records keep of them: a proposal, the models' cache, a remembered answer, a job's item."""
    draft = Draft(
        "restock", "sku:SKU-A", f"Because Qzxnameperson Li asked ({EMAIL})", {"why": SAID},
        (Evidence("history", "chat", SAID.splitlines()[0]),), (), 0.5, fingerprint="x",
    )  # fmt: skip
    app.desk.propose(uow, draft)
    LlmStore(uow).remember(Call("t", "1", "p", "m", "key", "ok"), f"Dear Qzxnameperson Li, {EMAIL}: Qzxanswer")
    remember(uow, f"idem-{EMAIL}", b"{}", {"customer": {"name": "Qzxnameperson Li", "email": EMAIL}})
    table = metadata.tables["jobs"]
    row = {"id": "job1", "kind": "test", "key": None, "arguments": {"prompt": f"{SAID} for {EMAIL}"}, "state": "done",
           "total": 0, "chunk": 1, "started_by": "x", "created_at": datetime.now(UTC)}  # fmt: skip
    uow.insert(table, row)


def _everything(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def _found_in_tables(app: App) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    with app.database.installation(read_only=True) as connection:
        for name in sa.inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                shown = repr(tuple(row)).lower()
                found += [(name, mark) for mark in MARKS if mark.lower() in shown]
    return found


def test_no_table_and_no_file_remembers_who_was_erased(app: App, tmp_path: Path) -> None:
    with app.database.begin("main", TESTER) as uow:
        _write_orders(uow)
        customer = _write_marketing(app, uow)
        _write_support(app, uow)
        _write_copies(app, uow)
    # Every mark that a door took is really there before, or the search below would prove nothing.
    there = {mark for _, mark in _found_in_tables(app)}
    assert there >= set(MARKS) - {"Qzxprompt", "Qzxquote", "Qzxsigned"}

    with app.database.begin("main", TESTER) as uow:
        exported = orjson.dumps(app.people.export(uow, customer)).decode()
    for mark in ("Qzxnameperson", "Qzxstreet", "Qzxchat", "Qzxcomplaint", "Qzxtag", "Qzxsearch", "Qzxnote"):
        assert mark in exported, mark
    assert "bo@example.com" not in exported and "Where is my order?" not in exported

    with app.database.begin("main", TESTER) as uow:
        done = app.people.erase(uow, EMAIL)
    app.people.finish("main")
    assert done.records["orders"] == 1 and done.records["conversations"] == 1 and done.records["complaints"] == 1
    assert _found_in_tables(app) == []
    written = _everything(tmp_path / "data").lower()
    assert [mark for mark in MARKS if mark.lower().encode() in written] == []
    assert done.person.removeprefix("person:").encode() in written  # the hash in the audit, and nothing else


def test_the_books_the_others_and_the_audit_stay_whole(app: App) -> None:
    with app.database.begin("main", TESTER) as uow:
        _write_orders(uow)
        _write_marketing(app, uow)
        _write_support(app, uow)
    with app.database.begin("main", TESTER) as uow:
        app.people.erase(uow, "s1:Qzxcustomer-1")
    with app.database.begin("main", TESTER) as uow:
        orders = {one.number: one for one in search_orders(uow, OrderQuery()).items}
        assert orders["#9001"].total.minor == 25_000 and orders["#9001"].customer_name == ""
        details = order_details(uow, orders["#9001"].id)
        assert details.told.shipping_address == Address(country="CN", region="上海")
        assert orders["#9002"].customer_name == "Bystander Bo"
        assert order_details(uow, orders["#9002"].id).told.note == "ring twice"
        assert [one.name for one in CustomerStore(uow).everybody()] == ["Bystander Bo"]
        assert list(AuditLog(uow).verify()) == []
        with pytest.raises(NotFound):
            app.people.erase(uow, "s1:Qzxcustomer-1")
        # The nightly refresh does not bring anybody back.
        refresh_customers(uow, app.marketing.book, everything=True)
        people = [one for one in CustomerStore(uow).everybody() if one.name != "Bystander Bo"]
        assert all(not (one.name or one.email or one.phone) for one in people)


def test_a_shop_that_tells_the_same_again_brings_nobody_back(app: App) -> None:
    with app.database.begin("main", TESTER) as uow:
        _write_orders(uow)
        before = orjson.dumps(str(search_orders(uow, OrderQuery(text="#9001")).items[0]))
    assert b"Qzxnameperson" in before
    with app.database.begin("main", TESTER) as uow:
        app.people.erase(uow, EMAIL)
    with app.database.begin("main", TESTER) as uow:
        _write_orders(uow)
        shown = [str(one) for one in search_orders(uow, OrderQuery()).items]
    assert not any("Qzxnameperson" in one for one in shown)


def test_deleted_pages_are_overwritten_at_once(app: App, tmp_path: Path) -> None:
    with app.database.begin("main", TESTER) as uow:
        remember(uow, "idem", b"{}", {"text": "Qzxpage " * 400})
    with app.database.begin("main", TESTER) as uow:
        uow.change(uow.delete(metadata.tables["idempotency_keys"]))
    app.people.finish("main")
    assert b"Qzxpage" not in _everything(tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "zhanggui.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
