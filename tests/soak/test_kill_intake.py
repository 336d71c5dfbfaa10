"""kill -9 over webhook intake: the final state equals that of every delivery once and in order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres import fresh_database
from tests.soak.intake import kill_over_intake


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Iterator[str]]:
    """URLs of fresh databases that other processes can open too."""

    def fresh() -> Iterator[str]:
        number = 0
        while True:
            if request.param == "sqlite":
                yield f"sqlite:///{tmp_path / f'{number}.db'}"
            else:
                with fresh_database(request.getfixturevalue("postgres_url")) as made:
                    yield made
            number += 1

    made = fresh()
    yield made
    made.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator


@pytest.mark.slow
def test_twenty_deaths(urls: Iterator[str], tmp_path: Path) -> None:
    assert kill_over_intake(next(urls), tmp_path / "data", times=20, seed=20) > 0


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_a_thousand_deaths(urls: Iterator[str], tmp_path: Path) -> None:
    half_done = sum(
        kill_over_intake(next(urls), tmp_path / f"data-{number}", times=20, seed=number) for number in range(50)
    )
    assert half_done > 100
