"""Search, filter, sort and page through products on the server; the log of what shoppers searched for."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from zhanggui.catalog.store.tables import PATH_SEPARATOR, product_variants, products, search_log
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money, Page, new_id

Sort = Literal["id", "title", "price", "stock", "updated"]
_MAX_PAGE = 500
_COLUMNS = (
    "id",
    "title",
    "sku",
    "brand",
    "category",
    "price_minor",
    "currency",
    "stock",
    "status",
    "variant_count",
    "updated_at",
    "details",
)


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """What to list. Empty fields do not filter.

    Attributes:
        text: words that must all be found in title or brand, or begin an id or a SKU.
        category: a path; products below it are found too.
        least_price / most_price: minor units of the shop's currency.
        cursor: `next_cursor` of the page before.
    """

    text: str = ""
    category: tuple[str, ...] = ()
    brand: str = ""
    status: str = ""
    least_price: int | None = None
    most_price: int | None = None
    in_stock: bool | None = None
    batch: str = ""
    sort: Sort = "id"
    descending: bool = False
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ProductSummary:
    """One line of a product list."""

    id: str
    title: str
    sku: str
    brand: str
    category: tuple[str, ...]
    price: Money | None
    stock: int | None
    status: str
    variants: int
    image: str
    updated_at: datetime


def search_products(uow: UnitOfWork, query: ProductQuery) -> Page[ProductSummary]:
    """One page of the products that match.

    Raises:
        BadInput: the cursor is not one of ours.
    """
    limit = max(1, min(query.limit, _MAX_PAGE))
    filters = _filters(uow, query)
    total = uow.scalar(uow.select(products, sa.func.count()).where(*filters))
    key = _sort_key(query.sort)
    statement = uow.select(products, *(products.c[name] for name in _COLUMNS), key.label("sort_key")).where(*filters)
    if query.cursor:
        place = sa.tuple_(*(sa.literal(value) for value in _read_cursor(query)))
        here = sa.tuple_(key, products.c.id)
        statement = statement.where(here < place if query.descending else here > place)
    order = [key, products.c.id] if query.sort != "id" else [products.c.id]
    statement = statement.order_by(*(part.desc() if query.descending else part for part in order)).limit(limit + 1)
    found = uow.rows(statement)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    cursor = _write_cursor(query, last["sort_key"], last["id"]) if last is not None else None
    return Page(tuple(_summary(row) for row in found[:limit]), int(total), cursor)


def _sort_key(sort: Sort) -> sa.ColumnElement[Any]:
    keys: dict[str, sa.ColumnElement[Any]] = {
        "id": products.c.id,
        "title": products.c.title,
        "price": sa.func.coalesce(products.c.price_minor, -1),
        "stock": sa.func.coalesce(products.c.stock, -1_000_000_000_000),
        "updated": sa.type_coerce(products.c.updated_at, sa.BigInteger),
    }
    return keys[sort]


def _filters(uow: UnitOfWork, query: ProductQuery) -> list[sa.ColumnElement[bool]]:
    table = products.c
    filters = [_matches(uow, word) for word in query.text.split()[:8]]
    if query.category:
        path = PATH_SEPARATOR.join(query.category)
        filters.append(
            sa.or_(table.category == path, table.category.startswith(path + PATH_SEPARATOR, autoescape=True))
        )
    if query.brand:
        filters.append(table.brand == query.brand)
    if query.status:
        filters.append(table.status == query.status)
    if query.least_price is not None:
        filters.append(table.price_minor >= query.least_price)
    if query.most_price is not None:
        filters.append(table.price_minor <= query.most_price)
    if query.in_stock is not None:
        filters.append(table.stock > 0 if query.in_stock else sa.func.coalesce(table.stock, 0) <= 0)
    if query.batch:
        filters.append(sa.func.coalesce(table.last_change, table.created_by) == query.batch)
    return filters


def _matches(uow: UnitOfWork, word: str) -> sa.ColumnElement[bool]:
    pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    part = product_variants
    separate = uow.select(part, part.c.product_id).where(part.c.sku == word)
    return sa.or_(
        _like(uow, products.c.title, f"%{pattern}%"),
        _like(uow, products.c.brand, f"%{pattern}%"),
        _like(uow, products.c.sku, f"{pattern}%"),
        _like(uow, products.c.id, f"{pattern}%"),
        products.c.id.in_(separate),
    )


def _like(uow: UnitOfWork, column: sa.ColumnElement[str], pattern: str) -> sa.ColumnElement[bool]:
    # SQLite's LIKE ignores the case of ASCII letters by itself; lower() on both sides would double its cost.
    sqlite = uow.connection.dialect.name == "sqlite"
    return column.like(pattern, escape="\\") if sqlite else column.ilike(pattern, escape="\\")


def _write_cursor(query: ProductQuery, value: Any, product_id: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([query.sort, query.descending, value, product_id])).decode()


def _read_cursor(query: ProductQuery) -> tuple[str | int, str]:
    try:
        parts: Any = orjson.loads(base64.urlsafe_b64decode(query.cursor or ""))
    except (binascii.Error, ValueError):
        parts = None
    # isinstance cannot tell what a list or a dict holds.
    if isinstance(parts, list) and len(parts) == 4 and parts[:2] == [query.sort, query.descending]:  # pyright: ignore[reportUnknownArgumentType]
        value, product_id = parts[2], parts[3]  # pyright: ignore[reportUnknownVariableType]
        number = query.sort not in ("id", "title")
        if isinstance(value, int if number else str) and isinstance(product_id, str):
            return value, product_id
    raise BadInput(field="cursor", expected="next_cursor of a page with the same sort order", found=query.cursor or "")


def _summary(row: sa.RowMapping) -> ProductSummary:
    images: list[str] = orjson.loads(row["details"]).get("images", [])
    return ProductSummary(
        id=row["id"],
        title=row["title"],
        sku=row["sku"] or "",
        brand=row["brand"],
        category=tuple(row["category"].split(PATH_SEPARATOR)) if row["category"] else (),
        price=None if row["price_minor"] is None else Money(row["price_minor"], row["currency"]),
        stock=row["stock"],
        status=row["status"],
        variants=row["variant_count"],
        image=images[0] if images else "",
        updated_at=row["updated_at"],
    )


class SearchLog:
    """What shoppers searched for: where keyword proposals come from."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, query: str, results: int, *, clicked: str | None = None) -> None:
        """Record one search."""
        row = {
            "id": new_id(),
            "query": query[:500],
            "results": results,
            "clicked": clicked,
            "at": self._uow.clock.now(),
        }
        self._uow.insert(search_log, row)

    def frequent(self, *, days: int = 90, limit: int = 1_000) -> tuple[tuple[str, int, int], ...]:
        """The most frequent queries of the last days as (query, times, times nothing was found)."""
        since = self._uow.clock.now() - timedelta(days=days)
        text = sa.func.lower(sa.func.trim(search_log.c.query))
        nothing = sa.func.sum(sa.case((search_log.c.results == 0, 1), else_=0))
        statement = (
            self._uow.select(search_log, text.label("text"), sa.func.count().label("times"), nothing.label("fruitless"))
            .where(search_log.c.at >= since)
            .group_by(text)
            .order_by(sa.desc("times"), sa.asc("text"))
            .limit(limit)
        )
        return tuple((row["text"], int(row["times"]), int(row["fruitless"])) for row in self._uow.rows(statement))
