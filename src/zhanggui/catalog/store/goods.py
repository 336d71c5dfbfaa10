"""Products as a shop window needs them: what may be sold now, what is new, which product a SKU belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from zhanggui.catalog.store.tables import product_variants, products
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Good:
    """A product in a window. `sellable`: active, and its stock above nought or not counted."""

    id: str
    title: str
    image: str
    price: Money | None
    sellable: bool
    created_at: datetime


def goods_of(uow: UnitOfWork, product_ids: Sequence[str]) -> dict[str, Good]:
    """The products with these ids; those that do not exist are left out."""
    found: dict[str, Good] = {}
    for start in range(0, len(product_ids), _CHUNK):
        query = _select(uow).where(products.c.id.in_(product_ids[start : start + _CHUNK]))
        found |= {row["id"]: _good(row) for row in uow.rows(query)}
    return found


def newest_goods(uow: UnitOfWork, limit: int) -> tuple[Good, ...]:
    """The products made last that may be sold now, the newest first."""
    table = products.c
    query = _select(uow).where(table.status == "active", sa.func.coalesce(table.stock, 1) > 0)
    return tuple(_good(row) for row in uow.rows(query.order_by(table.created_at.desc(), table.id).limit(limit)))


def products_of_skus(uow: UnitOfWork, skus: Sequence[str]) -> dict[str, str]:
    """The product that sells each SKU, the first by id where several do; a product's own id names it too."""
    found: dict[str, str] = {}
    own, part = products.c, product_variants.c
    for start in range(0, len(skus), _CHUNK):
        some = skus[start : start + _CHUNK]
        separate = uow.select(product_variants, part.sku.label("sku"), part.product_id.label("id"))
        inline = uow.select(products, own.sku.label("sku"), own.id.label("id"))
        named = uow.select(products, own.id.label("sku"), own.id.label("id"))
        rows = [
            *uow.rows(named.where(own.id.in_(some))),
            *sorted(uow.rows(inline.where(own.sku.in_(some), own.sku != own.id)), key=lambda row: row["id"]),
            *sorted(uow.rows(separate.where(part.sku.in_(some))), key=lambda row: row["id"]),
        ]
        for row in rows:
            found.setdefault(row["sku"], row["id"])
    return found


def _select(uow: UnitOfWork) -> sa.Select[Any]:
    names = ("id", "title", "price_minor", "currency", "stock", "status", "created_at", "details")
    return uow.select(products, *(products.c[name] for name in names))


def _good(row: sa.RowMapping) -> Good:
    images: list[str] = orjson.loads(row["details"]).get("images", [])
    return Good(
        id=row["id"],
        title=row["title"],
        image=images[0] if images else "",
        price=None if row["price_minor"] is None else Money(row["price_minor"], row["currency"]),
        sellable=row["status"] == "active" and (row["stock"] is None or row["stock"] > 0),
        created_at=row["created_at"],
    )
