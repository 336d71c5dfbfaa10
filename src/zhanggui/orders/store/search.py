"""Search, filter, sort and page through orders on the server."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money, Page
from zhanggui.orders.store.tables import order_lines, orders, shipments

Sort = Literal["placed", "updated", "total", "number"]
_MOST = 500
_FIELDS = ("shop_id", "state", "payment_state", "delivery_state", "decision", "currency", "customer_id")


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """What to list. Empty fields do not filter.

    Attributes:
        text: words, each the beginning of a number, an id, a tracking number or a SKU, or part of a customer's name
            or e-mail address.
        placed_from / placed_to: the first and the first excluded instant.
        least_total / most_total: minor units.
        cursor: `next_cursor` of the page before.
    """

    text: str = ""
    shop_id: str = ""
    state: str = ""
    payment_state: str = ""
    delivery_state: str = ""
    decision: str = ""
    currency: str = ""
    customer_id: str = ""
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    least_total: int | None = None
    most_total: int | None = None
    sort: Sort = "placed"
    descending: bool = True
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One line of a list of orders."""

    id: str
    shop_id: str
    number: str
    state: str
    payment_state: str
    delivery_state: str
    decision: str
    placed_at: datetime
    updated_at: datetime
    promised_at: datetime | None
    total: Money
    captured: Money
    refunded: Money
    units: int
    customer_id: str
    customer_name: str
    customer_email: str
    source: str


def search_orders(uow: UnitOfWork, query: OrderQuery) -> Page[OrderSummary]:
    """One page of the orders that match.

    Raises:
        BadInput: the cursor is not one of ours.
    """
    limit = max(1, min(query.limit, _MOST))
    filters = _filters(uow, query)
    total = uow.scalar(uow.select(orders, sa.func.count()).where(*filters))
    key = _key(query.sort)
    statement = uow.select(orders, *orders.c, key.label("sort_key")).where(*filters)
    if query.cursor:
        value, last = _read_cursor(query)
        place = sa.tuple_(sa.literal(value), sa.literal(last))
        here = sa.tuple_(key, orders.c.id)
        statement = statement.where(here < place if query.descending else here > place)
    order = (key.desc(), orders.c.id.desc()) if query.descending else (key, orders.c.id)
    found = uow.rows(statement.order_by(*order).limit(limit + 1))
    cursor = None
    if len(found) > limit:
        cursor = _write_cursor(query, found[limit - 1]["sort_key"], found[limit - 1]["id"])
    return Page(tuple(_summary(row) for row in found[:limit]), int(total), cursor)


def order_summary(uow: UnitOfWork, order_id: str) -> OrderSummary:
    """One order's line.

    Raises:
        NotFound: there is no such order.
    """
    row = uow.row(uow.select(orders).where(orders.c.id == order_id))
    if row is None:
        raise NotFound(f"no order {order_id!r}")
    return _summary(row)


def _key(sort: Sort) -> sa.ColumnElement[Any]:
    keys: dict[str, sa.ColumnElement[Any]] = {
        "placed": sa.type_coerce(orders.c.placed_at, sa.BigInteger),
        "updated": sa.type_coerce(orders.c.updated_at, sa.BigInteger),
        "total": orders.c.total_minor,
        "number": orders.c.number,
    }
    return keys[sort]


def _filters(uow: UnitOfWork, query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    column = orders.c
    filters = [column[name] == getattr(query, name) for name in _FIELDS if getattr(query, name)]
    if query.placed_from is not None:
        filters.append(column.placed_at >= query.placed_from)
    if query.placed_to is not None:
        filters.append(column.placed_at < query.placed_to)
    if query.least_total is not None:
        filters.append(column.total_minor >= query.least_total)
    if query.most_total is not None:
        filters.append(column.total_minor <= query.most_total)
    return filters + [_matches(uow, word) for word in query.text.replace("\0", " ").split()[:8]]


def _matches(uow: UnitOfWork, word: str) -> sa.ColumnElement[bool]:
    pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    sent, line = shipments.c, order_lines.c
    return sa.or_(
        _like(uow, orders.c.number, f"{pattern}%"),
        _like(uow, orders.c.id, f"{pattern}%"),
        _like(uow, orders.c.customer_name, f"%{pattern}%"),
        _like(uow, orders.c.customer_email, f"%{pattern}%"),
        orders.c.id.in_(uow.select(shipments, sent.order_id).where(sent.tracking_number == word)),
        orders.c.id.in_(uow.select(order_lines, line.order_id).where(line.sku == word)),
    )


def _like(uow: UnitOfWork, column: sa.ColumnElement[str], pattern: str) -> sa.ColumnElement[bool]:
    # SQLite's LIKE ignores the case of ASCII letters by itself.
    sqlite = uow.connection.dialect.name == "sqlite"
    return column.like(pattern, escape="\\") if sqlite else column.ilike(pattern, escape="\\")


def _write_cursor(query: OrderQuery, value: Any, order_id: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([query.sort, query.descending, value, order_id])).decode()


def _read_cursor(query: OrderQuery) -> tuple[str | int, str]:
    try:
        sort, descending, value, order_id = orjson.loads(base64.urlsafe_b64decode(query.cursor or ""))
    except (binascii.Error, ValueError, TypeError):
        sort, descending, value, order_id = None, None, None, None
    same = (sort, descending) == (query.sort, query.descending)
    if same and isinstance(order_id, str) and isinstance(value, str if query.sort == "number" else int):
        return value, order_id
    expected = "next_cursor of a page with the same sort order"
    raise BadInput(field="cursor", expected=expected, found=query.cursor or "")


def _summary(row: sa.RowMapping) -> OrderSummary:
    plain = ("id", "shop_id", "number", "state", "payment_state", "delivery_state", "decision")
    later = ("placed_at", "updated_at", "promised_at")
    currency: str = row["currency"]
    money = (Money(row[name], currency) for name in ("total_minor", "captured_minor", "refunded_minor"))
    last = ("units", "customer_id", "customer_name", "customer_email", "source")
    return OrderSummary(*(row[x] for x in plain), *(row[x] for x in later), *money, *(row[x] for x in last))
