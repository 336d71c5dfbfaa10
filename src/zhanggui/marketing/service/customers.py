"""Customers: taken from orders, known again, measured; consent, the switch of personalisation, export and erasure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import cast

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.marketing.models.audiences import CHANNELS
from zhanggui.marketing.models.customers import CustomerRecord, Identity, PastOrder
from zhanggui.marketing.ports import OrderBook
from zhanggui.marketing.rules.identities import identity_keys, same_people
from zhanggui.marketing.rules.measures import measure
from zhanggui.marketing.store.customers import CustomerStore
from zhanggui.marketing.store.events import EventStore

# An order may be cancelled or changed for some time after it was placed: that far back each refresh looks again.
_LOOK_BACK = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did; `merged` counts customers that turned out to be somebody known."""

    orders: int
    new: int
    merged: int
    measured: int


def refresh_customers(uow: UnitOfWork, book: OrderBook, *, everything: bool = False) -> Refreshed:
    """Take in orders since the newest known (or all), merge identities, compute every customer's measures anew.

    Who opted out of personalisation is not measured.
    """
    store = CustomerStore(uow)
    newest = None if everything else store.newest_order()
    placed = [
        order for order in book.orders(uow, newest - _LOOK_BACK if newest else None) if identity_keys(order.customer)
    ]
    new, merged = take_orders(uow, placed)
    people = {one.id for one in store.everybody() if one.personalised}
    orders = {customer: found for customer, found in store.orders().items() if customer in people}
    measured = measure(orders, uow.clock.now())
    store.keep_measures({customer: cast(JsonObject, _plain(asdict(one))) for customer, one in measured.items()})
    return Refreshed(len(placed), new, merged, len(measured))


def take_orders(uow: UnitOfWork, placed: Sequence[PastOrder]) -> tuple[int, int]:
    """Put orders under the people who placed them; how many are new, how many were merged into others."""
    store = CustomerStore(uow)
    groups = same_people([order.customer for order in placed])
    known = store.owners([key for order in placed for key in identity_keys(order.customer)])
    new = merged = 0
    for group in groups:
        orders = [placed[place] for place in group]
        keys = list(dict.fromkeys(key for order in orders for key in identity_keys(order.customer)))
        owners = list(dict.fromkeys(known[key] for key in keys if key in known))
        latest = max(orders, key=_at)
        record = _merged(store, owners, latest) if owners else _new_customer(latest)
        new += not owners
        store.save(_with_newer(record, orders), keys)
        if len(owners) > 1:
            store.merge(record.id, owners[1:])
            merged += len(owners) - 1
            known = {key: record.id if owner in owners else owner for key, owner in known.items()}
        store.add_orders([(record.id, order) for order in orders])
    return new, merged


def allow_channel(uow: UnitOfWork, customer_id: str, channel: str, allowed: bool) -> CustomerRecord:
    """Note that a customer agrees, or no longer agrees, to be written to.

    Raises:
        NotFound: no such customer.
        BadInput: no such channel.
    """
    if channel not in CHANNELS:
        raise BadInput(field="channel", expected=f"one of {', '.join(CHANNELS)}", found=channel)
    store = CustomerStore(uow)
    record = store.get(customer_id)
    kept = [one for one in record.consents if one != channel] + ([channel] if allowed else [])
    changed = replace(record, consents=tuple(sorted(kept)))
    store.save(changed, ())
    AuditLog(uow).record("consent", f"customer:{customer_id}", {"channel": channel, "allowed": allowed})
    return changed


def switch_personalisation(uow: UnitOfWork, customer_id: str, on: bool) -> CustomerRecord:
    """The one switch (PIPL Art. 24): off drops what was computed at once, and keeps the customer out of audiences,
    campaigns and recommendations from the same moment.

    Raises:
        NotFound: no such customer.
    """
    store = CustomerStore(uow)
    changed = replace(store.get(customer_id), personalised=on)
    store.save(changed, ())
    if not on:
        EventStore(uow).forget(store.keys(customer_id))
    AuditLog(uow).record("personalisation", f"customer:{customer_id}", {"on": on})
    return store.get(customer_id)


