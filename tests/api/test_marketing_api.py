"""Marketing over HTTP: from orders to an audience in plain words, a campaign in the inbox, messages, lift, erasure."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.orders.tellings import make_order, paid
from zhanggui.app import App
from zhanggui.kernel.storage import Actor
from zhanggui.marketing import refresh_customers

WHO = {"id": "u1", "name": "Ann", "email": "ann@example.com"}
NEUTRAL = orjson.loads(orjson.dumps(make_order(payments=(paid(),))))


@pytest.fixture
def headers(app: App, client: TestClient) -> dict[str, str]:
    """A token, and a shop with one customer who ordered twice."""
    found = bearer(app)
    now = datetime.now(UTC)
    told = [
        {**NEUTRAL, "customer": WHO, "external_id": str(back), "placed_at": (now - timedelta(days=back)).isoformat()}
        for back in (2, 9)
    ]
    client.post("/api/v1/orders/bulk?shop=s1", headers=found, json=told)
    with app.database.begin("main", Actor("system", "test")) as uow:
        assert refresh_customers(uow, app.marketing.book).new == 1
    return found


def test_from_orders_to_lift_and_erasure(client: TestClient, headers: dict[str, str]) -> None:
    (who,) = client.get("/api/v1/customers", headers=headers).json()["items"]
    assert who["measures"]["orders"] == 2
    wishes = {"consents": {"push": True}, "tags": ["friend"]}
    changed = client.patch(f"/api/v1/customers/{who['id']}", headers=headers, json=wishes).json()
    assert changed["consents"] == ["push"]
    asked = {"request": "friend customers who ordered in the last 30 days", "locale": "en"}
    reading = client.post("/api/v1/audiences/read", headers=headers, json=asked).json()
    assert reading["members"] == 1, reading
    kept = {"name": "friends", "definition": reading["definition"], "request": asked["request"]}
    audience = client.post("/api/v1/audiences", headers=headers, json=kept).json()["id"]
    assert client.get(f"/api/v1/audiences/{audience}", headers=headers).json()["of"] == 1
    plan = {"name": "Hello", "audience_id": audience, "channel": "push", "locale": "en", "holdout": 0.0,
            "quiet_from": 0, "quiet_to": 0,
            "variants": [{"name": "A", "body": "New arrivals are in the shop today."}]}  # fmt: skip
    proposed = client.post("/api/v1/campaigns", headers=headers, json=plan).json()
    assert not [one for one in proposed["checks"] if not one["passed"] and one["blocking"]], proposed
    done = client.post(f"/api/v1/proposals/{proposed['proposal_id']}/approve", headers=headers, json={})
    assert done.status_code < 300, done.text
    campaign = proposed["campaign_id"]
    taken = client.post(f"/api/v1/campaigns/{campaign}/take", headers=headers).json()["items"]
    assert [one["body"] for one in taken] == ["New arrivals are in the shop today."]
    assert client.post(f"/api/v1/campaigns/{campaign}/take", headers=headers).json()["items"] == []
    lift = client.get(f"/api/v1/campaigns/{campaign}/lift", headers=headers).json()
    assert lift["arms"][0]["customers"] == 1 and lift["overall"] is None
    assert client.get(f"/api/v1/customers/{who['id']}/export", headers=headers).json()["orders"]
    assert client.delete(f"/api/v1/customers/{who['id']}", headers=headers).json()["removed"]["marketing"] >= 1
    assert client.get(f"/api/v1/customers/{who['id']}", headers=headers).status_code == 404


def test_what_is_not_understood_is_asked_back(client: TestClient, headers: dict[str, str]) -> None:
    asked = {"request": "生日在本月的客户"}
    reading = client.post("/api/v1/audiences/read", headers=headers, json=asked).json()
    assert reading["definition"] is None and "生日" in reading["question"]
    broken = {"name": "x", "definition": {"all": [{"any": [{"field": "gender", "op": "in", "values": ["f"]}]}]}}
    assert client.post("/api/v1/audiences", headers=headers, json=broken).status_code == 422
