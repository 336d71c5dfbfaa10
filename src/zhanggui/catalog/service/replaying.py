"""Past copy under today's rules, voice and facts: what would be said of it now."""

from collections.abc import Callable

from zhanggui.catalog.service.copywriting import Copywriter, WrittenListing
from zhanggui.catalog.service.listings import (
    channel_of,
    copy_request,
    desk_checks,
    draft_of,
    locale_of,
    prove_payload,
)
from zhanggui.desk import Draft, Proposal
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork

Remake = Callable[[UnitOfWork, Proposal], Draft | None]


def prove_again(uow: UnitOfWork, proposal: Proposal) -> Draft | None:
    """The same text proved again, by the rules and the product's attributes as they are now; None without a product."""
    try:
        proved = prove_payload(uow, proposal.original)
    except NotFound:
        return None
    return Draft(
        proposal.kind,
        proposal.subject,
        proposal.title,
        proposal.original,
        proposal.evidence,
        desk_checks(proved),
        proposal.confidence,
        proposal.cost,
    )


def rewritten(writer: Copywriter) -> Remake:
    """Write each text anew with `writer` (a changed prompt or model). Asks the model: only in a reading transaction."""

    def remake(uow: UnitOfWork, proposal: Proposal) -> Draft | None:
        payload = proposal.original
        try:
            request = copy_request(
                uow,
                str(payload["product_id"]),
                channel=channel_of(payload),
                locale=locale_of(payload),
                voice=str(payload.get("voice") or "default"),
            )
        except NotFound:
            return None
        written: WrittenListing = writer.write(uow.merchant_id, request)
        return draft_of(str(payload["product_id"]), request, written)

    return remake
