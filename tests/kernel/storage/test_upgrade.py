"""A database of the first release, with what a shop had in it, is upgraded; today's code reads every row of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.postgres import fresh_database

import zhanggui.app  # noqa: F401 - declares every table
from zhanggui.catalog import ListingStore, ProductStore, Voice, VoiceStore
from zhanggui.desk import Filter, Inbox, State
from zhanggui.kernel.access import Access
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.storage import Actor, Database, MerchantStore, current_revision, head_revision, metadata, migrate
from zhanggui.kernel.types import Money

THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
# What the first release wrote: literal rows, so that a change of today's writing cannot hide a broken reading.
FIRST = "128d87d31626712bebbdf851eb870aeef677d296dfc458adc83c05a4f47cf8f5"
SECOND = "16d17322bea38c09c8b44062620b3bbb633a26159331816bee9fec39e8210871"
SECRET = "zg_wO_CIX5ZVgoXyemkygnsiSCyGuYiZvpltWmUM3jdt30"
PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$x8looa7F+zy+G8pQXGA7qQ$NRKRvW94PN/BGzk+PYFM4Rbk7eVhSKEUBFerVNrNqmg"
DETAILS = (
    '{"attributes":{"材质":["青瓷"],"容量":["220ml"]},"images":["https://shop.example/p1.jpg"],"tags":["茶"],'
    '"extra":{"产地":"龙泉"}}'
)
ROWS: dict[str, list[dict[str, Any]]] = {
    "merchants": [{"id": "m1", "name": "老店", "locale": "zh-CN", "currency": "CNY", "created_at": THEN}],
    "merchant_settings": [{"merchant_id": "m1", "name": "theme", "value": {"dark": True}, "changed_at": THEN}],
    "shops": [{"merchant_id": "m1", "id": "main", "name": "淘宝店", "channel": "taobao", "created_at": THEN}],
    "staff": [
        {
            "login": "anna",
            "merchant_id": "m1",
            "role": "owner",
            "password": PASSWORD,
            "created_at": THEN,
            "disabled": False,
            "failures": 0,
            "locked_until": None,
        }
    ],
    "tokens": [
        {
            "id": "tok_01M85B7VTJ7N2AHPTX0SH61AM9",
            "merchant_id": "m1",
            "name": "till",
            "digest": "5f1e8e2b554b89bc145cf09d171d963e04b2fc0fb03c52bd8982c984168def4a",
            "scopes": ["read"],
            "created_at": THEN,
            "revoked_at": None,
        }
    ],
    "audit_heads": [{"merchant_id": "m1", "seq": 2, "hash": SECOND}],
    "audit_rows": [
        {
            "merchant_id": "m1", "seq": 1, "at": THEN, "actor": "person:anna", "action": "staff.added",
            "subject": "anna", "detail": {"role": "owner"}, "previous": "0" * 64, "hash": FIRST,
        },
        {
            "merchant_id": "m1", "seq": 2, "at": THEN, "actor": "person:anna", "action": "products.imported",
            "subject": "b1", "detail": {"n": 1}, "previous": FIRST, "hash": SECOND,
        },
    ],
    "voices": [
        {
            "merchant_id": "m1", "name": "default", "saved_at": THEN,
            "voice": {"examples": ["好茶"], "forbidden": ["最"], "style": "warm"},
        }
    ],
    "products": [
        {
            "merchant_id": "m1", "id": "p1", "title": "青瓷茶杯", "sku": "p1", "brand": "青窑",
            "category": "茶具\x1f茶杯", "price_minor": 8800, "currency": "CNY", "stock": None, "status": "active",
            "variant_count": 2, "created_at": THEN, "updated_at": THEN, "created_by": "b1", "last_change": None,
            "details": DETAILS, "description": "手工拉坯",
        }
    ],
    "product_variants": [
        {
            "merchant_id": "m1", "product_id": "p1", "position": n, "sku": f"QC-{n}", "title": "", "barcode": "",
            "options": f'{{"颜色":"{colour}"}}', "price_minor": 8800, "currency": "CNY", "stock": 3 + n,
            "weight_grams": 210.5,
        }
        for n, colour in enumerate(("青", "白"))
    ],
    "published_listings": [
        {
            "merchant_id": "m1", "id": "lst_1", "product_id": "p1", "channel": "taobao", "locale": "zh-CN",
            "copy": {"title": "青瓷茶杯 220ml"}, "proof": {"claims": []}, "ai_written": True, "actor": "person:anna",
            "published_at": THEN, "sequence": 1, "withdrawn_at": None,
        }
    ],
    "proposals": [
        {
            "merchant_id": "m1", "id": "prp_1", "kind": "listing-copy", "subject": "product:p1", "title": "青瓷茶杯",
            "payload": {"title": "青瓷"}, "original": {"title": "青瓷"}, "evidence": [], "checks": [],
            "confidence": 0.75, "cost": {}, "autonomy": "propose", "state": "waiting", "fingerprint": "f1",
            "created_at": THEN, "created_by": "job:copy", "expires_at": None, "decided_at": None, "decided_by": "",
            "verdict": "", "reason": "", "applied_at": None, "undo": None, "undone_at": None, "error": "",
            "outcome": None,
        }
    ],
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database at the first migration with the rows above in it."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'old.db'}")
        _fill(opened)
        yield opened
        opened.close()
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        opened = Database(url)
        _fill(opened)
        yield opened
        opened.close()


def _fill(database: Database) -> None:
    migrate(database, "0001")
    with database.installation() as connection:
        there = set(sa.inspect(connection).get_table_names())
        assert "order_exceptions" not in there and set(ROWS) <= there
        for name, rows in ROWS.items():
            # Only the columns that the first release had: an INSERT names what the row holds and nothing else.
            connection.execute(sa.insert(metadata.tables[name]), rows)


def test_what_a_shop_had_is_read_after_the_upgrade(old: Database) -> None:
    assert current_revision(old) == "0001"
    migrate(old)
    assert current_revision(old) == head_revision() != "0001"
    assert MerchantStore(old).get("m1").name == "老店"
    with old.begin("m1", Actor("person", "anna"), read_only=True) as uow:
        product = ProductStore(uow).get("p1")
        assert (product.title, product.price, product.category) == ("青瓷茶杯", Money(8800, "CNY"), ("茶具", "茶杯"))
        assert product.attributes["容量"] == ("220ml",) and product.extra == {"产地": "龙泉"}
        assert [(x.sku, x.stock, x.options["颜色"]) for x in product.variants] == [("QC-0", 3, "青"), ("QC-1", 4, "白")]
        live = ListingStore(uow).live("p1", "taobao", "zh-CN")
        assert live is not None and live.copy["title"] == "青瓷茶杯 220ml" and live.published_at == THEN
        assert VoiceStore(uow).get() == Voice("default", "warm", ("好茶",), ("最",))
        assert MerchantStore.setting(uow, "theme") == {"dark": True}
        assert [shop.id for shop in MerchantStore.shops(uow)] == ["main"]
        (proposal,) = Inbox.page(uow, Filter()).items
        assert (proposal.id, proposal.state, proposal.confidence) == ("prp_1", State.WAITING, 0.75)
        assert AuditLog(uow).length() == 2 and list(AuditLog(uow).verify()) == []


def test_people_and_tokens_of_before_still_come_in_and_work_goes_on(old: Database) -> None:
    migrate(old)
    access = Access(old)
    assert access.sign_in("anna", "a long pass phrase 7").role == "owner"
    assert access.by_token(SECRET).merchant_id == "m1"
    with old.begin("m1", Actor("person", "anna")) as uow:
        VoiceStore(uow).save(Voice("new"))
        AuditLog(uow).record("policy.saved", "p@1", {})
    with old.begin("m1", Actor("person", "anna"), read_only=True) as uow:
        assert {voice.name for voice in VoiceStore(uow).all()} == {"default", "new"}
        assert AuditLog(uow).length() == 3 and list(AuditLog(uow).verify()) == []
