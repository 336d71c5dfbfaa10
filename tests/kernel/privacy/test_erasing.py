"""Holders of personal data are all asked, once, in order."""

from dataclasses import dataclass, field

import pytest

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.privacy import Person, PersonalData, person_of
from zhanggui.kernel.types import JsonObject


@dataclass
class Shelf:
    """A holder that keeps its records in a dictionary; its unit of work is a list of what happened."""

    name: str
    records: dict[str, list[JsonObject]] = field(default_factory=dict)

    def known(self, uow: list[str], person: Person) -> Person:
        mine = [one for who in person.ids for one in self.records.get(who, [])]
        return person_of(ids=[str(one.get("also", "")) for one in mine], orders=[str(one["id"]) for one in mine])

    def export(self, uow: list[str], person: Person) -> list[JsonObject]:
        uow.append(f"export {self.name}")
        return [one for who in sorted(person.ids) for one in self.records.get(who, [])]

    def erase(self, uow: list[str], person: Person) -> int:
        uow.append(f"erase {self.name}")
        return sum(len(self.records.pop(who, [])) for who in person.ids)


def test_export_and_erase_reach_every_holder_and_erasing_again_changes_nothing() -> None:
    people: PersonalData[list[str]] = PersonalData()
    people.register(Shelf("orders", {"c1": [{"id": "o1"}], "c2": [{"id": "o2"}]}))
    people.register(Shelf("conversations", {"c1": [{"id": "m1"}, {"id": "m2"}]}))
    work: list[str] = []
    c1, c2 = people.find(work, "c1"), people.find(work, "c2")
    assert people.export(work, c1) == {"orders": [{"id": "o1"}], "conversations": [{"id": "m1"}, {"id": "m2"}]}
    assert people.erase(work, c1).records == {"orders": 1, "conversations": 2}
    assert people.erase(work, c1).records == {"orders": 0, "conversations": 0}
    assert people.export(work, c2) == {"orders": [{"id": "o2"}], "conversations": []}
    assert work[2:4] == ["erase orders", "erase conversations"]


def test_what_one_place_names_another_is_asked_for() -> None:
    people: PersonalData[list[str]] = PersonalData()
    people.register(Shelf("chats", {"visitor-7": [{"id": "m1"}]}))
    people.register(Shelf("orders", {"c1": [{"id": "o1", "also": "visitor-7"}]}))
    person = people.find([], "c1")
    assert person == person_of(ids=["c1", "visitor-7"], orders=["o1", "m1"])
    assert people.find([], "nobody") == person_of(ids=["nobody"])


def test_two_holders_of_one_name_are_refused() -> None:
    people: PersonalData[list[str]] = PersonalData()
    people.register(Shelf("orders"))
    with pytest.raises(ProgrammerError):
        people.register(Shelf("orders"))
