"""Taking in news of orders: the newest telling of each counts, whichever way and in whichever order it came.

State is a function of the set of news, not of their order: a whole order with a lower version never replaces one with
a higher; the same news again change nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhanggui.kernel.commerce import SourceNews, SourceOrder, SourcePart
from zhanggui.kernel.errors import BadInput, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.models.intake import ArrivalRule, OwnChange
from zhanggui.orders.rules.building import Built, build_life
from zhanggui.orders.rules.intake import check_news, decide_arrival
from zhanggui.orders.store import Head, Kept, KnownOrder, OrderStore, make_head

Outcome = Literal["created", "changed", "unchanged", "stale", "waiting", "rejected"]
BeforeChange = Callable[[Sequence[str]], None]
_MOST_SHOP_ID = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one piece of news. `held` names the failed rules of the arrival decision; `problem` rejects."""

    order_id: str
    outcome: Outcome
    held: tuple[ArrivalRule, ...] = ()
    problem: BadInput | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where news come from.

    Attributes:
        shop_id: the sales channel whose order ids they use.
        by: the import, job or sender, for `created_by` and `last_change`.
        fetched_at: when we asked, for answers; None for news that were sent.
        currency: the shop's own; an order in another is held. Empty: any.
    """

    shop_id: str
    by: str
    fetched_at: datetime | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.shop_id) <= _MOST_SHOP_ID or "\0" in self.shop_id or ":" in self.shop_id:
            raise BadInput(field="shop", expected="1 to 64 characters, no colon", found=self.shop_id)


def order_key(shop_id: str, external_id: str) -> str:
    """Our id of a shop's order."""
    return f"{shop_id}:{external_id}"


def take_one(uow: UnitOfWork, news: SourceNews, origin: Origin) -> Taken:
    """Take in one piece of news."""
    return take(uow, [news], origin)[0]


def take(
    uow: UnitOfWork, news: Sequence[SourceNews], origin: Origin, *, before_change: BeforeChange | None = None
) -> list[Taken]:
    """Take in many pieces of news in this transaction; what became of each, in the order given.

    `before_change` is told the orders that are about to be written anew, while they are as they were.
    """
    return _Intake(uow, origin, before_change=before_change).run(news)


def preview(uow: UnitOfWork, news: Sequence[SourceNews], origin: Origin) -> list[Taken]:
    """What taking them in would do; writes nothing."""
    return _Intake(uow, origin, writes=False).run(news)


def rebuild(uow: UnitOfWork, heads: Mapping[str, tuple[Head, SourceOrder, str]], origin: Origin) -> None:
    """Write these orders out anew from the given tellings (order id -> telling, read, last change)."""
    intake = _Intake(uow, origin)
    known = intake.store.known(list(heads))
    chosen = {key: _Chosen(head, told, last) for key, (head, told, last) in heads.items()}
    intake.write(chosen, known)


@dataclass(frozen=True, slots=True)
class _Chosen:
    head: Head
    told: SourceOrder
    last_change: str


