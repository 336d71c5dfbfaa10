"""What the desk may propose about stock: `restock`, a purchase order as a draft that can be cancelled again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from zhanggui.desk import Check, Desk, Draft, Evidence, Proposal, Undo
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.planning.models import StockAdvice, StockItem
from zhanggui.planning.service.planner import Planner
from zhanggui.planning.store import Purchase, StockStore

KIND = "restock"
_MOST_LINES = 500
_MOST_UNITS = 10**9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a purchase order."""

    sku: str
    quantity: int
    cost_minor: int


class RestockKind:
    """A purchase order. Payload: `{supplier, currency, lines: [{sku, quantity, cost_minor}]}`.

    Checks: every line is of a known SKU of this supplier, in whole packs, no less than the MOQ, and still needed.
    Applying writes the order as a draft and counts it as incoming; undo cancels it while it is a draft.
    """

    name = KIND

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Every rule with its reason.

        Raises:
            BadInput: the payload is not of the kind's shape; the field is named.
        """
        lines = read_lines(payload)
        known = {item.sku: (item, now, word) for item, now, word in self._advice(uow, lines)}
        checks: list[Check] = []
        for line in lines:
            found = known.get(line.sku)
            if found is None:
                reason = f"{line.sku}: there is no stock record"
                checks.append(Check("known", False, reason, reason_zh=f"{line.sku}：没有库存记录"))
                continue
            checks += _line_checks(line, *found, supplier=str(payload.get("supplier", "")))
        return tuple(checks)

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Write the purchase order as a draft; its lines count as incoming from now on.

        Raises:
            Conflict: the key was carried out before.
        """
        lines = read_lines(payload)
        purchase = Purchase(
            id=key[:120],
            supplier=str(payload.get("supplier", ""))[:200],
            state="draft",
            lines=[_line_json(line) for line in lines],
            currency=str(payload["currency"])[:3],
            total_minor=sum(line.quantity * line.cost_minor for line in lines),
            who=str(uow.actor)[:120],
            at=uow.clock.now(),
        )
        StockStore(uow).order(purchase)
        return Undo(True, {"purchase": purchase.id}, "until the order is sent to the supplier")

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Cancel the draft.

        Raises:
            Conflict: it is no draft any more.
        """
        StockStore(uow).cancel(str(undo.payload.get("purchase", "")))

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """How the SKUs stand now: units that can still be sold, and for how many days."""
        stand: JsonObject = {}
        for item, now, _ in self._advice(uow, read_lines(payload)):
            stand[item.sku] = {"position": item.position, "cover_days": now.cover_days}
        return {"stock": stand}

    def _advice(self, uow: UnitOfWork, lines: Sequence[Line]) -> list[tuple[StockItem, StockAdvice, str]]:
        return self._planner.advice(uow, skus=[line.sku for line in lines])


def propose_restock(
    uow: UnitOfWork, planner: Planner, desk: Desk, *, budget_minor: int | None = None
) -> tuple[Proposal, ...]:
    """Propose a purchase order for each supplier that something must be bought from; open ones are not doubled."""
    by_supplier: dict[tuple[str, str], list[tuple[StockItem, StockAdvice]]] = {}
    for item, advice, status in planner.advice(uow, budget_minor=budget_minor):
        if advice.quantity and status == "ok":
            by_supplier.setdefault((item.supplier, item.currency), []).append((item, advice))
    made: list[Proposal] = []
    for (supplier, currency), wanted in sorted(by_supplier.items()):
        for start in range(0, len(wanted), _MOST_LINES):
            draft = _draft(supplier, currency, wanted[start : start + _MOST_LINES], start)
            proposal = desk.propose(uow, draft)
            made += [proposal] if proposal is not None else []
    return tuple(made)


def read_lines(payload: JsonObject) -> list[Line]:
    """The lines of a payload.

    Raises:
        BadInput: no list of lines, a line that is none, the same SKU twice, a quantity that cannot be, no currency.
    """
    given = payload.get("lines")
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_LINES:
        raise BadInput(field="lines", expected=f"1 to {_MOST_LINES} lines", found=repr(given)[:100])
    if not isinstance(payload.get("currency"), str):
        raise BadInput(field="currency", expected="an ISO 4217 code", found=repr(payload.get("currency")))
    lines = [_read_line(row, number) for number, row in enumerate(cast(list[JsonValue], given), 1)]
    if len({line.sku for line in lines}) < len(lines):
        raise BadInput(field="lines", expected="each SKU once", found="one twice")
    return lines


def _read_line(row: JsonValue, number: int) -> Line:
    values = row if isinstance(row, dict) else {}
    sku, quantity, cost = values.get("sku"), values.get("quantity"), values.get("cost_minor", 0)
    if not isinstance(sku, str) or not sku:
        raise BadInput(row=number, field="sku", expected="a SKU", found=repr(sku))
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity <= _MOST_UNITS:
        raise BadInput(row=number, field="quantity", expected="whole units from 1", found=repr(quantity))
    if not isinstance(cost, int) or isinstance(cost, bool) or cost < 0:
        raise BadInput(row=number, field="cost_minor", expected="minor units from 0", found=repr(cost))
    return Line(sku, quantity, cost)


def _line_json(line: Line) -> JsonObject:
    return {"sku": line.sku, "quantity": line.quantity, "cost_minor": line.cost_minor}


def _line_checks(line: Line, item: StockItem, now: StockAdvice, status: str, *, supplier: str) -> list[Check]:
    sku = line.sku
    after = item.position + line.quantity
    packs, least = line.quantity % item.pack == 0, line.quantity >= item.least
    needed = status == "ok" and item.position < now.target
    much = after <= 2 * max(now.target, 1) + item.least + item.pack
    whom = not item.supplier or item.supplier == supplier
    said = (
        ("supplier", whom, f"{sku} is bought from {item.supplier}", f"{sku} 的供应商是 {item.supplier}", True),
        ("packs", packs, f"{sku}: {line.quantity} in packs of {item.pack}", f"{sku}：每箱 {item.pack} 件", True),
        ("least", least, f"{sku}: at least {item.least}", f"{sku}：起订量 {item.least} 件", True),
        (
            "needed",
            needed,
            f"{sku}: {item.position} can still be sold, {now.target:.0f} are wanted (forecast: {status})",
            f"{sku}：可售 {item.position} 件，目标 {now.target:.0f} 件（预测：{status}）",
            True,
        ),
        ("amount", much, f"{sku}: {after} after the order", f"{sku}：到货后 {after} 件", False),
    )
    return [Check(name, passed, text, blocking, reason_zh) for name, passed, text, reason_zh, blocking in said]


def _draft(supplier: str, currency: str, wanted: Sequence[tuple[StockItem, StockAdvice]], start: int) -> Draft:
    lines: list[JsonValue] = [_line_json(Line(i.sku, a.quantity, i.cost_minor)) for i, a in wanted]
    evidence = tuple(_evidence(item, advice) for item, advice in wanted[:50])
    units = sum(advice.quantity for _, advice in wanted)
    name = supplier or "-"
    return Draft(
        kind=KIND,
        subject=f"supplier:{name}"[:200],
        title=f"{name}: {len(wanted)} SKU, {units}",
        payload={"supplier": supplier, "currency": currency, "lines": lines},
        evidence=evidence,
        checks=(),
        confidence=min(advice.service for _, advice in wanted),
        fingerprint=f"{KIND}:{name}:{currency}:{start}"[:200],
    )


def _evidence(item: StockItem, advice: StockAdvice) -> Evidence:
    detail: JsonObject = {
        "position": item.position,
        "expected": round(advice.demand, 2),
        "safety_stock": round(advice.safety_stock, 2),
        "reorder_point": round(advice.reorder_point, 2),
        "target": round(advice.target, 2),
        "service": round(advice.service, 4),
        "service_from_costs": advice.from_costs,
        "cover_days": None if advice.cover_days is None else round(advice.cover_days, 1),
        "limited_by": advice.limited_by,
        "cost_minor": advice.cost_minor,
    }
    days = item.lead_days + item.review_days
    quote = f"{item.sku}: {item.position} left, {advice.demand:.1f} expected in {days:g} days"
    return Evidence("forecast", item.sku, quote, detail)
