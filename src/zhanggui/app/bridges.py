"""Where capabilities meet: each asks by its own port, and here another one answers. They never import one another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from zhanggui.catalog import (
    Fact,
    ListingCopy,
    ProductFacts,
    ProductStore,
    VoiceStore,
    facts_of_product,
    prove,
)
from zhanggui.desk import Check
from zhanggui.kernel.commerce import Product, SourceOrder
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.marketing import (
    Identity,
    PastOrder,
    Variant,
)
from zhanggui.orders import (
    OrderQuery,
    OrderSummary,
    ordered_units,
    orders_by_day,
    parcels_by_warehouse,
    search_orders,
    told_orders,
)
from zhanggui.planning import DayDemand, StockStore


class OrderedDemand:
    """Planning's demand from the shop's own orders: the one place where the two meet."""

    def daily(self, uow: UnitOfWork, since: date) -> Iterator[DayDemand]:
        """Units ordered of each SKU on each day from `since`."""
        return (DayDemand(row.sku, row.day, row.units) for row in ordered_units(uow, since))


class OrderedWork:
    """Planning's packing work from the shop's own orders and what they became."""

    def orders(self, uow: UnitOfWork, since: date) -> Mapping[date, int]:
        """Orders of each day."""
        return orders_by_day(uow, since)

    def parcels(self, uow: UnitOfWork, first: date, until: date) -> Mapping[str, int]:
        """Parcels by warehouse."""
        return parcels_by_warehouse(uow, first, until)


class CountedStock:
    """The orders' stock levels from planning's stock records."""

    def free(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, int] | None:
        """On hand less reserved, never below zero; None where a SKU has no record: nobody counts it."""
        found = {item.sku: max(item.on_hand - item.reserved, 0) for item in StockStore(uow).all(skus)}
        return found if found and len(found) == len(set(skus)) else None


class ShopOrders:
    """Marketing's past orders from the shop's own, with what the catalogue knows of their products."""

    def orders(self, uow: UnitOfWork, since: datetime | None) -> Iterator[PastOrder]:
        """Every order placed at or after `since`, in time order."""
        query = OrderQuery(placed_from=since, sort="placed", descending=False, limit=200)
        known: dict[str, frozenset[str]] = {}
        while True:
            page = search_orders(uow, query)
            told = told_orders(uow, [row.id for row in page.items])
            for row in page.items:
                yield self._order(uow, row, told[row.id], known)
            if page.next_cursor is None:
                return
            query = replace(query, cursor=page.next_cursor)

    def _order(
        self, uow: UnitOfWork, row: OrderSummary, told: SourceOrder, known: dict[str, frozenset[str]]
    ) -> PastOrder:
        who, where = told.customer, told.shipping_address
        things: set[str] = set()
        for line in told.lines:
            things.add(f"product:{line.title}")
            product = line.product_id or line.sku  # most shops use the SKU as the product's id
            if product not in known:
                known[product] = self._things(uow, product)
            things |= known[product]
        identity = Identity(
            f"{row.shop_id}:{row.customer_id}" if row.customer_id else "",
            row.customer_name,
            row.customer_email,
            (who.phone if who else "") or (where.phone if where else ""),
            (where.city or where.region) if where else "",
        )
        prices = tuple((one.sku, one.quantity - one.cancelled, one.unit_price.minor) for one in told.lines)
        total, gone = told.total, told.cancelled_at is not None or row.state == "cancelled"
        return PastOrder(row.id, identity, row.placed_at, total.minor, total.currency, frozenset(things), prices, gone)

    @staticmethod
    def _things(uow: UnitOfWork, product_id: str) -> frozenset[str]:
        try:
            product = ProductStore(uow).get(product_id)
        except NotFound:
            return frozenset()
        return _things_of(product)


def _things_of(product: Product) -> frozenset[str]:
    return frozenset(
        {*(f"category:{one}" for one in product.category), *([f"brand:{product.brand}"] * bool(product.brand))}
    )


class ShopGoods:
    """Marketing's names of products from the catalogue, by product or by SKU."""

    def things(self, uow: UnitOfWork, products: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Title, categories and brand of each."""
        store = ProductStore(uow)
        found = dict(store.get_many(list(products)))
        by_sku = {sku: store.find_by_sku(sku) for sku in products if sku not in found}
        known = {**found, **{sku: product for sku, product in by_sku.items() if product is not None}}
        return {name: frozenset({f"product:{one.title}"}) | _things_of(one) for name, one in known.items()}


class CatalogueProof:
    """Marketing's proof of texts is the catalogue's: every claim against facts, and advertising law."""

    def check(
        self, uow: UnitOfWork, text: Variant, product_id: str, facts: Sequence[tuple[str, str]], locale: Locale
    ) -> tuple[Check, ...]:
        """The catalogue's checks of a text with the product's facts and those given."""
        product = facts_of_product(ProductStore(uow).get(product_id)) if product_id else ProductFacts("", (), "", ())
        known = replace(product, facts=(*product.facts, *(Fact(name, value) for name, value in facts)))
        copy = ListingCopy(text.subject or product.title or text.body[:40], description=text.body)
        proved = prove(copy, known, locale=locale, channel="plain", voice=VoiceStore(uow).get())
        return tuple(Check(one.name, one.passed, one.reason, one.blocking, one.reason_zh) for one in proved.checks)

    def facts(self, uow: UnitOfWork, product_id: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Title and facts of a product."""
        product = facts_of_product(ProductStore(uow).get(product_id))
        return product.title, tuple((fact.attribute, fact.value) for fact in product.facts)
