"""Automation files in force, what their rules did, and the exceptions found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, new_id

_ORDER = sa.String(330)

# The merchant's own files, every version kept: `policy` and `automations`.
order_documents = merchant_table(
    "order_documents",
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    key=("kind", "number"),
)

automation_switches = merchant_table(
    "automation_switches",
    sa.Column("rule_id", sa.String(200), nullable=False),
    sa.Column("mode", sa.String(8)),
    sa.Column("replayed", sa.String(32)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    key=("rule_id",),
)

# How far each sweep over changed orders has come.
order_sweeps = merchant_table(
    "order_sweeps",
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    key=("name",),
)

automation_runs = merchant_table(
    "automation_runs",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("rule_id", sa.String(200), nullable=False),
    sa.Column("rule_digest", sa.String(32), nullable=False),
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("occasion", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("mode", sa.String(8), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("money_minor", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Column("proposal_id", sa.String(64)),
    sa.Column("agreed", sa.Boolean),
    sa.Column("judged_by", sa.Text),
    # One rule looks at one order on one occasion once, however often the news of it come.
    sa.UniqueConstraint("merchant_id", "rule_id", "order_id", "occasion"),
    sa.Index("ix_automation_runs_merchant_id_rule_id", "merchant_id", "rule_id", "at"),
)

order_exceptions = merchant_table(
    "order_exceptions",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("parcel_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("culprit", sa.String(16), nullable=False),
    sa.Column("pays", sa.String(16), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("deadline", UtcDateTime, nullable=False),
    sa.Column("found_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("denied_at", UtcDateTime),
    sa.Index("ix_order_exceptions_merchant_id_state", "merchant_id", "state", "deadline"),
    key=("order_id", "parcel_id", "kind"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a rule fired. `agreed` is what a person (or the proposal's fate) said of it; None: nobody yet."""

    id: str
    rule_id: str
    rule_digest: str
    order_id: str
    occasion: str
    kind: str
    mode: str
    at: datetime
    facts: JsonObject
    money_minor: int | None
    currency: str | None
    proposal_id: str | None
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class StoredException:
    """One exception as the desk lists it; `told` holds its sentences, its drafts' proposals and its evidence."""

    order_id: str
    parcel_id: str
    kind: str
    state: str
    culprit: str
    pays: str
    since: datetime
    deadline: datetime
    found_at: datetime
    seen_at: datetime
    told: JsonObject


class DocumentStore:
    """The merchant's policy and automation files; the newest version counts."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def newest(self, kind: str) -> tuple[int, str] | None:
        """The number and text in force, or None where the merchant has none of their own."""
        table = order_documents.c
        wanted = self._uow.select(order_documents).where(table.kind == kind).order_by(table.number.desc()).limit(1)
        row = self._uow.row(wanted)
        return (row["number"], row["text"]) if row else None

    def add(self, kind: str, text: str) -> int:
        """A new version; its number."""
        number = (self.newest(kind) or (0, ""))[0] + 1
        values = {"kind": kind, "number": number, "text": text}
        self._uow.insert(order_documents, {**values, "at": self._uow.clock.now(), "who": str(self._uow.actor)})
        return number


class RunStore:
    """What automation rules did, and how far each may go."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def switches(self) -> dict[str, tuple[str | None, str | None]]:
        """Rule id -> the mode that the merchant set (None: the file's) and the digest of the wording last replayed."""
        rows = self._uow.rows(self._uow.select(automation_switches))
        return {row["rule_id"]: (row["mode"], row["replayed"]) for row in rows}

    def switch(self, rule_id: str, *, mode: str | None = None, replayed: str | None = None) -> None:
        """Set a rule's mode, or remember that this wording of it was replayed."""
        before = self.switches().get(rule_id, (None, None))
        row = {"rule_id": rule_id, "mode": mode or before[0], "replayed": replayed or before[1]}
        row |= {"at": self._uow.clock.now(), "who": str(self._uow.actor)}
        self._uow.upsert(automation_switches, [row], key=["rule_id"])

    def begin(self, run: Run) -> bool:
        """Record that a rule fired; False where it fired for this order and occasion before."""
        row = {name: getattr(run, name) for name in Run.__slots__}
        return self._uow.insert_new(automation_runs, row)

    def proposed(self, run_id: str, proposal_id: str) -> None:
        """Remember the proposal that came of it."""
        statement = self._uow.update(automation_runs).where(automation_runs.c.id == run_id)
        self._uow.change(statement.values(proposal_id=proposal_id))

    def judge(self, run_id: str, *, agreed: bool) -> None:
        """Record a person's opinion of one run.

        Raises:
            NotFound: there is no such run.
        """
        statement = self._uow.update(automation_runs).where(automation_runs.c.id == run_id)
        if not self._uow.change(statement.values(agreed=agreed, judged_by=str(self._uow.actor))):
            raise NotFound(f"no automation run {run_id!r}")

    def of_rule(self, rule_id: str, *, limit: int = 500) -> list[Run]:
        """A rule's newest runs."""
        table = automation_runs.c
        wanted = self._uow.select(automation_runs).where(table.rule_id == rule_id)
        rows = self._uow.rows(wanted.order_by(table.at.desc(), table.id.desc()).limit(limit))
        return [Run(**{name: row[name] for name in Run.__slots__}) for row in rows]

    def of_order(self, order_id: str, *, limit: int = 200) -> list[Run]:
        """An order's newest runs."""
        table = automation_runs.c
        wanted = self._uow.select(automation_runs).where(table.order_id == order_id)
        rows = self._uow.rows(wanted.order_by(table.at.desc(), table.id.desc()).limit(limit))
        return [Run(**{name: row[name] for name in Run.__slots__}) for row in rows]


