"""What the desk did with an order beside its life. Pure."""

from dataclasses import dataclass
from datetime import datetime

from zhanggui.kernel.types import JsonObject


@dataclass(frozen=True, slots=True)
class Act:
    """Something the desk did that the order's life has no word for: a reminder, an invoice, a claim, an address."""

    key: str
    kind: str
    at: datetime
    payload: JsonObject
