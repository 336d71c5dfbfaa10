"""Orders: take in, import, look, change; how shops are connected."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import orjson
from fastapi import APIRouter, Body, File, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.bodies import FreeObject
from zhanggui.api.columns import SavedName, columns_named
from zhanggui.api.common import Call, Caller, Limit
from zhanggui.api.gathering import Gathering
from zhanggui.api.uploads import received
from zhanggui.connectors.order_files import OpenOrders, open_orders
from zhanggui.connectors.standard_webhooks import read_order
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, plain_json
from zhanggui.orders import (
    Change,
    DeliveryStore,
    OrderImportOutcome,
    OrderQuery,
    Origin,
    Taken,
    dry_run_orders,
    import_orders,
    order_details,
    order_import_history,
    order_problem_json,
    order_timeline,
    preflight_orders,
    record_event,
    search_orders,
    take,
    undo_order_import,
)

router = APIRouter(tags=["orders"])
OrderId = Annotated[str, Path(min_length=1, max_length=330, description="Id of the order: shop:number.")]
ShopName = Annotated[str, Query(min_length=1, max_length=64, description="Shop that the orders belong to.")]
Upload = Annotated[UploadFile, File(description="Orders as CSV, JSON, JSON Lines (plain, .gz, .zip) or Parquet.")]
FormatName = Annotated[str, Query(max_length=40, description="Format of the file; `auto` recognises it.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OrderFilter(BaseModel):
    """Which orders, in which order."""

    text: str = Field("", max_length=200, description="Start of a number, id, or part of a customer's name.")
    shop_id: str = Field("", max_length=64, description="Only this shop.")
    state: str = Field("", max_length=16, description="placed, accepted, held, cancelled or closed.")
    payment_state: str = Field("", max_length=20, description="unpaid, paid, refunded ...")
    delivery_state: str = Field("", max_length=20, description="none, sent, delivered ...")
    decision: Literal["", "accept", "hold"] = Field("", description="Decision on arrival.")
    placed_from: datetime | None = Field(None, description="Placed at or after.")
    placed_to: datetime | None = Field(None, description="Placed before.")
    sort: Literal["placed", "updated", "total", "number"] = Field("placed", description="Order.")
    descending: bool = Field(True, description="From the end.")
    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(None, max_length=600, description="`next_cursor` of the page before.")


class OrderChange(_Body):
    """A change of an order; see the guide on orders for what `do` and `detail` may be."""

    do: str = Field(max_length=40)
    detail: FreeObject = Field(default_factory=dict)
    why: str = Field(min_length=1, max_length=1_000)


@router.post("/orders")
def take_order(
    request: Request, call: Caller, order: Annotated[FreeObject, Body()], shop: ShopName = "api"
) -> Response:
    """Take in one order in neutral form: the decision on arrival, with failed rules. The same again has no effect."""
    taken = cast(Gathering, request.app.state.gathering).take(call, shop, read_order(order))
    if taken.problem is not None:
        raise taken.problem
    return Response(orjson.dumps(_taken(taken)), media_type="application/json")


@router.post("/orders/bulk")
def take_orders(
    call: Caller, orders: Annotated[list[FreeObject], Body(max_length=1_000)], shop: ShopName = "api"
) -> Response:
    """Take in up to 1,000 orders in one transaction; what became of each, in the order given."""
    answers: list[JsonObject | None] = []
    good: list[Any] = []
    for number, order in enumerate(orders, 1):
        try:
            good.append(read_order(order))
            answers.append(None)
        except BadInput as bad:
            shown = order_problem_json(BadInput(row=number, field=bad.field, expected=bad.expected, found=bad.found))
            answers.append({"outcome": "rejected", "problem": shown})
    with call.write("propose") as uow:
        taken = iter(take(uow, good, Origin(shop, str(uow.actor)[:40])))
    items = [answer if answer is not None else _taken(next(taken)) for answer in answers]
    return Response(orjson.dumps({"items": items}), media_type="application/json")


def _taken(taken: Taken) -> JsonObject:
    shown: JsonObject = {"order_id": taken.order_id, "outcome": taken.outcome}
    if taken.problem is not None:
        return {**shown, "problem": order_problem_json(taken.problem)}
    if taken.outcome in ("created", "changed"):
        shown["decision"] = "hold" if taken.held else "accept"
        shown["failed_rules"] = [{"id": rule.id, "en": rule.en, "zh": rule.zh} for rule in taken.held]
    return shown


@router.get("/orders")
def list_orders(call: Caller, wanted: Annotated[OrderFilter, Query()]) -> dict[str, Any]:
    """A page of orders."""
    for name in ("placed_from", "placed_to"):
        at = getattr(wanted, name)
        if at is not None and at.tzinfo is None:
            raise BadInput(field=name, expected="a time with its zone", found=at.isoformat())
    with call.read() as uow:
        return plain_json(search_orders(uow, OrderQuery(**wanted.model_dump())))


@router.get("/orders/{order_id}")
def get_order(call: Caller, order_id: OrderId) -> dict[str, Any]:
    """One order whole: what the shop told, its life, flags, decision, timeline, tracking."""
    with call.read() as uow:
        found = order_details(uow, order_id)
    return plain_json({**{name: getattr(found, name) for name in type(found).__slots__}, "total": found.life.total()})


@router.get("/orders/{order_id}/timeline")
def get_timeline(call: Caller, order_id: OrderId) -> dict[str, Any]:
    """Every transition of an order with who and why, oldest first."""
    with call.read() as uow:
        return {"items": plain_json(order_timeline(uow, order_id))}


@router.post("/orders/{order_id}/events")
def change_order(call: Caller, order_id: OrderId, body: OrderChange) -> dict[str, Any]:
    """Change an order here, through its transition tables; recorded with who and why."""
    change = Change(body.do, cast(JsonObject, body.detail))

    def act(uow: Any) -> object:
        life = record_event(uow, order_id, change, why=body.why)
        return {"order_id": order_id, "state": life.state, "event": asdict(life.history[-1])}

    return call.once("decide", {"order": order_id, **body.model_dump()}, act)


@router.post("/order-imports/preflight")
def check_order_file(call: Caller, file: Upload, kind: FormatName = "auto", columns: SavedName = "") -> dict[str, Any]:
    """Report on a file of orders; touches nothing."""
    call.caller.require("read")
    with _opened(call, file, kind, columns) as orders:
        report = preflight_orders(orders)
    return {**plain_json(report), "problems": [order_problem_json(bad) for bad in report.problems]}


@router.post("/order-imports")
def import_order_file(
    call: Caller,
    file: Upload,
    shop: ShopName,
    kind: FormatName = "auto",
    columns: SavedName = "",
    dry: Annotated[bool, Query(description="Say what would change, change nothing.")] = False,
) -> dict[str, Any]:
    """Import orders: good ones load, bad rows are named; the whole import can be undone."""
    with _opened(call, file, kind, columns) as orders, call.write("propose") as uow:
        run = dry_run_orders if dry else import_orders
        return _outcome(run(uow, orders, shop_id=shop))


@router.get("/order-imports")
def list_order_imports(call: Caller, limit: Limit = 50) -> dict[str, Any]:
    """The newest imports of orders."""
    with call.read() as uow:
        return {"items": plain_json(order_import_history(uow, limit=limit))}


@router.post("/order-imports/{import_id}/undo")
def take_order_import_back(
    call: Caller, import_id: Annotated[str, Path(max_length=64, description="Id of the import.")]
) -> dict[str, Any]:
    """Remove the orders that an import made, restore those it changed."""
    return call.once("propose", {"undo-order-import": import_id}, lambda uow: undo_order_import(uow, import_id))


@router.get("/deliveries")
def list_deliveries(
    call: Caller,
    state: Annotated[
        Literal["", "queued", "applied", "stale", "ignored", "rejected"], Query(description="Only these.")
    ] = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """The newest webhook deliveries, and how many are in which state."""
    with call.read() as uow:
        store = DeliveryStore(uow)
        return {"items": plain_json(store.page(state=state, limit=limit)), "counts": store.counts()}


def _outcome(outcome: OrderImportOutcome) -> dict[str, Any]:
    return {**plain_json(outcome), "problems": [order_problem_json(bad) for bad in outcome.problems]}


@contextmanager
def _opened(call: Call, upload: UploadFile, kind: str, columns: str) -> Generator[OpenOrders]:
    """The upload as an open file of orders."""
    saved = columns_named(call, "orders", columns)
    mapping = saved.of_orders() if saved else None
    with (
        received(call, upload) as got,
        open_orders(got.path, got.currency, name=got.name, kind=kind, mapping=mapping, limits=got.limits) as orders,
    ):
        yield orders
