"""The desk on orders over HTTP: exceptions, automations with replay, policy with preview."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Caller, Limit
from zhanggui.kernel.types import plain_json
from zhanggui.orders import PolicyInForce, RuleView, describe

router = APIRouter(tags=["orders"])
Days = Annotated[int, Query(ge=1, le=3_650, description="How many days back.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HandledBody(_Body):
    """One exception that a person has dealt with."""

    order_id: str = Field(max_length=330)
    parcel_id: str = Field("", max_length=200)
    kind: str = Field(max_length=32)


class ModeBody(_Body):
    """How far a rule may go."""

    mode: Literal["off", "shadow", "live"]


class PolicyBody(_Body):
    """A policy file."""

    text: str = Field(max_length=200_000, description="YAML.")


@router.get("/exceptions")
def list_exceptions(
    call: Caller,
    state: Annotated[Literal["open", "handled", "over"], Query(description="Only these.")] = "open",
    kind: Annotated[str, Query(max_length=32, description="Only this kind.")] = "",
    limit: Limit = 50,
    offset: Annotated[int, Query(ge=0, description="How many to pass over.")] = 0,
) -> dict[str, Any]:
    """What went wrong, the nearest deadline first, and how many of each kind."""
    desk = call.app.exceptions
    with call.read() as uow:
        items = desk.page(uow, state=state, kind=kind, limit=limit, offset=offset)
        return {"items": plain_json(items), "counts": desk.counts(uow, state=state)}


@router.post("/exceptions/scan")
def scan(call: Caller) -> dict[str, Any]:
    """Look at every open order now."""
    with call.write("propose") as uow:
        return plain_json(call.app.exceptions.scan(uow))


@router.post("/exceptions/handled")
def handled(call: Caller, body: HandledBody) -> dict[str, Any]:
    """Mark one as dealt with."""
    with call.write("decide") as uow:
        call.app.exceptions.handled(uow, body.order_id, body.parcel_id, body.kind)
    return {"state": "handled"}


@router.get("/automations")
def list_automations(call: Caller) -> dict[str, Any]:
    """Every rule with its sentences, mode, agreement and money concerned."""
    with call.read() as uow:
        views = call.app.automations.rules(uow)
    return {"items": [_rule(view) for view in views]}


@router.post("/automations/replay")
def replay(call: Caller, days: Days = 90) -> dict[str, Any]:
    """What the rules would have done with the orders of the last days."""
    with call.write("admin") as uow:
        now = uow.clock.now()
        return {"items": plain_json(call.app.automations.replay(uow, now - timedelta(days=days), now))}


@router.put("/automations/{rule}")
def switch(
    call: Caller, rule: Annotated[str, Path(max_length=200, description="Id of the rule.")], body: ModeBody
) -> dict[str, Any]:
    """Set how far a rule may go."""
    with call.write("admin") as uow:
        call.app.automations.set_mode(uow, rule, body.mode)
    return {"rule": rule, "mode": body.mode}


@router.get("/policy")
def get_policy(call: Caller) -> dict[str, Any]:
    """The policy in force: its text, and its sentences in both languages."""
    with call.read() as uow:
        return _policy(call.app.policies.in_force(uow))


@router.post("/policy/preview")
def preview_policy(call: Caller, body: PolicyBody, days: Days = 180) -> dict[str, Any]:
    """Which past requests the text would have decided otherwise; nothing is changed."""
    with call.read() as uow:
        told = call.app.policies.preview(uow, body.text, days=days)
    return {"looked_at": told.looked_at, "otherwise": plain_json(told.otherwise)}


@router.put("/policy")
def save_policy(call: Caller, body: PolicyBody) -> dict[str, Any]:
    """Put a policy in force, as a new version."""
    with call.write("admin") as uow:
        return _policy(call.app.policies.save(uow, body.text))


def _policy(shown: PolicyInForce) -> dict[str, Any]:
    head = {"name": shown.policy.name, "version": shown.policy.version, "number": shown.number, "text": shown.text}
    return {**head, "sentences": plain_json(describe(shown.policy))}


def _rule(view: RuleView) -> dict[str, Any]:
    rule = {"id": view.rule.id, "kind": view.rule.kind, "confidence": view.rule.confidence, "mode": view.mode}
    names = ("text", "replayed", "fired", "decided", "agreed", "undone", "lower", "money")
    return {**rule, **{name: plain_json(getattr(view, name)) for name in names}}