class _Intake:
    """One run over some news."""

    def __init__(
        self, uow: UnitOfWork, origin: Origin, *, writes: bool = True, before_change: BeforeChange | None = None
    ) -> None:
        self._origin, self._writes, self._before_change = origin, writes, before_change
        self.store = OrderStore(uow)
        self._now = uow.clock.now()
        # Lives built to see whether they can be, by the identity of the telling: most are what is written then.
        self._built: dict[int, Built] = {}

    def run(self, news: Sequence[SourceNews]) -> list[Taken]:
        good: list[tuple[int, str, SourceNews]] = []
        taken: dict[int, Taken] = {}
        for at, one in enumerate(news):
            key = order_key(self._origin.shop_id, one.external_id)
            problem = self._problem(key, one)
            if problem is not None:
                taken[at] = Taken(key, "rejected", problem=problem)
            else:
                good.append((at, key, one))
        if good:
            if self._writes:
                self.store.lock_shop(self._origin.shop_id)
            self._take(good, taken)
        return [taken[at] for at in range(len(news))]

    def _problem(self, key: str, news: SourceNews) -> BadInput | None:
        try:
            check_news(news, self._now)
            if isinstance(news, SourceOrder):
                self._built[id(news)] = build_life(news, key)
        except BadInput as bad:
            return bad
        except MerchantError as broken:
            return BadInput(field="order", expected="parts that add up", found=broken.message)
        return None

    def _take(self, good: Sequence[tuple[int, str, SourceNews]], taken: dict[int, Taken]) -> None:
        known = self.store.known(list(dict.fromkeys(key for _at, key, _one in good)))
        chosen: dict[str, _Chosen] = {}
        parts: set[str] = set()
        for at, key, one in good:
            if isinstance(one, SourcePart):
                taken[at] = Taken(key, self._take_part(key, one, key in known or key in chosen))
                if taken[at].outcome != "stale":
                    parts.add(key)
                continue
            head = make_head(one, self._origin.fetched_at)
            if "\\u0000" in head.told:
                problem = BadInput(field="order", expected="text without NUL characters", found=one.external_id)
                taken[at] = Taken(key, "rejected", problem=problem)
                continue
            taken[at] = Taken(key, self._against(key, head, known, chosen))
            if taken[at].outcome in ("created", "changed"):
                chosen[key] = _Chosen(head, one, self._origin.by)
        self._again(parts - set(chosen), known, chosen)
        held = self.write(chosen, known)
        for at, key, _one in good:
            if held.get(key) and taken[at].outcome in ("created", "changed"):
                taken[at] = Taken(key, taken[at].outcome, held[key])

    def _take_part(self, key: str, part: SourcePart, has_order: bool) -> Outcome:
        if self._writes and not self.store.add_part(key, part):
            return "stale"
        return "changed" if has_order else "waiting"

    @staticmethod
    def _against(
        key: str, head: Head, known: Mapping[str, KnownOrder], chosen: Mapping[str, _Chosen]
    ) -> Literal["created", "changed", "unchanged", "stale"]:
        before = chosen[key].head if key in chosen else known.get(key)
        if before is None:
            return "created"
        if (before.version, before.digest) == (head.version, head.digest) and before.fetched >= head.fetched:
            return "unchanged"
        return "changed" if head.rank > before.rank else "stale"

    def _again(self, keys: Iterable[str], known: Mapping[str, KnownOrder], chosen: dict[str, _Chosen]) -> None:
        # A part came in for an order that is here: the order is written anew with it.
        for key in keys:
            if key in known:
                head = self.store.head(key)
                chosen[key] = _Chosen(head, self.store.told([key])[key], self._origin.by)

    def write(
        self, chosen: Mapping[str, _Chosen], known: Mapping[str, KnownOrder]
    ) -> dict[str, tuple[ArrivalRule, ...]]:
        """Write the chosen tellings out; the failed rules of each."""
        parts = self.store.parts(list(chosen))
        own = self.store.own_changes([key for key in chosen if key in known])
        kept: list[Kept] = []
        for key, one in chosen.items():
            created = known[key].created_by if key in known else self._origin.by
            kept.append(self._kept(key, one, parts.get(key, ()), own.get(key, ()), created))
        there = [key for key in chosen if key in known]
        if self._writes and there and self._before_change is not None:
            self._before_change(there)
        if self._writes:
            self.store.write(kept, there=there)
        return {one.order_id: one.arrival.failed for one in kept}

    def _kept(
        self, key: str, one: _Chosen, parts: Sequence[SourcePart], own: Sequence[OwnChange], created: str
    ) -> Kept:
        built = None if parts or own else self._built.get(id(one.told))
        built = built or build_life(one.told, key, parts=parts, changes=own)
        return Kept(
            order_id=key,
            shop_id=self._origin.shop_id,
            head=one.head,
            told=built.told,
            life=built.life,
            flags=built.flags,
            arrival=decide_arrival(built.told, built.flags, self._origin.currency),
            created_by=created,
            last_change=one.last_change,
            own_events=len(own) - len(built.superseded),
        )
