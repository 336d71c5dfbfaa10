"""Marketing: customers and their wishes, audiences in plain words, campaigns with measured lift."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.bodies import FreeObject
from zhanggui.api.common import Caller
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.types import Locale, new_id, plain_json
from zhanggui.marketing import (
    AudienceStore,
    CampaignStore,
    CustomerStore,
    allow_channel,
    count_audience,
    definition_json,
    definition_of,
    draft_campaign,
    export_customer,
    measure_campaign,
    outcome_json,
    parse_campaign,
    parse_definition,
    save_audience,
    say_definition,
    stop_campaign,
    switch_personalisation,
    tag_customer,
    take_messages,
    vocabulary_of,
)

router = APIRouter(tags=["marketing"])
CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="Id of the customer.")]
AudienceId = Annotated[str, Path(min_length=1, max_length=64, description="Id of the audience.")]
CampaignId = Annotated[str, Path(min_length=1, max_length=64, description="Id of the campaign.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wishes(_Body):
    """What a customer allows. Fields left out stay as they are."""

    personalised: bool | None = Field(None, description="The one switch of personalisation.")
    consents: dict[Literal["sms", "email", "push"], bool] = {}
    tags: list[str] | None = Field(None, max_length=50)


class Request(_Body):
    """An audience in plain words."""

    request: str = Field(min_length=1, max_length=2_000)
    locale: Locale = "zh-CN"


class AudienceBody(_Body):
    """An audience to keep."""

    name: str = Field(min_length=1, max_length=120)
    definition: FreeObject
    request: str = Field("", max_length=2_000)


class CampaignBody(_Body):
    """A campaign to propose; see the guide on marketing."""

    name: str = Field(min_length=1, max_length=200)
    audience_id: str = Field(min_length=1, max_length=64)
    channel: Literal["sms", "email", "push"]
    variants: list[dict[str, str]] = Field(min_length=1, max_length=10)
    locale: Locale = "zh-CN"
    holdout: float = Field(0.1, ge=0, le=0.9)
    cap: int = Field(2, ge=1, le=50)
    cap_days: int = Field(7, ge=1, le=90)
    quiet_from: int = Field(21, ge=0, le=24)
    quiet_to: int = Field(9, ge=0, le=24)
    product_id: str = Field("", max_length=200)
    facts: list[tuple[str, str]] = Field([], max_length=50)
    days: int = Field(14, ge=1, le=180)


@router.get("/customers")
def list_customers(
    call: Caller,
    text: Annotated[str, Query(max_length=200, description="Part of an id, a name, an address.")] = "",
    after: Annotated[str, Query(max_length=64, description="Last id of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> dict[str, Any]:
    """Customers by id with their measures."""
    with call.read() as uow:
        found = CustomerStore(uow).page(text, after=after, limit=limit)
    return {"items": [plain_json(one) for one in found]}


@router.get("/customers/{customer_id}")
def get_customer(call: Caller, customer_id: CustomerId) -> dict[str, Any]:
    """One customer."""
    with call.read() as uow:
        return plain_json(CustomerStore(uow).get(customer_id))


@router.patch("/customers/{customer_id}")
def change_wishes(call: Caller, customer_id: CustomerId, wishes: Wishes) -> dict[str, Any]:
    """Consent by channel, the switch of personalisation, tags; in force from this moment."""
    with call.write("propose") as uow:
        for channel, allowed in wishes.consents.items():
            allow_channel(uow, customer_id, channel, allowed)
        if wishes.tags is not None:
            tag_customer(uow, customer_id, wishes.tags)
        if wishes.personalised is not None:
            switch_personalisation(uow, customer_id, wishes.personalised)
        return plain_json(CustomerStore(uow).get(customer_id))


@router.get("/customers/{customer_id}/export")
def take_away(call: Caller, customer_id: CustomerId) -> dict[str, Any]:
    """Everything that marketing keeps of a customer."""
    with call.write("propose") as uow:
        return export_customer(uow, customer_id)


@router.delete("/customers/{customer_id}")
def forget(call: Caller, customer_id: CustomerId) -> dict[str, Any]:
    """Erase a customer across the whole desk; amounts of orders stay as nobody's, the audit keeps one hash."""
    with call.write("decide") as uow:
        done = call.app.people.erase(uow, customer_id)
    call.app.people.finish(call.caller.merchant_id)
    return {"removed": done.records}


