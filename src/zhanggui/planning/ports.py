"""What planning needs from elsewhere; `app` plugs it in."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning.models import DayDemand


class DemandSource(Protocol):
    """Where demand is known from: the shop's own orders."""

    def daily(self, uow: UnitOfWork, since: date) -> Iterable[DayDemand]:
        """Units ordered of each SKU on each day from `since`; days without an order are left out."""
        ...


class WorkSource(Protocol):
    """Where the work of packing is known from: the shop's own orders."""

    def orders(self, uow: UnitOfWork, since: date) -> Mapping[date, int]:
        """Orders of each day from `since`; days without one are left out."""
        ...

    def parcels(self, uow: UnitOfWork, first: date, until: date) -> Mapping[str, int]:
        """Parcels that the orders from `first` to before `until` became, by warehouse."""
        ...
