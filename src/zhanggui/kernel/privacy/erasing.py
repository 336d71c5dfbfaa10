"""The right to be forgotten and to know: each capability registers where it keeps personal data."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Generic, Protocol, TypeVar

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.types import JsonObject

# The unit of work of the storage floor, which this floor may not name.
Work = TypeVar("Work")
WorkIn = TypeVar("WorkIn", contravariant=True)
# A person is gathered from several places, each of which may name what another one looks under.
_ROUNDS = 4
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by everything that the desk has of them.

    Attributes:
        ids: what places keep them under: a customer's id, `shop:customer`, a visitor's id, an e-mail address.
        orders: ids and numbers of their orders; ids of their conversations.
        marks: what is theirs alone and long enough to be looked for anywhere: addresses, phone numbers, streets.
        names: what others may be called as well: looked for only in records that are known to be about them.
        texts: what they wrote or what was written about them.
    """

    ids: frozenset[str] = _NOTHING
    orders: frozenset[str] = _NOTHING
    marks: frozenset[str] = _NOTHING
    names: frozenset[str] = _NOTHING
    texts: frozenset[str] = _NOTHING

    def with_(self, other: "Person") -> "Person":
        """All that is known of them with what another place knows."""
        return Person(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(Person)))


def person_of(**told: Iterable[str]) -> Person:
    """A person from lists of texts under the names of `Person`'s attributes; empty texts are left out."""
    return Person(**{name: frozenset(one.strip() for one in texts if one.strip()) for name, texts in told.items()})


class PersonalDataHolder(Protocol[WorkIn]):
    """A place that keeps data about people, in its capability's `store`."""

    @property
    def name(self) -> str:
        """What the report calls it, such as `orders` or `conversations`."""
        ...

    def known(self, uow: WorkIn, person: Person) -> Person:
        """What this place knows of the person: other ids, orders, names, texts. Empty where it knows nothing."""
        ...

    def export(self, uow: WorkIn, person: Person) -> list[JsonObject]:
        """Everything kept about one person, as records that they can read."""
        ...

    def erase(self, uow: WorkIn, person: Person) -> int:
        """Remove or anonymise it in the caller's transaction; how many records changed. Safe to run again."""
        ...


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased for one person: holder -> records changed."""

    person: Person
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

    def find(self, uow: Work, who: str) -> Person:
        """The person by one of their ids, with all that every place knows of them."""
        person = person_of(ids=(who,))
        for _ in range(_ROUNDS):
            found = person
            for holder in self._holders.values():
                found = found.with_(holder.known(uow, found))
            if found == person:
                break
            person = found
        return person

    def export(self, uow: Work, person: Person) -> dict[str, list[JsonObject]]:
        """All that is kept about a person, by holder."""
        return {name: holder.export(uow, person) for name, holder in self._holders.items()}

    def erase(self, uow: Work, person: Person) -> Erasure:
        """Erase a person everywhere, in the one transaction of `uow`."""
        return Erasure(person, {name: holder.erase(uow, person) for name, holder in self._holders.items()})
