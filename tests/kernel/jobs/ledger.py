"""Kinds of jobs for tests: they write a ledger, so that what took effect can be counted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from zhanggui.kernel.jobs import Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject

# Apart from the house's own tables. No unique key on purpose: a line written twice must be seen, not refused.
tables = sa.MetaData()
ledger = sa.Table(
    "test_ledger",
    tables,
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("merchant_id", sa.String(64), nullable=False),
    sa.Column("item", sa.String(64), nullable=False),
    sa.Column("prepared", sa.JSON, nullable=False),
)


def prepare_plainly(_merchant_id: str, item: JsonObject, key: str) -> JsonObject:
    """What the ledger kind prepares unless told otherwise."""
    return {"twice": item["number"] * 2, "key": key}  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class LedgerKind:
    """Writes one ledger line an item; arguments: {"count": n}."""

    name: str = "ledger"
    limits: Limits = field(default_factory=lambda: Limits(concurrency=2))
    prepare: Callable[[str, JsonObject, str], JsonObject] = prepare_plainly
    before_save: Callable[[UnitOfWork, JsonObject], None] = lambda _uow, _item: None

    def items(self, _uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        count = arguments["count"]
        assert isinstance(count, int)
        return (WorkItem(f"item-{number}", {"number": number}) for number in range(count))

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        return self.prepare(merchant_id, item, key)

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        uow.connection.execute(
            sa.insert(ledger).values(merchant_id=uow.merchant_id, item=f"item-{item['number']}", prepared=prepared)
        )
        self.before_save(uow, item)
        return {"saved": prepared["twice"]}


def lines(uow: UnitOfWork) -> list[str]:
    """The items that took effect, once for each time they did."""
    return sorted(row["item"] for row in uow.rows(uow.select(ledger, ledger.c.item)))
