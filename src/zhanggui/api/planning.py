"""Planning: forecasts with their back-tests, people's numbers over them, stock records, what to buy."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Caller, Limit
from zhanggui.kernel.types import plain_json
from zhanggui.planning import (
    FORECAST_JOB,
    ForecastStore,
    StockItem,
    StockStore,
    propose_restock,
    sales_events,
    staff_of,
)

router = APIRouter(tags=["planning"])
Sku = Annotated[str, Path(min_length=1, max_length=200, description="The SKU.")]
Ahead = Annotated[int, Query(ge=1, le=365, description="Days ahead.")]
Past = Annotated[int, Query(ge=0, le=1095, description="Days of history.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OwnNumber(_Body):
    """Units a day in place of the model's."""

    first: date
    last: date
    units: float = Field(ge=0, le=1e9)
    reason: str = Field(min_length=1, max_length=2_000)


class StockRecord(_Body):
    """What is known of a SKU's stock and of how it is bought; see the guide for each field."""

    sku: str = Field(min_length=1, max_length=200)
    on_hand: int = Field(0, ge=0, le=10**9)
    reserved: int = Field(0, ge=0, le=10**9)
    incoming: int = Field(0, ge=0, le=10**9)
    lead_days: float = Field(7.0, ge=0, le=1_000)
    lead_spread: float = Field(0.0, ge=0, le=1_000)
    review_days: int = Field(7, ge=1, le=365)
    least: int = Field(0, ge=0, le=10**9)
    pack: int = Field(1, ge=1, le=10**6)
    shelf_days: int = Field(0, ge=0, le=36_500)
    cost_minor: int = Field(0, ge=0, le=10**12)
    missed_minor: int = Field(0, ge=0, le=10**12)
    holding_percent: float = Field(25.0, ge=0, le=1_000)
    service: float = Field(0.95, gt=0, lt=1)
    currency: str = Field("CNY", pattern="^[A-Z]{3}$")
    supplier: str = Field("", max_length=200)


class RestockWish(_Body):
    """How much may be spent, in minor units; null for no limit."""

    budget_minor: int | None = Field(None, ge=0)


@router.post("/planning/forecasts")
def start_forecast(call: Caller) -> dict[str, Any]:
    """Forecast every SKU from the shop's orders as a job; purchase orders are proposed from it."""

    def act(uow: Any) -> dict[str, Any]:
        return {"job": call.app.jobs.start(uow, FORECAST_JOB, {})}

    return call.once("propose", {"job": FORECAST_JOB}, act)


@router.get("/planning/forecasts")
def list_forecasts(
    call: Caller,
    text: Annotated[str, Query(max_length=200, description="Start of the SKU.")] = "",
    after: Annotated[str, Query(max_length=200, description="Only SKUs after this one.")] = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Which SKUs were forecast, by what, and how that did on the past."""
    with call.read() as uow:
        return {"items": plain_json(ForecastStore(uow).series(text=text, after=after, limit=limit))}


@router.get("/planning/workload")
def get_workload(
    call: Caller,
    ahead: Ahead = 28,
    per_person: Annotated[float | None, Query(gt=0, le=1e6, description="Parcels that one person packs a day.")] = None,
) -> dict[str, Any]:
    """Orders of the next days, parcels of each warehouse, and how many people pack them."""
    with call.read() as uow:
        history = call.app.staffing.read(uow)
    told = call.app.staffing.tell(history, ahead)
    days = [
        {**plain_json(day), "people": None if per_person is None else staff_of(day, told, per_person)}
        for day in told.days
    ]
    rest = {
        "status": told.status,
        "model": told.model,
        "history": [{"day": str(day), "orders": count} for day, count in told.history],
        "back_test": plain_json(told.back_test) if told.back_test is not None else None,
        "parcels_per_order": dict(told.parcels_per_order),
    }
    return {**rest, "days": days}


@router.get("/planning/forecasts/{sku}")
def get_forecast(call: Caller, sku: Sku, past: Past = 90, ahead: Ahead = 56) -> dict[str, Any]:
    """One SKU: history, forecast with interval, back-test, people's numbers, sales events."""
    with call.read() as uow:
        seen = call.app.planner.outlook(uow, sku, past_days=past, ahead_days=ahead)
        score = call.app.planner.override_score(uow, sku)
    days = [{**plain_json(asdict(day)), "expected": day.expected} for day in seen.days]
    return {
        "series": plain_json(seen.info),
        "history": plain_json(seen.history),
        "days": days,
        "overrides": plain_json(seen.overrides),
        "override_score": plain_json(score) if score is not None else None,
        "events": plain_json(seen.events),
    }


@router.post("/planning/forecasts/{sku}/overrides")
def put_own_number(call: Caller, sku: Sku, own: OwnNumber) -> dict[str, Any]:
    """Put a person's number over the model's for some days; the newest counts."""

    def act(uow: Any) -> dict[str, Any]:
        return plain_json(call.app.planner.override(uow, sku, (own.first, own.last), own.units, own.reason))

    return call.once("propose", {"sku": sku, **own.model_dump(mode="json")}, act)


@router.delete("/planning/overrides/{override_id}")
def withdraw_own_number(
    call: Caller, override_id: Annotated[str, Path(min_length=1, max_length=40, description="Id of the override.")]
) -> dict[str, Any]:
    """Take a person's number back; it stays in the history."""
    with call.write("propose") as uow:
        ForecastStore(uow).withdraw(override_id)
    return {"id": override_id, "withdrawn": True}


@router.get("/planning/events")
def list_events(call: Caller, first: date, last: date) -> dict[str, Any]:
    """Sales events that touch some days (at most ten years)."""
    call.caller.require("read")
    return {"items": plain_json(sales_events(first, min(last, date(min(first.year + 10, 9990), 12, 31))))}


@router.put("/planning/stock")
def put_stock(
    call: Caller, records: Annotated[list[StockRecord], Field(min_length=1, max_length=5_000)]
) -> dict[str, Any]:
    """Write stock records, whole."""
    with call.write("propose") as uow:
        StockStore(uow).put([StockItem(**record.model_dump()) for record in records])
    return {"written": len(records)}


@router.get("/planning/stock")
def list_stock(call: Caller) -> dict[str, Any]:
    """Every SKU with a stock record, and what to order of it."""
    with call.read() as uow:
        found = call.app.planner.advice(uow)
    rows = [
        {
            **plain_json(asdict(item)),
            "position": item.position,
            "advice": plain_json(asdict(advice)),
            "forecast": status,
        }
        for item, advice, status in found
    ]
    return {"items": rows}


@router.post("/planning/restock")
def restock(call: Caller, wish: RestockWish) -> dict[str, Any]:
    """Propose a purchase order for each supplier; they wait on the desk."""

    def act(uow: Any) -> dict[str, Any]:
        made = propose_restock(uow, call.app.planner, call.app.desk, budget_minor=wish.budget_minor)
        return {"proposals": [{"id": p.id, "state": p.state, "title": p.title} for p in made]}

    return call.once("propose", wish.model_dump(), act)


@router.get("/planning/purchases")
def list_purchases(call: Caller) -> dict[str, Any]:
    """The newest 200 purchase orders."""
    with call.read() as uow:
        return {"items": plain_json(StockStore(uow).purchases())}
