"""What went wrong with a parcel or an order: kind, cause, culprit, who pays, by when, what to do. Pure.

One finding a parcel, the gravest first: a lost parcel is late as well, and nobody is helped by hearing it twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zhanggui.kernel.commerce import ParcelReason, ParcelStatus, TrackingEvent, TrackingReport
from zhanggui.kernel.types import Money
from zhanggui.orders.models import OrderState, Parcel, Sentence
from zhanggui.orders.rules.dossier import Dossier, cash_on_delivery, in_stock
from zhanggui.orders.rules.tracking import NEXT_STEPS, Payer, assess


class ExceptionKind(StrEnum):
    """The kinds that the desk handles."""

    LATE = "late"
    STUCK = "stuck"
    LOST = "lost"
    RETURNED = "returned"
    REFUSED = "refused"
    DAMAGED = "damaged"
    WRONG_ADDRESS = "wrong-address"
    CUSTOMS = "customs"
    DENIED = "delivered-but-denied"
    STOCK_OUT = "stock-out"
    PAYMENT = "payment-mismatch"


@dataclass(frozen=True, slots=True)
class Limits:
    """A merchant's own periods. `watch_days`: how long after its end a parcel is still looked at."""

    grace_hours: int = 0
    watch_days: int = 15
    claim_days: int = 30


