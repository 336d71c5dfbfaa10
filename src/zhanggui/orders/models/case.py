"""A customer's request about one order, in neutral terms, as a return policy judges it. Pure.

None always means: not known. A policy never takes an unknown for a yes.
"""

from dataclasses import dataclass
from datetime import datetime

from zhanggui.kernel.types import Money
from zhanggui.orders.models.life import OrderLife, Units


@dataclass(frozen=True, slots=True)
class Goods:
    """What matters about the goods of a request; `kinds` are words of the policy vocabulary (custom-made ...)."""

    kinds: tuple[str, ...] = ()
    intact: bool | None = None
    opened: bool | None = None
    exception_agreed: bool | None = None


@dataclass(frozen=True, slots=True)
class Trader:
    """What the shop told the customer before the purchase."""

    informed: bool | None = None
    informed_return_cost: bool | None = None


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """A customer's word that the same offer became cheaper."""

    paid: Money
    now: Money
    same_offer: bool


@dataclass(frozen=True, slots=True)
class ServiceCase:
    """A request: what is asked (`action`), about which units of which order, when and why.

    `reason` is one of no-reason, quality, damaged, wrong-item, not-as-described, missing-item, late.
    `amount` is the money asked for, where the customer names one.
    """

    action: str
    order: OrderLife
    at: datetime
    reason: str = "no-reason"
    units: Units | None = None
    amount: Money | None = None
    proof: bool | None = None
    goods: Goods = Goods()
    trader: Trader = Trader()
    price: PriceClaim | None = None
    presale: bool = False
    dispatch_promised_at: datetime | None = None
