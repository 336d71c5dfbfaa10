"""Where marketing keeps personal data: customers, the keys they are known by, orders in brief, events, campaigns."""

from typing import cast

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.privacy import Person, person_of
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, plain_json
from zhanggui.marketing.rules.identities import clean_email, clean_phone
from zhanggui.marketing.store.customers import CustomerStore
from zhanggui.marketing.store.events import EventStore

_MOST = 100_000


class MarketingPeople:
    """One person may be several customers here: shops' ids that share no address are never joined by themselves."""

    name = "marketing"

    def known(self, uow: UnitOfWork, person: Person) -> Person:
        """Every id, address and number of theirs; their orders; what they searched for."""
        store, found = CustomerStore(uow), person_of()
        for customer in self._customers(uow, person):
            record, keys = store.get(customer), store.keys(customer)
            plain = [key.partition(":")[2] for key in keys]
            orders = [one.id for one in store.orders(customer).get(customer, ())]
            seen = EventStore(uow).of(keys, limit=_MOST)
            found = found.with_(
                person_of(
                    ids=(customer, *plain),
                    orders=orders,
                    marks=(record.email, record.phone, *(one for one in plain if "@" in one or one.isdigit())),
                    names=(record.name,),
                    texts=(one.query for one in seen),
                )
            )
        return found

    def export(self, uow: UnitOfWork, person: Person) -> list[JsonObject]:
        """Each customer with what was measured, their orders in brief and what they looked at."""
        store, records = CustomerStore(uow), list[JsonObject]()
        for customer in self._customers(uow, person):
            keys = store.keys(customer)
            content = {
                "customer": store.get(customer),
                "known_by": keys,
                "orders": store.orders(customer).get(customer, []),
                "events": EventStore(uow).of(keys, limit=_MOST),
            }
            records.append(cast(JsonObject, plain_json(content)))
        loose = EventStore(uow).of(_keys(person), limit=_MOST) if not records else []
        return [*records, *(cast(JsonObject, plain_json(one)) for one in loose)]

    def erase(self, uow: UnitOfWork, person: Person) -> int:
        """Everything of theirs, in campaigns as well: what a campaign changed is then measured without them."""
        store, removed = CustomerStore(uow), 0
        keys = set(_keys(person))
        for customer in self._customers(uow, person):
            keys |= set(store.keys(customer))
            removed += sum(store.erase(customer).values())
        return removed + EventStore(uow).forget(sorted(keys))

    @staticmethod
    def _customers(uow: UnitOfWork, person: Person) -> list[str]:
        store = CustomerStore(uow)
        found = set(store.owners(_keys(person)).values())
        for one in person.ids:
            try:
                found.add(store.get(one).id)
            except NotFound:
                continue
        return sorted(found)


def _keys(person: Person) -> list[str]:
    keys = {f"{kind}:{one}" for one in person.ids for kind in ("id", "visitor")} | set(person.ids)
    for one in (*person.ids, *person.marks):
        email, phone = clean_email(one), clean_phone(one) if "@" not in one and ":" not in one else ""
        keys |= {f"email:{email}"} if email else set[str]()
        # An order's number may look like a telephone's: only what was told as a number counts as one.
        keys |= {f"phone:{phone}"} if phone and one in person.marks else set[str]()
    return sorted(keys)
