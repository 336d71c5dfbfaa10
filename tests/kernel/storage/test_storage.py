"""One contract for storage on both databases: transactions, merchants apart, portable types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import TESTER

from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import Database, MerchantStore, UnitOfWork, UtcDateTime
from zhanggui.kernel.storage.merchants import merchant_settings, shops
from zhanggui.kernel.types import Money, new_id


def test_a_failed_unit_of_work_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.begin("m1", TESTER) as uow:
        MerchantStore.add_shop(uow, "s1", name="Tmall", channel="taobao")
        raise RuntimeError("half way")
    with database.begin("m1", TESTER) as uow:
        assert MerchantStore.shops(uow) == ()


def test_a_merchant_sees_and_changes_only_its_own_rows(database: Database) -> None:
    with database.begin("m1", TESTER) as uow:
        MerchantStore.add_shop(uow, "s1", name="Tmall", channel="taobao")
    with database.begin("m2", TESTER) as uow:
        assert MerchantStore.shops(uow) == ()
        assert uow.change(uow.update(shops).values(name="stolen")) == 0
        assert uow.change(uow.delete(shops)) == 0
        MerchantStore.add_shop(uow, "s1", name="Shopify", channel="shopify")
    with database.begin("m1", TESTER) as uow:
        assert [shop.name for shop in MerchantStore.shops(uow)] == ["Tmall"]


def test_insert_new_is_true_once(uow: UnitOfWork) -> None:
    row = {"name": "voice", "value": {"a": 1}, "changed_at": uow.clock.now()}
    assert uow.insert_new(merchant_settings, row)
    assert not uow.insert_new(merchant_settings, {**row, "value": {"a": 2}})
    assert MerchantStore.setting(uow, "voice") == {"a": 1}


def test_settings_keep_any_json(uow: UnitOfWork) -> None:
    value = {"中文": ["<b>", 1.5, None, True], "deep": {"x": []}}
    MerchantStore.set_setting(uow, "any", value)
    MerchantStore.set_setting(uow, "any", {**value, "more": 1})
    assert MerchantStore.setting(uow, "any") == {**value, "more": 1}
    assert MerchantStore.setting(uow, "other", "default") == "default"


def test_merchants_are_found_or_named_missing(database: Database) -> None:
    store = MerchantStore(database)
    assert store.get("m1").name == "Test shop"
    with pytest.raises(NotFound, match="nobody"):
        store.get("nobody")
    with pytest.raises(Conflict, match="m1"):
        store.create("m1", name="again")
    assert [merchant.id for merchant in store.all()] == ["m1", "m2"]


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-14, 14))
def test_instants_survive_the_column_exactly(naive: datetime, hours: int) -> None:
    column = UtcDateTime()
    aware = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    dialect = sa.create_engine("sqlite://").dialect
    stored = column.process_bind_param(aware, dialect)
    back = column.process_result_value(stored, dialect)
    assert back == aware
    assert back is not None and back.tzinfo is UTC


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(TypeError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sa.create_engine("sqlite://").dialect)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_money_reads_what_it_prints(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money).removesuffix(f" {currency}"), currency) == money


def test_money_of_two_currencies_does_not_mix() -> None:
    with pytest.raises(BadInput, match="CNY"):
        Money(1, "CNY") + Money(1, "USD")
    with pytest.raises(BadInput, match="decimal"):
        Money.parse("twelve", "CNY")


def test_ids_sort_by_time() -> None:
    ids = [new_id("x") for _ in range(100)]
    assert len(set(ids)) == 100
    assert [name[:12] for name in ids] == sorted(name[:12] for name in ids)
