"""Orders that arrive while a transaction is being written are taken in by the next one together.

A commit costs as much for one order as for fifty. Who comes first writes for all who wait; everybody's answer goes out
after the commit that holds their order.
"""

import threading
from dataclasses import dataclass

from zhanggui.api.common import Call
from zhanggui.kernel.access import Principal
from zhanggui.kernel.commerce import SourceOrder
from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.storage import Database
from zhanggui.orders import Origin, Taken, take

_MOST = 200


@dataclass(slots=True, eq=False)
class _Waiting:
    caller: Principal
    shop_id: str
    order: SourceOrder
    taken: Taken | None = None
    broken: Exception | None = None

    @property
    def over(self) -> bool:
        """Whether what became of it is known."""
        return self.taken is not None or self.broken is not None


class Gathering:
    """Takes in orders that come one by one from many threads; one for the server."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Waiting]] = {}
        self._writers: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def take(self, call: Call, shop_id: str, order: SourceOrder) -> Taken:
        """Take in one order; back when it is committed.

        Raises:
            Forbidden: the caller may not send orders.
            ZhangguiError: this order's own transaction failed.
        """
        call.caller.require("propose")
        mine, merchant_id = _Waiting(call.caller, shop_id, order), call.caller.merchant_id
        with self._lock:
            self._waiting.setdefault(merchant_id, []).append(mine)
            writer = self._writers.setdefault(merchant_id, threading.Lock())
        with writer:
            if not mine.over:
                _write_all(call.app.database, self._next(merchant_id, mine))
        if mine.taken is None:
            raise mine.broken or RetryLater("the order was not taken in; send it again")
        return mine.taken

    def _next(self, merchant_id: str, mine: _Waiting) -> list[_Waiting]:
        """The orders that came first, and mine."""
        with self._lock:
            others = [one for one in self._waiting[merchant_id] if one is not mine]
            self._waiting[merchant_id] = others[_MOST:]
            return [*others[:_MOST], mine]


def _write_all(database: Database, waiting: list[_Waiting]) -> None:
    """One transaction for each sender and shop; where one fails, every order of it has one of its own."""
    groups: dict[tuple[str, str], list[_Waiting]] = {}
    for one in waiting:
        groups.setdefault((str(one.caller.actor), one.shop_id), []).append(one)
    for group in groups.values():
        try:
            _write(database, group)
        except Exception as broken:
            if len(group) == 1:
                group[0].broken = broken
            else:
                for one in group:
                    _write_all(database, [one])


def _write(database: Database, group: list[_Waiting]) -> None:
    first = group[0]
    actor = first.caller.actor
    with database.begin(first.caller.merchant_id, actor) as uow:
        answers = take(uow, [one.order for one in group], Origin(first.shop_id, str(actor)[:40]))
    for one, taken in zip(group, answers, strict=True):
        one.taken = taken
