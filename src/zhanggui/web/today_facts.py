"""What the first page tells, read from the database: what happened, what waits, what the desk did, saved and cost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from zhanggui.app import App
from zhanggui.catalog import ProductQuery, search_products
from zhanggui.desk import Filter, Inbox, Proposal, State
from zhanggui.kernel.audit import AuditLog, AuditRow
from zhanggui.kernel.jobs import Job
from zhanggui.kernel.storage import MerchantStore, UnitOfWork
from zhanggui.kernel.types import Money
from zhanggui.orders import ConnectionStore, OrderQuery, search_orders
from zhanggui.support import Complaint, ComplaintStore, Handover, MoodStore

MINUTES_SETTING = "today.minutes"
# Minutes of a person's work that one of each takes by hand, as this shop counts them; its owner may change them.
MINUTES: Mapping[str, int] = {
    "listing-copy": 12, "message-customer": 4, "carrier-claim": 8, "restock": 10, "campaign": 30, "review-reply": 4,
    "knowledge-article": 10, "other": 3, "chat": 6, "heard": 3, "exception": 4,
}  # fmt: skip
_MOST = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person: how many, since when the oldest, until when the most urgent."""

    kind: str
    count: int
    address: str
    oldest: datetime | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """Work that nobody had to do by hand: `each` minutes for one."""

    kind: str
    count: int
    each: int
    address: str

    @property
    def minutes(self) -> int:
        """Minutes together."""
        return self.count * self.each


@dataclass(frozen=True, slots=True)
class Gain:
    """What a campaign brought beyond what customers left alone bought: the proposal, and the money."""

    proposal_id: str
    title: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the page tells; all since `since` but what waits and what the shop has."""

    since: datetime
    now: datetime
    orders: int
    turnover: tuple[Money, ...]
    decided: Counter[str]
    exceptions: int
    complaints: int
    texts: int
    negative: int
    chats: int
    chats_alone: int
    waiting: tuple[Waiting, ...]
    proposed: int
    alone: int
    undone: int
    failed: int
    minutes: Mapping[str, int]
    saved: tuple[Saved, ...]
    gains: tuple[Gain, ...]
    spent: int
    spent_month: int
    jobs: tuple[Job, ...]
    events: tuple[AuditRow, ...]
    products: int
    connected: bool
    model: bool
    any_proposal: bool


def begin_of_yesterday(now: datetime) -> datetime:
    """Midnight (UTC) at which yesterday began."""
    return (now - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def read_day(app: App, uow: UnitOfWork) -> Day:
    """Read everything in one go."""
    now = uow.clock.now()
    since = begin_of_yesterday(now)
    counts = Inbox.counts(uow)
    recent = Inbox.page(uow, Filter(), limit=_MOST).items
    lately = tuple(one for one in recent if (one.applied_at or since) > since)
    orders = search_orders(uow, OrderQuery(placed_from=since, limit=_MOST))
    exceptions = app.exceptions.page(uow, limit=_MOST)
    complaints = ComplaintStore(uow)
    heard = complaints.between(since, now)
    texts, negative = MoodStore(uow).totals(since, now)
    chats = app.chat.conversations.outcomes(uow, since, now + timedelta(seconds=1))
    found = sum(one.found_at >= since for one in exceptions)
    alone = sum(not one.handed_over for one in chats)
    working = [app.jobs.page(uow, state=state, limit=5).items for state in ("running", "queued", "paused")]
    return Day(
        since=since,
        now=now,
        orders=orders.total,
        turnover=_sums(one.total for one in orders.items if one.state != "cancelled"),
        decided=Counter("applied" for one in lately if not one.decided_by.startswith("desk")),
        exceptions=found,
        complaints=len(heard),
        texts=texts,
        negative=negative,
        chats=len(chats),
        chats_alone=alone,
        waiting=(
            *_waiting_people(app.chat.handovers.inbox(uow)),
            *_waiting_complaints(complaints.list(states=("open", "taken"), limit=_MOST)),
            *_waiting_proposals(uow, counts),
        ),
        proposed=sum(one.created_at >= since for one in recent),
        alone=sum(one.autonomy == "auto" and one.decided_by.startswith("desk") for one in lately),
        undone=sum((one.undone_at or since) > since for one in recent),
        failed=sum(count for (_, state), count in counts.items() if state is State.FAILED),
        minutes=minutes_of(uow),
        saved=_saved(uow, lately, {"chat": alone, "heard": len(heard), "exception": found}),
        gains=tuple(_gains(uow)),
        spent=sum(one.micros for one in app.models.spending(uow.merchant_id, since)),
        spent_month=sum(one.micros for one in app.models.spending(uow.merchant_id, now - timedelta(days=30))),
        jobs=tuple(job for jobs in working for job in jobs)[:5],
        events=AuditLog(uow).read(limit=7).items,
        products=search_products(uow, ProductQuery(limit=1)).total,
        connected=bool(ConnectionStore(uow).all()),
        model=any(one.ready for one in app.models.describe()),
        any_proposal=bool(counts),
    )  # fmt: skip


def minutes_of(uow: UnitOfWork) -> dict[str, int]:
    """Minutes by kind of work: the shop's own where it set them."""
    own = cast(dict[str, Any], MerchantStore.setting(uow, MINUTES_SETTING, {}))
    return {kind: int(own.get(kind, usual)) for kind, usual in MINUTES.items()}


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    by_currency: Counter[str] = Counter()
    for amount in amounts:
        by_currency[amount.currency] += amount.minor
    return tuple(Money(minor, currency) for currency, minor in by_currency.most_common())


