"""The migrations make exactly the tables that the code declares, from nothing, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.postgres import fresh_database

import zhanggui.app  # noqa: F401 - declares every table
from zhanggui.kernel.storage import Database, current_revision, head_revision, metadata, migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield opened
        opened.close()
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        opened = Database(url)
        yield opened
        opened.close()


def test_migrating_an_empty_database_gives_the_declared_tables(empty: Database) -> None:
    assert current_revision(empty) is None
    migrate(empty)
    assert current_revision(empty) == head_revision()
    with empty.installation() as connection:
        # Tables of the tests themselves are declared on the same metadata and are no part of the house.
        ours = {name for name in metadata.tables if not name.startswith(("test_", "ledger", "soak_"))}
        assert ours <= set(sa.inspect(connection).get_table_names())
        context = MigrationContext.configure(connection)
        differences = [difference for difference in compare_metadata(context, metadata) if not _of_tests(difference)]
    assert differences == []


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    migrate(empty)
    assert current_revision(empty) == head_revision()


def _of_tests(difference: object) -> bool:
    text = repr(difference)
    return any(f"'{name}" in text for name in ("test_", "ledger", "soak_"))
