"""Bulk work of the catalogue as durable jobs: write copy for a selection or for every product."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any, cast

from zhanggui.catalog.service.copywriting import Copywriter, WrittenListing
from zhanggui.catalog.service.listings import channel_of, copy_request, draft_of, locale_of
from zhanggui.catalog.service.shop_search import ShopSearch, evidence_of
from zhanggui.catalog.store import ProductStore
from zhanggui.desk import Check, Cost, Desk, Draft, Evidence
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.jobs import Limits, WorkItem
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, JsonValue

JOB = "listing-copy"
_ACTOR = Actor("job", JOB)


class WriteCopyJob:
    """Arguments: channel, locale, voice?, and products (ids) or all=true. One item is one product."""

    name = JOB

    def __init__(
        self, database: Database, writer: Copywriter, desk: Desk, search: ShopSearch, *, concurrency: int = 4
    ) -> None:
        self._database, self._writer, self._desk, self._search = database, writer, desk, search
        self.limits = Limits(concurrency=concurrency, timeout=900.0, chunk=8)

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The products to write for.

        Raises:
            BadInput: no channel or language, or neither products nor all.
        """
        common: JsonObject = {
            "channel": channel_of(arguments),
            "locale": locale_of(arguments),
            "voice": arguments.get("voice") or "default",
        }
        chosen = arguments.get("products")
        if arguments.get("all") is True:
            ids: Iterable[JsonValue] = cast(list[JsonValue], ProductStore(uow).all_ids().to_list())
        elif isinstance(chosen, list) and chosen:
            ids = chosen
        else:
            raise BadInput(field="products", expected="a list of ids, or all=true", found=repr(chosen))
        for product_id in ids:
            yield WorkItem(str(product_id), {**common, "product_id": product_id})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Load the product, write, prove. No transaction is open while the model writes."""
        product_id = str(item["product_id"])
        with self._database.begin(merchant_id, _ACTOR, read_only=True) as uow:
            request = copy_request(
                uow, product_id, channel=channel_of(item), locale=locale_of(item), voice=str(item["voice"])
            )
        written: WrittenListing = self._writer.write(merchant_id, request)
        with self._database.begin(merchant_id, _ACTOR, read_only=True) as uow:
            found = self._search.compare(uow, product_id, written.proved.copy.title, locale=request.locale)
        draft = draft_of(product_id, request, written)
        return cast(JsonObject, asdict(replace(draft, evidence=(*draft.evidence, evidence_of(found)))))

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Record the proposal."""
        proposal = self._desk.propose(uow, _draft(prepared))
        if proposal is None:
            return {"state": "off"}
        return {"proposal": proposal.id, "state": str(proposal.state), "title": proposal.title}


def _draft(stored: JsonObject) -> Draft:
    values = cast(dict[str, Any], stored)
    return Draft(
        kind=values["kind"],
        subject=values["subject"],
        title=values["title"],
        payload=values["payload"],
        evidence=tuple(Evidence(**item) for item in values["evidence"]),
        checks=tuple(Check(**item) for item in values["checks"]),
        confidence=values["confidence"],
        cost=Cost(**values["cost"]),
        fingerprint=values["fingerprint"],
    )
