"""Reconciliation: ask a shop what changed since we last asked, page by page, so that lost webhooks lose nothing."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.ports import OrderPage, OrderSource
from zhanggui.orders.service.importing import order_problem_json
from zhanggui.orders.service.intake import Origin, Taken, take
from zhanggui.orders.service.receiving import Connections
from zhanggui.orders.store import Connection, ConnectionStore, SyncCursor

# Clocks differ, and a shop may list a change a little late: look again at the last minutes each time.
_OVERLAP = timedelta(minutes=5)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_PAGES = 10_000
_ACTOR = Actor("job", "order-reconcile")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What asking a shop came to; `missed` are orders that were new or newer than what we had."""

    pages: int
    seen: int
    missed: int
    problems: tuple[JsonObject, ...]


class Reconciler:
    """Asks shops what changed. A page and the place reached are one transaction, so that a kill loses nothing."""

    def __init__(self, database: Database, connections: Connections) -> None:
        self._database, self._connections = database, connections

    def connected(self, uow: UnitOfWork) -> tuple[Connection, ...]:
        """The merchant's shops that can be asked."""
        return tuple(one for one in ConnectionStore(uow).all() if one.source in self._connections.sources)

    def reconcile(self, merchant_id: str, shop_id: str, source: str) -> Reconciled:
        """Ask until there is no further page.

        Raises:
            NotFound: the shop is not connected, or has no API secret.
            RetryLater: the shop is down or too busy; what was taken in so far stays, the next run goes on from there.
        """
        with self._database.begin(merchant_id, _ACTOR, read_only=True) as uow:
            store = ConnectionStore(uow)
            connection = store.get(shop_id, source)
            secret = self._connections.secret(uow, shop_id, source, "api")
            at = store.cursor(shop_id, source)
        client = self._connections.sources[source].open(connection.settings, secret)
        try:
            return self._run(merchant_id, connection, client, at or SyncCursor(_FIRST))
        finally:
            client.close()

    def _run(self, merchant_id: str, connection: Connection, client: OrderSource, at: SyncCursor) -> Reconciled:
        done = Reconciled(0, 0, 0, ())
        while done.pages < _MOST_PAGES:
            asked_at = self._database.clock.now()
            try:
                page = client.changed(at.since, at.cursor)
            except BadInput:
                # The shop forgot the place where an earlier run stopped: begin this stretch again.
                if not at.cursor or done.pages:
                    raise
                at = replace(at, cursor="")
                continue
            with self._database.begin(merchant_id, _ACTOR) as uow:
                taken = self._take(uow, connection, page, asked_at)
                at = _next(at, page, asked_at, sum(one.outcome in ("created", "changed") for one in taken))
                ConnectionStore(uow).put_cursor(connection.shop_id, connection.source, at)
            done = _counted(done, page, taken)
            if not page.next_cursor:
                break
        return done

    @staticmethod
    def _take(uow: UnitOfWork, connection: Connection, page: OrderPage, asked_at: datetime) -> list[Taken]:
        currency = str(connection.settings.get("currency", ""))
        return take(uow, page.orders, Origin(connection.shop_id, "reconcile", asked_at, currency))


def _next(at: SyncCursor, page: OrderPage, asked_at: datetime, taken: int) -> SyncCursor:
    newest = max([order.version for order in page.orders] + ([at.newest] if at.newest else []), default=None)
    if newest is not None:
        newest = min(newest, asked_at)
    at = replace(at, newest=newest, cursor=page.next_cursor, taken=at.taken + taken)
    if page.next_cursor:
        return at
    since = max(at.since, newest - _OVERLAP) if newest is not None else at.since
    return replace(at, since=since, newest=None, finished_at=asked_at)


def _counted(done: Reconciled, page: OrderPage, taken: list[Taken]) -> Reconciled:
    problems: list[BadInput] = [*page.problems, *(one.problem for one in taken if one.problem is not None)]
    return Reconciled(
        pages=done.pages + 1,
        seen=done.seen + len(page.orders) + len(page.problems),
        missed=done.missed + sum(one.outcome in ("created", "changed") for one in taken),
        problems=(*done.problems, *(order_problem_json(bad) for bad in problems))[:100],
    )
