"""Holders of personal data are all asked, once, in order."""

from dataclasses import dataclass, field

import pytest

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.privacy import PersonalData
from zhanggui.kernel.types import JsonObject


@dataclass
class Shelf:
    """A holder that keeps its records in a dictionary; its unit of work is a list of what happened."""

    name: str
    records: dict[str, list[JsonObject]] = field(default_factory=dict)

    def export(self, uow: list[str], customer_id: str) -> list[JsonObject]:
        uow.append(f"export {self.name}")
        return list(self.records.get(customer_id, []))

    def erase(self, uow: list[str], customer_id: str) -> int:
        uow.append(f"erase {self.name}")
        return len(self.records.pop(customer_id, []))


def test_export_and_erase_reach_every_holder_and_erasing_again_changes_nothing() -> None:
    people: PersonalData[list[str]] = PersonalData()
    people.register(Shelf("orders", {"c1": [{"id": "o1"}], "c2": [{"id": "o2"}]}))
    people.register(Shelf("conversations", {"c1": [{"id": "m1"}, {"id": "m2"}]}))
    work: list[str] = []
    assert people.export(work, "c1") == {"orders": [{"id": "o1"}], "conversations": [{"id": "m1"}, {"id": "m2"}]}
    assert people.erase(work, "c1").records == {"orders": 1, "conversations": 2}
    assert people.erase(work, "c1").records == {"orders": 0, "conversations": 0}
    assert people.export(work, "c2") == {"orders": [{"id": "o2"}], "conversations": []}
    assert work[2:4] == ["erase orders", "erase conversations"]


def test_two_holders_of_one_name_are_refused() -> None:
    people: PersonalData[list[str]] = PersonalData()
    people.register(Shelf("orders"))
    with pytest.raises(ProgrammerError):
        people.register(Shelf("orders"))
