"""Whose purchase a line of an order is, and the log of all of them that recommendations are learnt from."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.recommendation import EventLog
from zhanggui.marketing.ports import Bought, Purchases, Shelf
from zhanggui.marketing.rules.identities import clean_email
from zhanggui.marketing.service.recommend_events import log_of
from zhanggui.marketing.store.customers import CustomerStore, opted_out

_BACK = timedelta(days=730)
_MOST = 500_000
_OWN = 1_000
_SCHEMA = {"user": pl.String, "item": pl.String, "at": pl.Float64, "count": pl.Float64, "basket": pl.String}


@dataclass(frozen=True, slots=True)
class Purchase:
    """A line as the log takes it."""

    user: str
    item: str
    at: datetime
    units: int
    order_id: str


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody asked about: all names that their purchases may stand under, and whether they refused."""

    names: tuple[str, ...]
    personalised: bool = True

    @property
    def told(self) -> tuple[str, ...]:
        """The names as shops write them."""
        prefixed = (name.partition(":") for name in self.names)
        return tuple(rest for kind, _, rest in prefixed if rest and kind in ("id", "email"))


def shopper_of(uow: UnitOfWork, customer: str) -> Shopper:
    """The person by marketing's id, by `shop:customer`, by an e-mail address, or by a key as `id:shop:customer`."""
    store = CustomerStore(uow)
    email = clean_email(customer)
    keys = [f"email:{email}"] if email else []
    keys += [f"id:{customer}", *([customer] if customer.startswith(("id:", "email:", "phone:", "visitor:")) else [])]
    owners = store.owners(keys)
    owner = next((owners[key] for key in keys if key in owners), customer)
    try:
        record = store.get(owner)
    except NotFound:
        return Shopper(tuple(keys))
    return Shopper((owner, *store.keys(owner)), record.personalised)


def purchases_of(
    uow: UnitOfWork, lines: Sequence[Bought], shelf: Shelf, *, products: Container[str] = ()
) -> list[Purchase]:
    """Lines under the people and products they belong to; guests without an address are nobody and left out.

    Who refused personalisation is left out as well. A SKU that no product sells stands for itself, and so does one
    in `products`.
    """
    owners = CustomerStore(uow).owners(list({key for line in lines for key in _keys(line)}))
    refused = opted_out(uow, list(set(owners.values())))
    sold = shelf.products_of(uow, list({line.sku for line in lines if line.sku not in products}))
    found: list[Purchase] = []
    for line in lines:
        keys = _keys(line)
        user = next((owners[key] for key in keys if key in owners), keys[0] if keys else "")
        if user and user not in refused:
            found.append(Purchase(user, sold.get(line.sku, line.sku), line.at, line.units, line.order_id))
    return found


def all_purchases(uow: UnitOfWork, book: Purchases, shelf: Shelf) -> list[Purchase]:
    """Two years of purchases, the newest half a million lines."""
    return purchases_of(uow, list(book(uow, uow.clock.now() - _BACK, limit=_MOST)), shelf)


def own_purchases(
    uow: UnitOfWork, book: Purchases, shelf: Shelf, shopper: Shopper, products: Container[str]
) -> list[Purchase]:
    """This person's purchases of two years as they stand now, whatever was learnt from.

    Args:
        products: ids of products that need not be looked up.
    """
    if not shopper.told:
        return []
    lines = list(book(uow, uow.clock.now() - _BACK, limit=_OWN, people=shopper.told))
    return [one for one in purchases_of(uow, lines, shelf, products=products) if one.user in shopper.names]


def purchase_log(purchases: Iterable[Purchase]) -> EventLog:
    """The log; an order is a basket.

    Raises:
        BadInput: there are none.
    """
    rows = [(one.user, one.item, one.at.timestamp(), float(one.units), one.order_id) for one in purchases]
    return log_of(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def one_log(purchases: Sequence[Purchase]) -> EventLog:
    """The log of one person's purchases, the same as `purchase_log` makes; nobody's name stands in it."""
    begun: dict[str, float] = {}
    units: dict[tuple[str, str], float] = {}
    for one in purchases:
        at = one.at.timestamp()
        begun[one.order_id] = min(begun.get(one.order_id, at), at)
        pair = one.order_id, one.item
        units[pair] = units.get(pair, 0.0) + one.units
    pairs = sorted(units, key=lambda pair: (begun[pair[0]], pair[0]))
    orders = {order: at for at, order in enumerate(dict.fromkeys(order for order, _ in pairs))}
    items = tuple(sorted({item for _, item in pairs}))
    places = {item: at for at, item in enumerate(items)}
    return EventLog(
        ("",), items, np.zeros(len(pairs), np.int64), np.array([places[item] for _, item in pairs], np.int64),
        np.array([begun[order] for order, _ in pairs], np.float64),
        np.array([orders[order] for order, _ in pairs], np.int64),
        np.array([units[pair] for pair in pairs], np.float64),
    )  # fmt: skip


def _keys(line: Bought) -> tuple[str, ...]:
    email = clean_email(line.email)
    return (*([f"id:{line.customer}"] if line.customer else []), *([f"email:{email}"] if email else []))
