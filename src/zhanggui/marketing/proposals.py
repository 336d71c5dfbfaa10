"""The proposal kind `campaign`: write to an audience, with a random holdout to measure against."""

from zhanggui.desk import Check, Undo
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing.ports import CopyProof
from zhanggui.marketing.service.campaigns import (
    KIND,
    check_campaign,
    measure_campaign,
    outcome_json,
    parse_campaign,
    start_campaign,
)
from zhanggui.marketing.store.campaigns import CampaignStore


class CampaignKind:
    """Checks prove the texts; applying draws the arms and plans messages; undo works until the first message is out."""

    name = KIND

    def __init__(self, proof: CopyProof) -> None:
        self._proof = proof

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Texts, recipients and holdout as they are now."""
        return check_campaign(uow, parse_campaign(payload), self._proof)

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Begin: nothing is sent here, messages become due."""
        started = start_campaign(uow, parse_campaign(payload))
        return Undo(True, {"campaign_id": started.id})

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Stop before anything was handed over.

        Raises:
            Conflict: messages are out already; what was sent cannot be taken back.
        """
        store, campaign_id = CampaignStore(uow), str(undo.payload["campaign_id"])
        out = store.taken(campaign_id)
        if out:
            raise Conflict(f"{out} messages were handed over already; stop the campaign instead")
        store.stop(campaign_id)

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """Lift so far, with an interval that may be looked at any time."""
        return outcome_json(measure_campaign(uow, parse_campaign(payload).id))
