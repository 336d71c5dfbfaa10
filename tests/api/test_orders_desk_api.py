"""The desk on orders over HTTP: exceptions, automations, policy; who may do what."""

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.conftest import TESTER
from tests.orders.desk_shop import delivered_order, put
from zhanggui.app import App
from zhanggui.kernel.storage import metadata


@pytest.fixture(autouse=True)
def _tables(app: App) -> None:
    metadata.create_all(app.database.engine)


def test_a_rule_goes_live_after_a_replay(client: TestClient, app: App) -> None:
    headers = bearer(app)
    rules = client.get("/api/v1/automations", headers=headers).json()["items"]
    assert {"id", "mode", "text", "agreed", "money"} <= set(rules[0]) and rules[0]["mode"] == "shadow"
    where = f"/api/v1/automations/{rules[0]['id']}"
    early = client.put(where, headers=headers, json={"mode": "live"})
    assert early.status_code == 409 and "replay" in early.json()["detail"]
    assert client.post("/api/v1/automations/replay?days=30", headers=headers).json()["items"][0]["looked_at"] == 0
    assert client.put(where, headers=headers, json={"mode": "live"}).json()["mode"] == "live"
    assert client.put(where, headers=headers, json={"mode": "sometimes"}).status_code == 422


def test_the_policy_is_read_previewed_and_saved(client: TestClient, app: App) -> None:
    headers = bearer(app)
    with app.database.begin("main", TESTER) as uow:
        put(uow, delivered_order())
    shown = client.get("/api/v1/policy", headers=headers).json()
    assert shown["number"] == 0 and shown["sentences"][0]["text"]["zh"]
    text = shown["text"].replace('version: "1"', 'version: "2"')
    told = client.post("/api/v1/policy/preview", headers=headers, json={"text": text}).json()
    assert told["otherwise"] == []
    broken = client.put("/api/v1/policy", headers=headers, json={"text": "policy: ["})
    assert broken.status_code == 422 and broken.json()["field"] == "policy"
    assert client.put("/api/v1/policy", headers=headers, json={"text": text}).json()["number"] == 1


def test_exceptions_are_listed_and_counted(client: TestClient, app: App) -> None:
    headers = bearer(app)
    assert client.post("/api/v1/exceptions/scan", headers=headers).json()["orders"] == 0
    page = client.get("/api/v1/exceptions", headers=headers).json()
    assert page == {"items": [], "counts": {}}
    missing = client.post("/api/v1/exceptions/handled", headers=headers, json={"order_id": "x", "kind": "late"})
    assert missing.status_code == 404
    assert client.get("/api/v1/exceptions").status_code == 401
