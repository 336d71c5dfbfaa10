"""Chat models and what they cost."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from zhanggui.api.common import Caller
from zhanggui.kernel.types import plain_json

router = APIRouter(tags=["models"])


@router.get("/models")
def list_models(call: Caller) -> dict[str, Any]:
    """Every configured chat model, and whether it is ready."""
    call.caller.require("read")
    return {"items": plain_json(call.app.models.describe())}


@router.get("/models/cost")
def cost(call: Caller, days: Annotated[int, Query(ge=1, le=3660, description="How far back.")] = 30) -> dict[str, Any]:
    """Calls, tokens, seconds and money by task and model."""
    call.caller.require("read")
    since = call.app.database.clock.now() - timedelta(days=days)
    return {"items": plain_json(call.app.models.spending(call.caller.merchant_id, since))}