@dataclass(frozen=True, slots=True)
class ParcelCase:
    """One parcel to look at: what the carrier says, what was promised, and when the customer said it never came."""

    parcel_id: str
    carrier: str
    tracking_number: str
    report: TrackingReport
    promised_at: datetime | None = None
    value: Money | None = None
    denied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong.

    `culprit` is carrier, seller, buyer, customs, weather, other or empty (nobody says); `since` is when it began;
    `sure` is 1 where the carrier or the customer says so and less where it is concluded; `proposals` name the desk's
    kinds that would mend it, in order.
    """

    kind: ExceptionKind
    order_id: str
    parcel_id: str
    cause: Sentence
    culprit: str
    pays: Payer | None
    since: datetime
    deadline: datetime
    action: Sentence
    proposals: tuple[str, ...]
    sure: float = 1.0
    event: TrackingEvent | None = None


_MOVING = (ParcelStatus.PICKED_UP, ParcelStatus.IN_TRANSIT, ParcelStatus.OUT_FOR_DELIVERY, ParcelStatus.DELAYED)
_WAITING = (ParcelStatus.INFO_RECEIVED, ParcelStatus.PENDING)
_ENDED = (ParcelStatus.DELIVERED, ParcelStatus.RETURNED, ParcelStatus.CANCELLED)
# Words of a delivery scan that say that neither the customer nor anybody the customer named took the parcel.
_STRANGER = ("他人代收", "他人签收", "signed for by somebody else", "signed by someone else", "left unattended")
_SAY, _CLAIM = "message-customer", "carrier-claim"
# What to do, the desk's kinds of proposal that do it, and how many days after it began.
_ACTIONS: Mapping[ExceptionKind, tuple[Sentence, tuple[str, ...], int]] = {
    ExceptionKind.LATE: (Sentence("Tell the customer, press the carrier.", "告知客户并催促承运商。"), (_SAY,), 2),
    ExceptionKind.STUCK: (
        Sentence("Ask the carrier to search, tell the customer.", "请承运商查件并告知客户。"), (_SAY, _CLAIM), 2,
    ),
    ExceptionKind.LOST: (
        Sentence("Claim from the carrier; refund or send again.", "向承运商索赔，并退款或补发。"),
        (_SAY, _CLAIM, "refund"), 2,
    ),
    ExceptionKind.RETURNED: (
        Sentence("Ask the customer whether to send again or to refund.", "联系客户确认重发还是退款。"), (_SAY,), 3,
    ),
    ExceptionKind.REFUSED: (
        Sentence("Ask why, have it brought back, refund on receipt.", "询问拒收原因，到仓后退款。"), (_SAY,), 3,
    ),
    ExceptionKind.DAMAGED: (
        Sentence("Ask for photographs; claim from the carrier.", "请客户提供照片，并向承运商索赔。"), (_SAY, _CLAIM), 3,
    ),
    ExceptionKind.WRONG_ADDRESS: (
        Sentence("Ask for the whole address and give it to the carrier.", "核实完整地址并转告承运商。"), (_SAY,), 1,
    ),
    ExceptionKind.CUSTOMS: (
        Sentence("Supply what customs ask for, tell the customer.", "补充清关资料并告知客户。"), (_SAY,), 3,
    ),
    ExceptionKind.DENIED: (
        Sentence("Ask the carrier for the proof of delivery.", "请承运商提供签收凭证并核实。"), (_SAY, _CLAIM), 2,
    ),
    ExceptionKind.STOCK_OUT: (
        Sentence("Send what is there, or hold the order and tell the customer.", "先发有货部分，或暂停订单并告知。"),
        ("split", "hold", _SAY), 1,
    ),
    ExceptionKind.PAYMENT: (
        Sentence("Hold the order until the money is clear.", "核清款项前暂停订单。"), ("hold",), 1,
    ),
}  # fmt: skip


def find_in_parcel(case: ParcelCase, order_id: str, now: datetime, limits: Limits | None = None) -> Finding | None:
    """What is wrong with a parcel now, or None.

    A parcel that ended (delivered, back, cancelled) longer ago than `limits.watch_days` is no more looked at.
    """
    bounds = limits or Limits()
    ended = _ended_at(case.report)
    if ended is not None and now - ended > timedelta(days=bounds.watch_days) and case.denied_at is None:
        return None
    for look in _LOOKS:
        found = look(case, now, bounds)
        if found is not None:
            return _finding(case, order_id, found)
    return None


def find_in_order(dossier: Dossier, now: datetime) -> Iterator[Finding]:
    """What is wrong with an order apart from its parcels: goods that are not there, money that does not fit."""
    life, told = dossier.life, dossier.told
    if life.state in (OrderState.CANCELLED, OrderState.CLOSED):
        return
    split = in_stock(dossier)
    if split is not None and split[1] and life.state is OrderState.ACCEPTED:
        missing = sum(split[1].values())
        skus = ", ".join(sorted({line.sku for line in life.lines if line.id in split[1]}))
        cause = Sentence(f"{missing} units are not in stock ({skus}).", f"缺货 {missing} 件（{skus}）。")
        yield _of_order(ExceptionKind.STOCK_OUT, dossier, cause, told.placed_at, now)
    reason = _money_problem(dossier)
    if reason is not None:
        yield _of_order(ExceptionKind.PAYMENT, dossier, reason, told.version, now)


def parcel_cases(dossier: Dossier, *, denied: Mapping[str, datetime] | None = None) -> Iterator[ParcelCase]:
    """The parcels of an order that a carrier has said something about. `denied`: parcel id -> when it was denied."""
    prices = {line.id: line.unit_price for line in dossier.life.lines}
    for parcel in dossier.life.parcels:
        report = dossier.reports.get(parcel.id)
        if report is None:
            continue
        yield ParcelCase(
            parcel_id=parcel.id,
            carrier=parcel.carrier or report.carrier,
            tracking_number=parcel.tracking_number or report.tracking_number,
            report=report,
            promised_at=dossier.told.promised_at,
            value=_value(parcel, prices, dossier.life.currency),
            denied_at=(denied or {}).get(parcel.id),
        )


def _value(parcel: Parcel, prices: Mapping[str, Money], currency: str) -> Money:
    return Money(sum(prices[line].minor * count for line, count in parcel.units.items()), currency)


def _money_problem(dossier: Dossier) -> Sentence | None:
    life = dossier.life
    captured, total = life.captured(), life.total()
    flagged = next((flag for flag in dossier.flags if flag.startswith(("payment", "refund"))), "")
    if flagged:
        return Sentence(f"The shop's figures contradict each other: {flagged}.", f"店铺数据自相矛盾：{flagged}。")
    if total < captured - life.refunded():
        return Sentence(f"Paid {captured}, the order costs {total}.", f"实付 {captured}，订单应付 {total}。")
    if 0 < captured.minor < total.minor and not cash_on_delivery(life):
        return Sentence(f"Only {captured} of {total} was paid.", f"仅付 {captured}，应付 {total}。")
    return None


@dataclass(frozen=True, slots=True)
class _Seen:
    kind: ExceptionKind
    event: TrackingEvent | None
    since: datetime
    cause: Sentence
    culprit: str = ""
    pays: Payer | None = None
    sure: float = 1.0


def _lost(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    if case.report.status not in (ParcelStatus.LOST, ParcelStatus.EXPIRED):
        return None
    event = _last_with(case.report, (ParcelStatus.LOST, ParcelStatus.EXPIRED)) or _last(case.report)
    return _told(
        ExceptionKind.LOST, case.report, event, now, Sentence("The carrier lost the parcel.", "承运商登记包裹遗失。")
    )


def _refused(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    event = _last_with(case.report, (ParcelStatus.REFUSED,)) or _because(case.report, ParcelReason.BUYER_REFUSED)
    if event is None or case.report.status is ParcelStatus.DELIVERED:
        return None
    return _told(
        ExceptionKind.REFUSED, case.report, event, now, Sentence("The recipient refused the parcel.", "收件人拒收。")
    )


def _returned(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    if case.report.status not in (ParcelStatus.RETURNING, ParcelStatus.RETURNED):
        return None
    event = _last_with(case.report, (ParcelStatus.RETURNING, ParcelStatus.RETURNED)) or _last(case.report)
    why = _because(case.report, ParcelReason.BUYER_ABSENT, ParcelReason.BUYER_NOT_COLLECTED)
    cause = (
        Sentence("Nobody took the parcel; it goes back to the sender.", "无人收件，包裹退回。")
        if why
        else Sentence("The parcel goes back to the sender.", "包裹退回发件人。")
    )
    return _told(ExceptionKind.RETURNED, case.report, event, now, cause)


def _damaged(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    event = _last_with(case.report, (ParcelStatus.DAMAGED,)) or _because(case.report, ParcelReason.CARRIER_DAMAGE)
    if event is None and case.report.status is not ParcelStatus.DAMAGED:
        return None
    cause = Sentence("The parcel was damaged on its way.", "包裹在运输途中破损。")
    return _Seen(ExceptionKind.DAMAGED, event, event.at if event else now, cause, "carrier", Payer.CARRIER)


def _denied(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    if case.report.status is not ParcelStatus.DELIVERED:
        return None
    event = _last_with(case.report, (ParcelStatus.DELIVERED,))
    if case.denied_at is not None:
        cause = Sentence("Recorded as delivered; the customer says it never came.", "显示已签收，客户称未收到。")
        return _Seen(ExceptionKind.DENIED, event, case.denied_at, cause, "carrier", Payer.CARRIER)
    if event is not None and any(word in event.text.lower() for word in _STRANGER):
        cause = Sentence("Somebody else signed for it; nobody knows who.", "由他人代收，签收人不明。")
        return _Seen(ExceptionKind.DENIED, event, event.at, cause, "carrier", Payer.CARRIER, 0.6)
    return None


def _wrong_address(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    event = _because(case.report, ParcelReason.BUYER_ADDRESS, ParcelReason.SELLER_LABEL)
    if event is None or case.report.status in _ENDED or _moved_on(case.report, event):
        return None
    cause = Sentence("The carrier cannot find the address.", "地址不详，承运商无法派送。")
    return _told(ExceptionKind.WRONG_ADDRESS, case.report, event, now, cause)


def _customs(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    event = next((e for e in reversed(case.report.events) if e.reason.startswith("customs_")), None)
    if event is None or case.report.status in _ENDED or _moved_on(case.report, event):
        return None
    return _told(
        ExceptionKind.CUSTOMS, case.report, event, now, Sentence("Customs hold the parcel.", "包裹被海关查验扣留。")
    )


def _stuck(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    step, event = NEXT_STEPS.get(case.report.status), _last(case.report)
    if case.report.status not in (*_MOVING, *_WAITING, ParcelStatus.EXCEPTION) or step is None or event is None:
        return None
    if now - event.at < timedelta(days=step.days):
        return None
    if case.report.status in _WAITING:
        cause = Sentence("Announced, but never handed over.", "已下单揽收，但承运商一直未揽收。")
        return _Seen(ExceptionKind.STUCK, event, event.at, cause, "seller", Payer.SELLER, 0.8)
    cause = Sentence("No news from the carrier for days.", "承运商多日没有更新物流信息。")
    return _Seen(ExceptionKind.STUCK, event, event.at, cause, "carrier", Payer.CARRIER, 0.9)


def _late(case: ParcelCase, now: datetime, limits: Limits) -> _Seen | None:
    if case.promised_at is None or case.report.status is ParcelStatus.CANCELLED:
        return None
    event = _last_with(case.report, (ParcelStatus.DELIVERED,))
    arrived = event.at if event is not None and case.report.status is ParcelStatus.DELIVERED else None
    if (arrived or now) <= case.promised_at + timedelta(hours=limits.grace_hours):
        return None
    if arrived is not None:
        cause = Sentence("It arrived later than promised.", "送达时间晚于承诺。")
    else:
        cause = Sentence("The promised day has passed.", "已超过承诺送达时间。")
    meaning = assess(case.report)
    culprit, pays = (meaning.responsible, meaning.pays) if meaning.responsible else ("carrier", Payer.CARRIER)
    return _Seen(ExceptionKind.LATE, event, case.promised_at, cause, culprit, pays)


_Look = Callable[[ParcelCase, datetime, Limits], _Seen | None]
_LOOKS: tuple[_Look, ...] = (
    _lost, _refused, _returned, _damaged, _denied, _wrong_address, _customs, _stuck, _late,
)  # fmt: skip


def _told(
    kind: ExceptionKind, report: TrackingReport, event: TrackingEvent | None, now: datetime, why: Sentence
) -> _Seen:
    """A finding that the carrier's own report shows: the culprit is the event's, else the report's."""
    meaning = assess(report)
    if event is not None and event.reason in set(ParcelReason):
        meaning = assess(TrackingReport("", "", ParcelStatus.UNKNOWN, ParcelReason(event.reason)))
    return _Seen(kind, event, event.at if event else now, why, meaning.responsible, meaning.pays)