def may_personalise(uow: UnitOfWork, key: str) -> bool:
    """Whether anything may be fitted to a person, known by a key such as `id:shop-17`; strangers have not refused."""
    owner = CustomerStore(uow).owners([key]).get(key)
    return owner is None or CustomerStore(uow).get(owner).personalised


def tag_customer(uow: UnitOfWork, customer_id: str, tags: Sequence[str]) -> CustomerRecord:
    """Set a customer's tags.

    Raises:
        NotFound: no such customer.
        BadInput: a tag is empty or long.
    """
    for tag in tags:
        if not 1 <= len(tag.strip()) <= 60:
            raise BadInput(field="tags", expected="1 to 60 characters each", found=tag)
    store = CustomerStore(uow)
    changed = replace(store.get(customer_id), tags=tuple(sorted({tag.strip() for tag in tags})))
    store.save(changed, ())
    return changed


def export_customer(uow: UnitOfWork, customer_id: str) -> JsonObject:
    """Everything that marketing keeps of a customer, for them to take away (PIPL Art. 45, GDPR Art. 20).

    Raises:
        NotFound: no such customer.
    """
    store = CustomerStore(uow)
    record = store.get(customer_id)
    orders = store.orders(customer_id).get(customer_id, [])
    AuditLog(uow).record("customer-exported", f"customer:{customer_id}", {"orders": len(orders)})
    content = {
        "customer": asdict(record),
        "known_by": store.keys(customer_id),
        "orders": [
            {"id": one.id, "at": one.at, "total_minor": one.total_minor, "currency": one.currency,
             "things": sorted(one.things)}
            for one in orders
        ],
        "events": [
            {"id": one.id, "kind": one.kind, "at": one.at, "product": one.product_id, "query": one.query}
            for one in EventStore(uow).of(store.keys(customer_id), limit=10_000)
        ],
    }  # fmt: skip
    return cast(JsonObject, _plain(content))


def erase_customer(uow: UnitOfWork, customer_id: str) -> dict[str, int]:
    """Remove everything that marketing keeps of a customer; the audit keeps only that it was done.

    Raises:
        NotFound: no such customer.
    """
    store = CustomerStore(uow)
    store.get(customer_id)
    events = EventStore(uow).forget(store.keys(customer_id))
    removed = {"customer_events": events, **store.erase(customer_id)}
    AuditLog(uow).record("customer-erased", f"customer:{customer_id}", {**removed})
    return removed


def _at(order: PastOrder) -> tuple[object, str]:
    return order.at, order.id


def _new_customer(latest: PastOrder) -> CustomerRecord:
    who = latest.customer
    return CustomerRecord(new_id("cus"), who.name, who.email, who.phone, who.place, (), (), True, latest.at)


def _merged(store: CustomerStore, owners: Sequence[str], latest: PastOrder) -> CustomerRecord:
    """The first owner with what the others bring; who opted out anywhere has, and consent must hold everywhere."""
    records = [store.get(owner) for owner in owners]
    agreed = set(records[0].consents).intersection(*(set(one.consents) for one in records))
    return replace(
        records[0],
        tags=tuple(sorted({tag for one in records for tag in one.tags})),
        consents=tuple(sorted(agreed)),
        personalised=all(one.personalised for one in records),
        created_at=min(one.created_at for one in records),
    )


def _with_newer(record: CustomerRecord, orders: Sequence[PastOrder]) -> CustomerRecord:
    """The newest name, address, number and place that an order gave; older ones where it gave none."""
    told: list[Identity] = [order.customer for order in sorted(orders, key=_at, reverse=True)]

    def first(name: str, old: str) -> str:
        return next((value for one in told if (value := str(getattr(one, name)))), old)

    return replace(
        record,
        name=first("name", record.name),
        email=first("email", record.email),
        phone=first("phone", record.phone),
        place=first("place", record.place),
        created_at=min([record.created_at, *(order.at for order in orders)]),
    )


def _plain(value: object) -> object:
    """Nested dataclass content as JSON: tuples are lists, times are text."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in cast(dict[object, object], value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast(Sequence[object], value)]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
