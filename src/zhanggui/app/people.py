"""What the whole desk keeps of one person: given to them, or erased everywhere (PIPL Arts. 45 and 47, GDPR 17 and 20).

Each capability erases its own records; then the person's words are swept out of every other record that copied them
(proposals, jobs, remembered answers, the models' cache), and the files are written anew. Orders stay, as nobody's: the
books need amounts, goods and days. The audit chain cannot change, so it never holds more than a hash of the person.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.privacy import Person, PersonalData
from zhanggui.kernel.storage import Database, UnitOfWork, Words, shred, sweep
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing import MarketingPeople, Recommender
from zhanggui.orders import OrderPeople
from zhanggui.support import ComplaintPeople, ConversationPeople

# Records that are made from others, where what somebody wrote may stand word for word.
_COPIES = frozenset({
    "automation_runs", "chat_outbox", "idempotency_keys", "job_items", "jobs", "knowledge_gaps", "moods",
    "order_acts", "order_events", "order_exceptions", "order_outbox", "proposals", "search_log", "webhook_deliveries",
})  # fmt: skip
_CACHES = frozenset({"llm_answers"})
# Shorter ones are anybody's: a telephone extension, a word.
_MARK, _OWN_ID, _LINK, _TEXT, _PIECE = 6, 8, 5, 8, 12
_PIECES = re.compile(r"[\n\r。！？；.!?;]+")


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: records by capability, and rows of other tables in which words were replaced."""

    person: str
    records: dict[str, int]
    swept: dict[str, int]


class People:
    """The one place that finds, exports and erases a person."""

    def __init__(self, database: Database, recommender: Recommender, data_dir: Path) -> None:
        self._database, self._recommender, self._data_dir = database, recommender, data_dir
        self._data: PersonalData[UnitOfWork] = PersonalData()
        for holder in (MarketingPeople(), OrderPeople(), ConversationPeople(), ComplaintPeople()):
            self._data.register(holder)

    def export(self, uow: UnitOfWork, who: str) -> JsonObject:
        """Everything kept of a person by capability; `who` is a customer's id, `shop:customer` or an e-mail address.

        Raises:
            NotFound: nothing is kept of them.
        """
        person, records = self._found(uow, who)
        AuditLog(uow).record(
            "person-exported", _subject(uow, person), {name: len(one) for name, one in records.items()}
        )
        return cast(JsonObject, records)

    def erase(self, uow: UnitOfWork, who: str) -> Erased:
        """Erase a person in the caller's transaction; call `finish` when it is committed.

        Raises:
            NotFound: nothing is kept of them.
        """
        person, _ = self._found(uow, who)
        subject = _subject(uow, person)
        done = self._data.erase(uow, person)
        swept = sweep(uow, _words(person))
        AuditLog(uow).record("person-erased", subject, {**done.records, "swept": sum(swept.values())})
        return Erased(subject, done.records, swept)

    def finish(self, merchant_id: str) -> None:
        """Drop what was learnt of the shop, and write the database's files anew. Takes its time on a large one."""
        self._recommender.forget(merchant_id)
        shred(self._database, [self._data_dir / "jobs.db"])

    def _found(self, uow: UnitOfWork, who: str) -> tuple[Person, dict[str, list[JsonObject]]]:
        person = self._data.find(uow, who.strip())
        records = self._data.export(uow, person)
        if not any(records.values()):
            raise NotFound("nothing is kept of this person")
        return person, records


def _subject(uow: UnitOfWork, person: Person) -> str:
    """The person as the audit names them: the same person always gets the same hash."""
    told = "|".join((uow.merchant_id, *sorted(person.marks or person.ids)))
    return f"person:{hashlib.sha256(told.encode()).hexdigest()}"


def _words(person: Person) -> Words:
    texts = {one for one in person.texts if len(one) >= _TEXT}
    # Copies may be cut short: each sentence is looked for as well.
    texts |= {piece.strip() for one in texts for piece in _PIECES.split(one) if len(piece.strip()) >= _PIECE}
    marks = {one for one in person.marks if len(one) >= _MARK} | {one for one in person.ids if len(one) >= _OWN_ID}
    links = {one for one in (person.orders | person.ids) if len(one) >= _LINK}
    return Words(frozenset(marks), person.names, frozenset(links), frozenset(texts), _COPIES, _CACHES)
