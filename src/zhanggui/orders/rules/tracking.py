"""What a carrier's report means for the shop: who is responsible, who pays, what to do, and by when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zhanggui.kernel.commerce import ParcelReason, ParcelStatus, TrackingReport
from zhanggui.orders.models import Sentence


class Payer(StrEnum):
    """Who bears the cost of what went wrong."""

    CARRIER = "carrier"
    SELLER = "seller"
    BUYER = "buyer"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do about a parcel in some state, and how many days after the last news."""

    days: int
    action: Sentence


@dataclass(frozen=True, slots=True)
class Assessment:
    """The meaning of one report. `deadline` is None where nothing is to be done."""

    responsible: str
    pays: Payer | None
    deadline: datetime | None
    action: Sentence | None


# The shop's starting periods, in days after the last event; a merchant's own contract with the carrier may be shorter.
NEXT_STEPS: Mapping[ParcelStatus, NextStep] = {
    ParcelStatus.PENDING: NextStep(2, Sentence("Check that the parcel was handed over.", "核实包裹是否已交给快递。")),
    ParcelStatus.INFO_RECEIVED: NextStep(2, Sentence("Hand the parcel over.", "将包裹交给快递。")),
    ParcelStatus.PICKED_UP: NextStep(3, Sentence("Ask the carrier for news.", "向承运商查询进展。")),
    ParcelStatus.IN_TRANSIT: NextStep(5, Sentence("Ask the carrier for news.", "向承运商查询进展。")),
    ParcelStatus.DELAYED: NextStep(3, Sentence("Tell the customer, press the carrier.", "告知客户并催促承运商。")),
    ParcelStatus.ON_HOLD: NextStep(5, Sentence("Supply what holds the parcel up.", "补齐放行所需的材料或费用。")),
    ParcelStatus.OUT_FOR_DELIVERY: NextStep(2, Sentence("Ask the carrier for news.", "向承运商查询进展。")),
    ParcelStatus.ATTEMPT_FAILED: NextStep(
        3, Sentence("Arrange a new delivery with the customer.", "与客户约定再次派送。")
    ),
    ParcelStatus.READY_FOR_PICKUP: NextStep(7, Sentence("Remind the customer to collect.", "提醒客户取件。")),
    ParcelStatus.REFUSED: NextStep(3, Sentence("Ask the customer why; have it returned.", "询问拒收原因并安排退回。")),
    ParcelStatus.RETURNING: NextStep(10, Sentence("Expect the parcel back.", "等待退件到仓。")),
    ParcelStatus.RETURNED: NextStep(7, Sentence("Check the goods, then refund or resend.", "验收退件后退款或补发。")),
    ParcelStatus.DAMAGED: NextStep(
        7, Sentence("Claim from the carrier; refund or resend.", "向承运商索赔，并退款或补发。")
    ),
    ParcelStatus.LOST: NextStep(
        7, Sentence("Claim from the carrier; refund or resend.", "向承运商索赔，并退款或补发。")
    ),
    ParcelStatus.EXPIRED: NextStep(
        7, Sentence("Treat as lost: claim, refund or resend.", "按丢件处理：索赔、退款或补发。")
    ),
    ParcelStatus.EXCEPTION: NextStep(2, Sentence("Ask the carrier what is wrong.", "向承运商核实异常原因。")),
    ParcelStatus.UNKNOWN: NextStep(2, Sentence("Look at the carrier's own words.", "人工查看承运商原始状态。")),
}
_PAYS: Mapping[str, Payer] = {
    "carrier": Payer.CARRIER,
    "seller": Payer.SELLER,
    "buyer": Payer.BUYER,
    "customs": Payer.NOBODY,
    "weather": Payer.NOBODY,
    "other": Payer.NOBODY,
}
# Where a single reason differs from its culprit: duties are the buyer's, papers and forbidden goods the seller's.
_PAYS_BY_REASON: Mapping[ParcelReason, Payer] = {
    ParcelReason.CUSTOMS_DUTIES: Payer.BUYER,
    ParcelReason.CUSTOMS_DOCUMENTS: Payer.SELLER,
    ParcelReason.CUSTOMS_PROHIBITED: Payer.SELLER,
}
# A state that tells the culprit even where no reason was given.
_CULPRIT_BY_STATUS: Mapping[ParcelStatus, str] = {
    ParcelStatus.LOST: "carrier",
    ParcelStatus.DAMAGED: "carrier",
    ParcelStatus.EXPIRED: "carrier",
    ParcelStatus.REFUSED: "buyer",
    ParcelStatus.CANCELLED: "seller",
}


def assess(report: TrackingReport) -> Assessment:
    """Who is responsible for where a parcel stands, who pays, and the next step with its deadline.

    `responsible` is one of carrier, seller, buyer, customs, weather, other, or empty: nothing is wrong, or nobody says.
    The deadline counts from the last event; without one there is none.
    """
    culprit = report.reason.culprit if report.reason is not None else _CULPRIT_BY_STATUS.get(report.status, "")
    pays = _PAYS.get(culprit)
    if report.reason is not None:
        pays = _PAYS_BY_REASON.get(report.reason, pays)
    step = NEXT_STEPS.get(report.status)
    last = max((event.at for event in report.events), default=None)
    due = last + timedelta(days=step.days) if step is not None and last is not None else None
    return Assessment(culprit, pays, due, None if step is None else step.action)
