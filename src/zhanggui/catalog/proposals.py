"""The proposal kind `listing-copy`: publish a proved text for one product on one channel in one language."""

from zhanggui.catalog.service.listings import (
    KIND,
    channel_of,
    claim_json,
    copy_of,
    desk_checks,
    locale_of,
    prove_payload,
)
from zhanggui.catalog.store import ListingStore, PublishedListing
from zhanggui.desk import Check, Undo
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject


class ListingCopyKind:
    """Checks are proof and compliance against the product as it is now; applying makes the copy the live listing."""

    name = KIND

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Prove the copy again: a person may have edited it, the product may have changed."""
        return desk_checks(prove_payload(uow, payload))

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Publish; the proof is stored with the copy."""
        proved = prove_payload(uow, payload)
        listing = PublishedListing(
            id=key,
            product_id=str(payload["product_id"]),
            channel=channel_of(payload),
            locale=locale_of(payload),
            copy=_object(payload, "copy"),
            proof={"claims": [claim_json(claim) for claim in proved.claims]},
            ai_written=bool(payload.get("by_model")),
            actor=str(uow.actor),
            published_at=uow.clock.now(),
        )
        ListingStore(uow).publish(listing)
        return Undo(True, {"listing_id": key})

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Withdraw; the version before it is live again.

        Raises:
            Conflict: a newer version was published since.
        """
        ListingStore(uow).withdraw(str(undo.payload["listing_id"]))

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """Whether the copy is still what shoppers see, and still true of the product."""
        live = ListingStore(uow).live(str(payload["product_id"]), channel_of(payload), locale_of(payload))
        proved = prove_payload(uow, payload)
        return {
            "live": live is not None and copy_of({"copy": live.copy}) == copy_of(payload),
            "still_true": proved.publishable,
        }


def _object(payload: JsonObject, name: str) -> JsonObject:
    value = payload.get(name)
    if not isinstance(value, dict):
        raise Conflict(f"the proposal has no {name}")
    return value
