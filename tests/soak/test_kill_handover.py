"""kill -9 over conversations: no hand-over lost or doubled, no message answered twice, no bot while a person has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres import fresh_database
from tests.soak.handover import kill_over_handovers


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database that other processes can open too."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chat.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as made:
        yield made


@pytest.mark.slow
def test_ten_deaths(url: str, tmp_path: Path) -> None:
    assert kill_over_handovers(url, tmp_path / "data", times=10, seed=4) > 0


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_three_hundred_deaths(url: str, tmp_path: Path) -> None:
    assert kill_over_handovers(url, tmp_path / "data", times=300, seed=5) > 0
