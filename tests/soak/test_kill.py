"""kill -9 at random instants: every item and every approved proposal takes effect once, none is lost or doubled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.postgres import fresh_database
from tests.soak.scenarios import kill_over_desk, kill_over_ledger

Scenario = Callable[..., int]
_BOTH = pytest.mark.parametrize("scenario", [kill_over_ledger, kill_over_desk], ids=["ledger", "desk"])


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], Iterator[str]]]:
    """Makes, by number, the URL of a database of its own that other processes can open too."""

    def sqlite(number: int) -> Iterator[str]:
        yield f"sqlite:///{tmp_path / f'{number}.db'}"

    def postgresql(number: int) -> Iterator[str]:
        with fresh_database(server) as fresh:
            yield fresh

    server = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    yield postgresql if server else sqlite


@_BOTH
@pytest.mark.slow
def test_twenty_deaths(scenario: Scenario, new_url: Callable[[int], Iterator[str]], tmp_path: Path) -> None:
    for url in new_url(0):
        assert scenario(url, tmp_path / "data", count=200, times=20, seed=20) > 0


@_BOTH
@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_a_thousand_deaths(scenario: Scenario, new_url: Callable[[int], Iterator[str]], tmp_path: Path) -> None:
    half_done = 0
    for number in range(50):
        for url in new_url(number):
            half_done += scenario(url, tmp_path / f"data-{number}", count=200, times=20, seed=number)
    assert half_done > 200
