"""A person's orders: found, given to them, and made nobody's. Amounts, goods and days stay for the books."""

from collections.abc import Iterable
from typing import Any, cast

import orjson
import sqlalchemy as sa

from zhanggui.kernel.commerce import Address, SourceOrder
from zhanggui.kernel.privacy import Person, person_of
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id, plain_json
from zhanggui.orders.store import tables
from zhanggui.orders.store.bulk import parts_of
from zhanggui.orders.store.orders import read_told
from zhanggui.orders.store.outbox import order_marks

_MOST = 20_000
# What stays of an address: where taxes and carriers' statistics are counted.
_KEPT = ("country", "region")


class OrderPeople:
    """Where the orders keep personal data."""

    name = "orders"

    def known(self, uow: UnitOfWork, person: Person) -> Person:
        """Their orders by shop's customer, by e-mail address or by the orders' own ids, and what those say of them."""
        found = person_of()
        for row in self._rows(uow, person):
            told = read_told(row["told"])
            whole = f"{row['shop_id']}:{row['customer_id']}" if row["customer_id"] else ""
            if row["customer_id"].startswith("erased-"):
                continue
            found = found.with_(
                person_of(
                    ids=(whole, row["customer_email"].lower()),
                    orders=(row["id"], row["number"]),
                    marks=(row["customer_email"], row["customer_id"], *_phones(told)),
                    names=(row["customer_name"], *_names(told)),
                    texts=(told.note, told.cancel_reason, *(one.reason for one in told.refunds)),
                )
            )
        return found

    def export(self, uow: UnitOfWork, person: Person) -> list[JsonObject]:
        """Each order as its shop told it."""
        rows = self._rows(uow, person)
        return [{"id": row["id"], **cast(JsonObject, plain_json(read_told(row["told"])))} for row in rows]

    def erase(self, uow: UnitOfWork, person: Person) -> int:
        """Names, addresses, notes and parcels' news go; the same person's orders share a name that means nothing.

        The digest of the last telling stays: a shop that tells the same again changes nothing.
        """
        rows = self._rows(uow, person)
        nobody = f"erased-{new_id()}"
        for part in parts_of([row["id"] for row in rows]):
            _forget_parcels(uow, part)
            for table, values in (
                (tables.orders, {"customer_id": nobody, "customer_name": "", "customer_email": ""}),
                (tables.webhook_deliveries, {"body": "{}", "problem": None}),
                (tables.returns, {"reason": ""}),
                (tables.refunds, {"reason": ""}),
            ):
                named = table.c.id if table is tables.orders else table.c.order_id
                uow.change(uow.update(table).where(named.in_(part)).values(values))
            for table in (tables.order_sources, tables.order_import_changes, tables.order_parts):
                _retell(uow, table, part, nobody)
            uow.change(uow.delete(order_marks).where(order_marks.c.order_id.in_(part)))
        return len(rows)

    def _rows(self, uow: UnitOfWork, person: Person) -> list[sa.RowMapping]:
        heads, sources = tables.orders, tables.order_sources
        ids, orders = sorted(person.ids), sorted(person.orders)
        found: dict[str, sa.RowMapping] = {}
        columns = (heads.c.id, heads.c.number, heads.c.shop_id, heads.c.customer_id, heads.c.customer_name)
        base = uow.select(heads, *columns, heads.c.customer_email, sources.c.told).join(
            sources, (sources.c.merchant_id == heads.c.merchant_id) & (sources.c.order_id == heads.c.id)
        )
        whole = heads.c.shop_id + ":" + heads.c.customer_id
        for part in parts_of(ids):
            theirs = sa.or_(
                sa.and_(heads.c.customer_id != "", whole.in_(part)), sa.func.lower(heads.c.customer_email).in_(part)
            )
            found |= {row["id"]: row for row in uow.rows(base.where(theirs).limit(_MOST))}
        for part in parts_of(orders):
            found |= {row["id"]: row for row in uow.rows(base.where(heads.c.id.in_(part)))}
        return [found[one] for one in sorted(found)]


def _forget_parcels(uow: UnitOfWork, orders: Iterable[str]) -> None:
    """What carriers wrote of parcels may name who signed for them."""
    sent = tables.shipments
    numbers = uow.rows(uow.select(sent, sent.c.tracking_number).where(sent.c.order_id.in_(list(orders))))
    news = tables.tracking_events
    for part in parts_of(sorted({row["tracking_number"] for row in numbers if row["tracking_number"]})):
        uow.change(uow.update(news).where(news.c.tracking_number.in_(part)).values(text="", raw="", place=""))


def _retell(uow: UnitOfWork, table: sa.Table, orders: Iterable[str], nobody: str) -> None:
    keys = [one for one in table.primary_key.columns if one.name != "merchant_id"]
    for row in uow.rows(uow.select(table).where(table.c.order_id.in_(list(orders)))):
        content: dict[str, Any] = orjson.loads(row["told"])
        same = [table.c[one.name] == row[one.name] for one in keys]
        told = orjson.dumps(_without_person(content, nobody)).decode()
        uow.change(uow.update(table).where(*same).values(told=told))


def _without_person(told: dict[str, Any], nobody: str) -> dict[str, Any]:
    content = dict(told)
    if content.get("customer"):
        content["customer"] = {"id": nobody}
    where = content.get("shipping_address")
    if isinstance(where, dict):
        address = cast(dict[str, Any], where)
        content["shipping_address"] = {name: address[name] for name in _KEPT if address.get(name)}
    for name in ("note", "cancel_reason"):
        if content.get(name):
            content[name] = ""
    for refund in [*(content.get("refunds") or ()), *([content["refund"]] if content.get("refund") else ())]:
        if refund.get("reason"):
            refund["reason"] = ""
    return content


def _addresses(told: SourceOrder) -> list[Address]:
    own = told.customer.addresses if told.customer else ()
    return [*own, *([told.shipping_address] if told.shipping_address else [])]


def _phones(told: SourceOrder) -> list[str]:
    phones = [told.customer.phone if told.customer else "", *(one.phone for one in _addresses(told))]
    return [one for one in phones if len(one) >= 7]


def _names(told: SourceOrder) -> list[str]:
    """Names and places as written; shorter than two characters says nothing."""
    parts = [told.customer.name if told.customer else ""]
    for one in _addresses(told):
        parts += [one.name, one.street, one.postal_code, one.district]
    return [one for one in parts if len(one) > 1]