def _finding(case: ParcelCase, order_id: str, seen: _Seen) -> Finding:
    action, proposals, days = _ACTIONS[seen.kind]
    step = NEXT_STEPS.get(case.report.status)
    last = _last(case.report)
    news = last.at + timedelta(days=step.days) if step is not None and last is not None else None
    first = seen.since + timedelta(days=days)
    return Finding(
        kind=seen.kind,
        order_id=order_id,
        parcel_id=case.parcel_id,
        cause=seen.cause,
        culprit=seen.culprit,
        pays=seen.pays,
        since=seen.since,
        deadline=min(first, news) if news is not None and news > seen.since else first,
        action=action,
        proposals=proposals,
        sure=seen.sure,
        event=seen.event,
    )


def _of_order(kind: ExceptionKind, dossier: Dossier, cause: Sentence, since: datetime, now: datetime) -> Finding:
    action, proposals, days = _ACTIONS[kind]
    culprit, pays = ("seller", Payer.SELLER) if kind is ExceptionKind.STOCK_OUT else ("", None)
    due = max(since, now) + timedelta(days=days)
    return Finding(kind, dossier.life.id, "", cause, culprit, pays, since, due, action, proposals)


def _last(report: TrackingReport) -> TrackingEvent | None:
    return report.events[-1] if report.events else None


def _ended_at(report: TrackingReport) -> datetime | None:
    last = _last(report)
    return last.at if last is not None and report.status in _ENDED else None


def _last_with(report: TrackingReport, statuses: tuple[ParcelStatus, ...]) -> TrackingEvent | None:
    return next((event for event in reversed(report.events) if event.status in statuses), None)


def _because(report: TrackingReport, *reasons: ParcelReason) -> TrackingEvent | None:
    return next((event for event in reversed(report.events) if event.reason in reasons), None)


def _moved_on(report: TrackingReport, event: TrackingEvent) -> bool:
    """Whether the parcel was on its way to the customer again after the event."""
    after = report.events[report.events.index(event) + 1 :]
    return any(later.status in (ParcelStatus.IN_TRANSIT, ParcelStatus.OUT_FOR_DELIVERY) for later in after)
