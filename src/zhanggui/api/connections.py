"""How the merchant's shops are connected: settings, secrets that go in and never come out, a test, letting go."""

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.bodies import FreeObject
from zhanggui.api.common import Caller
from zhanggui.kernel.types import JsonObject, plain_json
from zhanggui.orders import (
    RECONCILE_JOB,
    Connection,
    ConnectionStore,
    connected_shops,
    disconnect,
    schedule_orders,
    try_shop,
)

router = APIRouter(tags=["orders"])
ShopId = Annotated[str, Path(min_length=1, max_length=64, description="Id of the shop (sales channel).")]
Source = Annotated[Literal["shopify", "woocommerce", "standard"], Path(description="What the shop runs on.")]


class ConnectionBody(BaseModel):
    """How a shop is connected. Secrets are kept encrypted and never shown again."""

    model_config = ConfigDict(extra="forbid")
    settings: FreeObject = Field(default_factory=dict)
    webhook_secret: str = Field("", max_length=1_000)
    api_secret: str = Field("", max_length=1_000)


@router.get("/connections")
def list_connections(call: Caller) -> dict[str, Any]:
    """How the merchant's shops are connected, and when news last came; of secrets only whether they are there."""
    with call.read() as uow:
        return {"items": plain_json(connected_shops(uow))}


@router.put("/connections/{shop_id}/{source}")
def put_connection(call: Caller, shop_id: ShopId, source: Source, body: ConnectionBody) -> dict[str, Any]:
    """Connect a shop, or change how. An older secret goes on counting for a day."""
    with call.write("admin") as uow:
        connections = call.app.connections
        kept = connections.connect(uow, Connection(shop_id, source, cast(JsonObject, body.settings)))
        if body.webhook_secret:
            connections.put_secret(uow, shop_id, source, "webhook", body.webhook_secret)
        if body.api_secret:
            connections.put_secret(uow, shop_id, source, "api", body.api_secret)
        schedule_orders(call.app.jobs, uow)
        return plain_json(kept)


@router.post("/connections/{shop_id}/{source}/test")
def test_connection(call: Caller, shop_id: ShopId, source: Source) -> dict[str, Any]:
    """Ask the shop something cheap with what is kept; an error says what is wrong."""
    with call.read("admin") as uow:
        settings = ConnectionStore(uow).get(shop_id, source).settings
        secret = call.app.connections.secret(uow, shop_id, source, "api")
        now = uow.clock.now()
    return plain_json(try_shop(call.app.connections, source, settings, secret, now))


@router.delete("/connections/{shop_id}/{source}", status_code=204)
def delete_connection(call: Caller, shop_id: ShopId, source: Source) -> None:
    """Forget the connection and its secrets; the orders that came from it stay."""
    with call.write("admin") as uow:
        disconnect(uow, shop_id, source)


@router.post("/connections/{shop_id}/{source}/reconcile", status_code=202)
def reconcile(call: Caller, shop_id: ShopId, source: Source) -> dict[str, Any]:
    """Ask the shop what changed, as a job."""
    arguments: JsonObject = {"shop_id": shop_id, "source": source}
    return call.once("propose", arguments, lambda uow: {"job": call.app.jobs.start(uow, RECONCILE_JOB, arguments)})