class ExceptionStore:
    """The exceptions that the desk knows."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def put(self, found: StoredException) -> bool:
        """Record one that was found; True where it is new or was over before."""
        row = {name: getattr(found, name) for name in StoredException.__slots__}
        key = self._key(found.order_id, found.parcel_id, found.kind)
        before = self._uow.row(self._uow.select(order_exceptions).where(key))
        if before is None:
            self._uow.insert(order_exceptions, row)
            return True
        state = before["state"] if before["state"] in ("open", "handled") else "open"
        kept = {"state": state, "found_at": before["found_at"]}
        if before["told"].get("proposals") and not found.told.get("proposals"):
            kept["told"] = {**row["told"], "proposals": before["told"]["proposals"]}
        self._uow.change(self._uow.update(order_exceptions).where(key).values(**{**row, **kept}))
        return before["state"] == "over"

    def over(self, order_id: str, still: Sequence[tuple[str, str]]) -> int:
        """End the open exceptions of an order other than these (parcel id, kind); how many ended."""
        table = order_exceptions.c
        wanted = self._uow.select(order_exceptions, table.parcel_id, table.kind).where(
            table.order_id == order_id, table.state != "over"
        )
        ended = [row for row in self._uow.rows(wanted) if (row["parcel_id"], row["kind"]) not in still]
        for row in ended:
            self.set_state(order_id, row["parcel_id"], row["kind"], "over")
        return len(ended)

    def set_state(self, order_id: str, parcel_id: str, kind: str, state: str) -> None:
        """open, handled or over.

        Raises:
            NotFound: there is no such exception.
        """
        statement = self._uow.update(order_exceptions).where(self._key(order_id, parcel_id, kind))
        if not self._uow.change(statement.values(state=state)):
            raise NotFound(f"no {kind!r} exception of order {order_id!r}")

    def page(self, *, state: str = "open", kind: str = "", limit: int = 100, offset: int = 0) -> list[StoredException]:
        """Exceptions, the nearest deadline first."""
        table = order_exceptions.c
        wanted = self._uow.select(order_exceptions).where(table.state == state)
        if kind:
            wanted = wanted.where(table.kind == kind)
        wanted = wanted.order_by(table.deadline, table.order_id, table.parcel_id).limit(limit).offset(offset)
        return [StoredException(**{n: row[n] for n in StoredException.__slots__}) for row in self._uow.rows(wanted)]

    def counts(self, *, state: str = "open") -> dict[str, int]:
        """How many exceptions of each kind are in this state."""
        table = order_exceptions.c
        wanted = self._uow.select(order_exceptions, table.kind, sa.func.count().label("n"))
        rows = self._uow.rows(wanted.where(table.state == state).group_by(table.kind))
        return {row["kind"]: row["n"] for row in rows}

    def deny(self, order_id: str, parcel_id: str, at: datetime) -> None:
        """Remember that the customer says a parcel never came."""
        now, nothing = self._uow.clock.now(), JsonObject()
        row: dict[str, object] = {
            "order_id": order_id, "parcel_id": parcel_id, "kind": "delivered-but-denied", "state": "open",
            "culprit": "", "pays": "", "since": at, "deadline": at, "found_at": now, "seen_at": now, "told": nothing,
            "denied_at": at,
        }  # fmt: skip
        self._uow.upsert(order_exceptions, [row], key=["order_id", "parcel_id", "kind"])

    def denied(self, ids: Sequence[str]) -> dict[str, dict[str, datetime]]:
        """Order id -> parcel id -> when the customer said it never came."""
        table, found = order_exceptions.c, dict[str, dict[str, datetime]]()
        wanted = self._uow.select(order_exceptions).where(table.order_id.in_(list(ids)), table.denied_at.is_not(None))
        for row in self._uow.rows(wanted):
            found.setdefault(row["order_id"], {})[row["parcel_id"]] = row["denied_at"]
        return found

    @staticmethod
    def _key(order_id: str, parcel_id: str, kind: str) -> sa.ColumnElement[bool]:
        table = order_exceptions.c
        return sa.and_(table.order_id == order_id, table.parcel_id == parcel_id, table.kind == kind)


def swept_until(uow: UnitOfWork, name: str) -> datetime | None:
    """The instant up to which a sweep has seen everything; None before its first."""
    row = uow.row(uow.select(order_sweeps).where(order_sweeps.c.name == name))
    return row["until"] if row else None


def sweep_done(uow: UnitOfWork, name: str, until: datetime) -> None:
    """Remember how far a sweep has come."""
    uow.upsert(order_sweeps, [{"name": name, "until": until}], key=["name"])


def run_id() -> str:
    """A fresh id of a run."""
    return new_id("aut")
