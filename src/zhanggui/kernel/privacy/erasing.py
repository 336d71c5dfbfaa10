"""The right to be forgotten and to know: each capability registers where it keeps personal data."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.types import JsonObject

# The unit of work of the storage floor, which this floor may not name.
Work = TypeVar("Work")
WorkIn = TypeVar("WorkIn", contravariant=True)


class PersonalDataHolder(Protocol[WorkIn]):
    """A place that keeps data about people, in its capability's `store.py`."""

    @property
    def name(self) -> str:
        """What the report calls it, such as `orders` or `conversations`."""
        ...

    def export(self, uow: WorkIn, customer_id: str) -> list[JsonObject]:
        """Everything kept about one customer, as records a person can read."""
        ...

    def erase(self, uow: WorkIn, customer_id: str) -> int:
        """Remove or anonymise it in the caller's transaction; how many records changed. Safe to run again."""
        ...


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased for one customer: holder -> records changed."""

    customer_id: str
    records: dict[str, int]


class PersonalData(Generic[Work]):
    """Every registered holder, asked in the order of registration."""

    def __init__(self) -> None:
        self._holders: dict[str, PersonalDataHolder[Work]] = {}

    def register(self, holder: PersonalDataHolder[Work]) -> None:
        """Add a holder.

        Raises:
            ProgrammerError: its name is taken.
        """
        if holder.name in self._holders:
            raise ProgrammerError(f"two holders of personal data are called {holder.name}")
        self._holders[holder.name] = holder

    def export(self, uow: Work, customer_id: str) -> dict[str, list[JsonObject]]:
        """All that is kept about a customer, by holder."""
        return {name: holder.export(uow, customer_id) for name, holder in self._holders.items()}

    def erase(self, uow: Work, customer_id: str) -> Erasure:
        """Erase a customer everywhere, in the one transaction of `uow`."""
        return Erasure(customer_id, {name: holder.erase(uow, customer_id) for name, holder in self._holders.items()})
