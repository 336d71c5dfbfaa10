"""Fixtures shared by every test: real databases, one merchant, a clock that stands still."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import start_postgres
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.storage import Actor, Database, MerchantStore, UnitOfWork, metadata

SHARED_DATA = Path(os.environ.get("ZHANGGUI_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
TESTER = Actor("person", "tester")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own on loopback, or a skip with the reason."""
    with start_postgres(tmp_path_factory.mktemp("postgres")) as server:
        if server.url is None:
            pytest.skip(f"PostgreSQL is not here: {server.reason}")
        yield server.url


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    """A database with every table that the test's imports declare, one merchant `m1`, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'test.db'}", clock=clock)
    else:
        opened = Database(request.getfixturevalue("postgres_url"), clock=clock)
        metadata.drop_all(opened.engine)
    metadata.create_all(opened.engine)
    MerchantStore(opened).create("m1", name="Test shop")
    MerchantStore(opened).create("m2", name="Another shop")
    yield opened
    opened.close()


@pytest.fixture
def uow(database: Database) -> Iterator[UnitOfWork]:
    with database.begin("m1", TESTER) as unit:
        yield unit


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets, or a skip."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"public data sets are not here ({SHARED_DATA.name} beside the checkout); set ZHANGGUI_SHARED_DATA")
    return SHARED_DATA
