"""A proposal kind for the desk's own tests: it writes a stamp into a real table, and can take it back."""

import sqlalchemy as sa

from zhanggui.desk import Check, Cost, Draft, Evidence, Undo
from zhanggui.kernel.errors import BadInput, Conflict, RetryLater
from zhanggui.kernel.storage import UnitOfWork, merchant_table
from zhanggui.kernel.types import JsonObject

stamps = merchant_table(
    "test_stamps",
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
)


class StampKind:
    """Puts `value` on `thing`; "bad" values fail a check, "broken" ones fail while applying, "ink" is for ever."""

    name = "stamp"

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        value = payload.get("value")
        if not isinstance(value, str):
            raise BadInput(field="value", expected="text", found=str(value))
        return (
            Check("not-bad", "bad" not in value, "bad values are not stamped"),
            Check("short", len(value) < 20, "short is nicer", blocking=False),
        )

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        value, thing = str(payload["value"]), str(payload["thing"])
        old = uow.row(uow.select(stamps).where(stamps.c.id == thing))
        times = (old["times"] if old else 0) + 1
        uow.upsert(stamps, [{"id": thing, "value": value, "times": times}], key=["id"])
        if "broken" in value:
            raise RetryLater("the stamp is broken")
        if "ink" in value:
            return Undo(False, reason="ink stays")
        return Undo(True, {"value": old["value"] if old else None})

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        row = uow.row(uow.select(stamps).where(stamps.c.id == str(payload["thing"])))
        if row is None or row["value"] != payload["value"]:
            raise Conflict("stamped again since")
        uow.change(
            uow.update(stamps).where(stamps.c.id == str(payload["thing"])).values(value=str(undo.payload["value"]))
        )

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        return {"times": times_of(uow, str(payload["thing"]))}


def times_of(uow: UnitOfWork, thing: str) -> int:
    """How often a thing was stamped."""
    row = uow.row(uow.select(stamps).where(stamps.c.id == thing))
    return 0 if row is None else int(row["times"])


def draft(thing: str, value: str = "ok", *, confidence: float = 0.95, fingerprint: str = "") -> Draft:
    """A draft of the kind."""
    payload: JsonObject = {"thing": thing, "value": value}
    checks = (
        Check("not-bad", "bad" not in value, "bad values are not stamped"),
        Check("short", len(value) < 20, "short is nicer", blocking=False),
    )
    evidence = (Evidence("rule", "stamps", "stamp everything"),)
    return Draft("stamp", thing, f"Stamp {thing}", payload, evidence, checks, confidence, Cost(), fingerprint)