@router.post("/audiences/read")
def read_audience(call: Caller, body: Request) -> dict[str, Any]:
    """A request in plain words: the definition, what it says, how many it means; or the question that is left."""
    with call.read() as uow:
        vocabulary = vocabulary_of(uow)
    reading = call.app.marketing.reader.read(call.caller.merchant_id, body.request, vocabulary)
    if reading.definition is None:
        asked = reading.question
        return {"definition": None, "question": asked.text(body.locale) if asked else "", "by": reading.by}
    with call.read() as uow:
        counted = count_audience(uow, reading.definition, body.locale)
    said = list(say_definition(reading.definition, body.locale))
    shown = {"definition": definition_json(reading.definition), "says": said, "question": "", "by": reading.by}
    return {**shown, "members": len(counted.members), "of": counted.of, "opted_out": counted.opted_out}


@router.get("/audiences")
def list_audiences(call: Caller) -> dict[str, Any]:
    """Saved audiences."""
    with call.read() as uow:
        return {"items": [plain_json(one) for one in AudienceStore(uow).all()]}


@router.post("/audiences")
def keep_audience(call: Caller, body: AudienceBody) -> dict[str, Any]:
    """Keep an audience under a name."""
    definition = parse_definition(body.definition)
    with call.write("propose") as uow:
        return {"id": save_audience(uow, body.name, definition, request=body.request)}


@router.get("/audiences/{audience_id}")
def get_audience(call: Caller, audience_id: AudienceId) -> dict[str, Any]:
    """One audience with who is in it now: the number, how places compare, who fit but opted out."""
    with call.read() as uow:
        kept = AudienceStore(uow).get(audience_id)
        counted = count_audience(uow, definition_of(kept))
    numbers = {"members": len(counted.members), "of": counted.of, "opted_out": counted.opted_out}
    return {**plain_json(kept), **numbers, "places": {place: list(pair) for place, pair in counted.places.items()}}


@router.post("/campaigns")
def propose_campaign(call: Caller, body: CampaignBody) -> dict[str, Any]:
    """Propose a campaign; it begins when somebody approves it."""
    campaign = parse_campaign({"id": new_id("cam"), **body.model_dump()})
    with call.write("propose") as uow:
        proposal = call.app.desk.propose(uow, draft_campaign(uow, campaign, call.app.marketing.proof))
    if proposal is None:
        raise Conflict("this campaign is proposed already")
    return {
        "campaign_id": campaign.id,
        "proposal_id": proposal.id,
        "checks": [plain_json(one) for one in proposal.checks],
    }


@router.get("/campaigns")
def list_campaigns(call: Caller) -> dict[str, Any]:
    """Campaigns that began, the newest first."""
    with call.read() as uow:
        return {"items": [plain_json(one) for one in CampaignStore(uow).all()]}


@router.get("/campaigns/{campaign_id}/lift")
def lift(call: Caller, campaign_id: CampaignId) -> dict[str, Any]:
    """What a campaign changed against those left alone, with intervals that hold at every look."""
    with call.read() as uow:
        return outcome_json(measure_campaign(uow, campaign_id))


@router.post("/campaigns/{campaign_id}/take")
def take(
    call: Caller,
    campaign_id: CampaignId,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many at most.")] = 500,
) -> dict[str, Any]:
    """Hand out messages that may be sent now; each is handed out once."""
    with call.write("decide") as uow:
        return {"items": [plain_json(one) for one in take_messages(uow, campaign_id, limit=limit)]}


@router.post("/campaigns/{campaign_id}/stop")
def stop(call: Caller, campaign_id: CampaignId) -> dict[str, Any]:
    """Send nothing more."""
    with call.write("decide") as uow:
        return {"stopped": stop_campaign(uow, campaign_id)}
