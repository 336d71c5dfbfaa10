"""Events taken in: idempotent, in any order, bad rows named; nothing is kept of people who opted out."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import cast

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.events import Event, EventProblem, EventsTaken
from zhanggui.marketing.ports import Goods
from zhanggui.marketing.rules.events import parse_event
from zhanggui.marketing.store.customers import CustomerStore, add_key, opted_out
from zhanggui.marketing.store.events import EventStore

MOST_EVENTS = 1_000
_DAY = timedelta(days=1)
_MOST_A_DAY = 2_000


def take_events(uow: UnitOfWork, told: Sequence[object], goods: Goods, *, source: str, begin: int = 1) -> EventsTaken:
    """Take a batch in; good rows are kept, bad ones are named.

    Args:
        told: rows as `parse_event` reads them.
        goods: the shop's products, for the names that audiences use.
        source: who sent them, such as `api`.
        begin: number of the first row, as problems name it.

    Raises:
        BadInput: more than `MOST_EVENTS` rows.
    """
    if len(told) > MOST_EVENTS:
        raise BadInput(field="events", expected=f"at most {MOST_EVENTS}", found=str(len(told)))
    now, problems, events = uow.clock.now(), list[EventProblem](), dict[str, Event]()
    known = 0
    for row, one in enumerate(told, begin):
        try:
            event = parse_event(one, row, now)
        except BadInput as bad:
            about = bad.details
            problems.append(EventProblem(row, str(about["field"]), str(about["expected"]), str(about["found"])))
            continue
        known += event.id in events
        events.setdefault(event.id, event)
    there = EventStore(uow).known(list(events))
    fresh = [one for one in events.values() if one.id not in there]
    kept = _allowed(uow, fresh)
    things = goods.things(uow, sorted({one.product_id for one in kept if one.product_id}))
    stored = EventStore(uow).add(kept, things, source[:16])
    return EventsTaken(stored, known + len(there), len(fresh) - len(kept), tuple(problems))


def take_page_events(uow: UnitOfWork, visitor: str, told: Sequence[object], goods: Goods) -> EventsTaken:
    """Events that a shop's page sends by itself: the visitor is who the token says, never a customer that it names.

    Raises:
        BadInput: more than one browser looks at in a day.
    """
    count = EventStore(uow).count(f"visitor:{visitor}", uow.clock.now() - _DAY)
    if count + len(told) > _MOST_A_DAY:
        raise BadInput(field="events", expected=f"at most {_MOST_A_DAY} a visitor and day", found=str(count))
    own = [_own(one, visitor) for one in told]
    return take_events(uow, own, goods, source="page")


def _own(told: object, visitor: str) -> object:
    if not isinstance(told, dict):
        return told
    content = {str(name): value for name, value in cast(dict[object, object], told).items()}
    identity = content.get("id")
    return {**content, "customer": "", "visitor": visitor, "id": f"{visitor[:40]}.{identity}" if identity else ""}


def _allowed(uow: UnitOfWork, events: Sequence[Event]) -> list[Event]:
    """Events of people who did not opt out; a browser that signs in belongs to its customer from now on."""
    store = CustomerStore(uow)
    owners = store.owners(sorted({key for one in events for key in (one.who, one.visitor) if key}))
    for one in events:
        owner = owners.get(one.who)
        if owner and one.visitor and one.visitor not in owners:
            add_key(uow, owner, one.visitor)
            owners[one.visitor] = owner
    refused = opted_out(uow, sorted(set(owners.values())))
    refused_keys = {key for key, owner in owners.items() if owner in refused}
    return [one for one in events if not refused_keys & {one.who, one.visitor}]


def read_rows(rows: Iterable[dict[str, str]]) -> list[object]:
    """Rows of a file whose columns are named as the fields of events, under their usual other names as well."""
    return [{_FIELD_NAMES.get(name.strip().lower(), name.strip().lower()): cell for name, cell in row.items()}
            for row in rows]  # fmt: skip


_FIELD_NAMES = {
    "event_id": "id", "event": "kind", "type": "kind", "time": "at", "timestamp": "at", "customer_id": "customer",
    "email": "customer", "visitor_id": "visitor", "session_id": "visitor", "product_id": "product", "sku": "product",
    "search": "query", "事件编号": "id", "事件": "kind", "时间": "at", "顾客": "customer", "访客": "visitor",
    "商品": "product", "搜索词": "query",
}  # fmt: skip
