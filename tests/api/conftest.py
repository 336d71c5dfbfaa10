"""A real server in process, with a token per scope, on both databases' first choice (SQLite)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.described import DescribedClient
from tests.conftest import TESTER
from zhanggui.app import App, build
from zhanggui.kernel.access import Scope
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.types import Money
from zhanggui.server import make_server
from zhanggui.settings import Settings

KETTLE = Product(
    id="kettle",
    title="Enamel kettle",
    brand="Yunshan",
    category=("Kitchen", "Kettles"),
    attributes={"Material": ("Enamel",), "Colour": ("Blue",), "Capacity": ("1.5 L",), "Weight": ("800 g",)},
    price=Money(12900, "CNY"),
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = build(Settings(data_dir=tmp_path / "data", model="none"))
    made.merchants.create("other", name="Another shop")
    yield made
    made.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with DescribedClient(make_server(app, console=False)) as opened:
        yield opened


def bearer(app: App, *scopes: Scope, merchant: str = "main") -> dict[str, str]:
    """Headers of a caller with these scopes."""
    with app.database.begin(merchant, TESTER) as uow:
        _, secret = app.access.issue_token(uow, "test", scopes=scopes or ("read", "propose", "decide", "admin"))
    return {"Authorization": f"Bearer {secret}"}
