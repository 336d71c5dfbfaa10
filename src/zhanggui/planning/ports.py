"""What planning needs from elsewhere; `app` plugs it in."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning.models import DayDemand


class DemandSource(Protocol):
    """Where demand is known from: the shop's own orders."""

    def daily(self, uow: UnitOfWork, since: date) -> Iterable[DayDemand]:
        """Units ordered of each SKU on each day from `since`; days without an order are left out."""
        ...