def _waiting_people(handovers: Sequence[Handover]) -> list[Waiting]:
    if not handovers:
        return []
    return [Waiting("handover", len(handovers), "/handovers", min(one.asked_at for one in handovers))]


def _waiting_complaints(complaints: Sequence[Complaint]) -> list[Waiting]:
    if not complaints:
        return []
    oldest, deadline = min(one.at for one in complaints), min(one.deadline for one in complaints)
    return [Waiting("complaint", len(complaints), "/complaints", oldest, deadline)]


def _waiting_proposals(uow: UnitOfWork, counts: Mapping[tuple[str, State], int]) -> list[Waiting]:
    found: list[Waiting] = []
    for (kind, state), count in sorted(counts.items(), key=lambda pair: -pair[1]):
        if state is not State.WAITING or not count:
            continue
        wanted = Filter(states=(State.WAITING,), kinds=(kind,))
        oldest = Inbox.page(uow, wanted, limit=1, oldest=True).items[0]
        found.append(Waiting(kind, count, f"/inbox?kind={kind}", oldest.created_at, oldest.expires_at))
    return found


def _saved(uow: UnitOfWork, lately: Sequence[Proposal], others: Mapping[str, int]) -> tuple[Saved, ...]:
    minutes = minutes_of(uow)
    done = Counter(one.kind for one in lately if one.state is State.APPLIED)
    rows = [
        Saved(kind, count, minutes.get(kind, minutes["other"]), f"/inbox?state=applied&kind={kind}")
        for kind, count in done.most_common()
    ]
    pages = {"chat": "/conversations", "heard": "/complaints", "exception": "/exceptions"}
    rows += [Saved(name, count, minutes[name], pages[name]) for name, count in others.items() if count]
    return tuple(rows)


def _gains(uow: UnitOfWork) -> list[Gain]:
    """Measured campaigns that did better than leaving customers alone, with the money beyond the holdout's rate."""
    found: list[Gain] = []
    for one in Inbox.page(uow, Filter(states=(State.APPLIED,), kinds=("campaign",)), limit=20).items:
        outcome = cast(dict[str, Any], one.outcome or {})
        overall = cast(dict[str, Any], outcome.get("overall") or {})
        arms = {str(arm["name"]): arm for arm in cast(list[dict[str, Any]], outcome.get("arms") or [])}
        left = arms.pop("holdout", None)
        if overall.get("verdict") != "better" or left is None or not left["customers"]:
            continue
        sent = sum(int(arm["customers"]) for arm in arms.values())
        spent = sum(float(arm["amount"]) for arm in arms.values())
        more = spent - float(left["amount"]) / int(left["customers"]) * sent
        found.append(Gain(one.id, one.title, Money(round(more), _currency(uow))))
    return found


def _currency(uow: UnitOfWork) -> str:
    newest = search_orders(uow, OrderQuery(limit=1)).items
    return newest[0].total.currency if newest else "CNY"
