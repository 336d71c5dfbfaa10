"""News of orders on their way in, changes made here, and the decision on arrival, as records. Pure."""

from dataclasses import dataclass
from typing import Literal

from zhanggui.kernel.commerce import SourcePart
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models.life import Stamp

ArrivalOutcome = Literal["accept", "hold"]


@dataclass(frozen=True, slots=True)
class ArrivalRule:
    """One rule of the arrival decision, with the values it looked at."""

    id: str
    passed: bool
    en: str = ""
    zh: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The decision on arrival: accept, or hold for a person, with every rule that was asked."""

    outcome: ArrivalOutcome
    rules: tuple[ArrivalRule, ...]

    @property
    def failed(self) -> tuple[ArrivalRule, ...]:
        """The rules that did not pass."""
        return tuple(rule for rule in self.rules if not rule.passed)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to an order: `do` names a function of `rules.life`, `detail` its arguments.

    `move_order` {event} · `cancel_units` {id, count} · `add_payment` {id, method, minor} · `move_payment` {id, event} ·
    `capture` {id, minor} · `allocate` {id, warehouse, units} · `move_fulfilment` {id, event} ·
    `ship` {id, fulfilment_id, carrier, tracking_number, units} · `move_parcel` {id, event} ·
    `request_return` {id, units, reason} · `move_return` {id, event} ·
    `request_refund` {id, payment_id, minor, reason, return_id?} · `move_refund` {id, event} ·
    `request_exchange` {id, return_id, lines: [{id, sku, count, minor}]} · `move_exchange` {id, event}
    """

    do: str
    detail: JsonObject


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A change made here (not told by the shop), with its number in the order's timeline."""

    number: int
    change: Change
    stamp: Stamp


def part_of(part: SourcePart) -> tuple[str, str]:
    """Which part it is about, as (kind, id)."""
    if part.gone:
        return "gone", ""
    for kind, found in (("payment", part.payment), ("parcel", part.parcel), ("refund", part.refund)):
        if found is not None:
            return kind, found.id
    raise BadInput(field="part", expected="a payment, a parcel or a refund", found="none")
