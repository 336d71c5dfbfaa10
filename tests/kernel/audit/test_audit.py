"""The chain shows every edit, gap and cut, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import TESTER

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.storage import Database, metadata

ROWS = metadata.tables["audit_rows"]


def _fill(database: Database, merchant: str = "m1") -> None:
    for number in range(5):
        with database.begin(merchant, TESTER) as uow:
            AuditLog(uow).record("did", f"thing-{number}", {"数": number, "x": 0.1})


def _problems(database: Database) -> list[int]:
    with database.begin("m1", TESTER) as uow:
        return [problem.seq for problem in AuditLog(uow).verify()]


def test_an_untouched_chain_is_whole(database: Database) -> None:
    assert _problems(database) == []
    _fill(database)
    _fill(database, "m2")
    assert _problems(database) == []


@pytest.mark.parametrize(
    "tamper",
    [
        sa.update(ROWS).where(ROWS.c.seq == 3).values(detail={"数": 99}),
        sa.update(ROWS).where(ROWS.c.seq == 3).values(actor="person:mallory"),
        sa.update(ROWS).where(ROWS.c.seq == 3).values(at=sa.literal(0, sa.BigInteger)),
        sa.delete(ROWS).where(ROWS.c.seq == 3),
        sa.delete(ROWS).where(ROWS.c.seq >= 4),
        sa.delete(ROWS).where(ROWS.c.seq == 1),
    ],
)
def test_tampering_shows(database: Database, tamper: sa.Executable) -> None:
    _fill(database)
    with database.installation() as connection:
        connection.execute(tamper)
    assert _problems(database) != []


def test_reading_pages_newest_first(database: Database) -> None:
    _fill(database)
    with database.begin("m1", TESTER) as uow:
        first = AuditLog(uow).read(limit=2)
        assert [row.seq for row in first.items] == [5, 4]
        assert first.total == 5
        rest = AuditLog(uow).read(limit=3, before=int(first.next_cursor or 0))
        assert [row.seq for row in rest.items] == [3, 2, 1]
        assert rest.next_cursor is None
        assert [row.subject for row in AuditLog(uow).read(subject="thing-2").items] == ["thing-2"]


def test_a_rolled_back_action_is_not_in_the_chain(database: Database) -> None:
    with pytest.raises(RuntimeError), database.begin("m1", TESTER) as uow:
        AuditLog(uow).record("did", "nothing", {"for": str(timedelta(1))})
        raise RuntimeError
    assert _problems(database) == []
