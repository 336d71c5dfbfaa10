"""Planning over HTTP: from orders to a forecast, a person's number, stock records and a purchase order on the desk."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.orders.tellings import make_order, paid
from zhanggui.app import App

NEUTRAL = orjson.loads(orjson.dumps(make_order(payments=(paid(),))))
DAYS = 40


@pytest.fixture
def headers(app: App, client: TestClient) -> dict[str, str]:
    """A token, and a shop with two cups and a bowl ordered every day."""
    found = bearer(app)
    now = datetime.now(UTC).replace(hour=12)
    told = [
        {**NEUTRAL, "external_id": str(back), "placed_at": (now - timedelta(days=back)).isoformat()}
        for back in range(1, DAYS + 1)
    ]
    items = client.post("/api/v1/orders/bulk?shop=s1", headers=found, json=told).json()["items"]
    assert {one["outcome"] for one in items} == {"created"}, items[0]
    return found


def test_from_orders_to_a_purchase_order(client: TestClient, app: App, headers: dict[str, str]) -> None:
    stock = [
        {"sku": "SKU-A", "on_hand": 3, "pack": 10, "cost_minor": 500, "supplier": "Kiln"},
        {"sku": "SKU-B", "on_hand": 99},
    ]
    assert client.put("/api/v1/planning/stock", headers=headers, json=stock).json() == {"written": 2}
    job = client.post("/api/v1/planning/forecasts", headers=headers).json()["job"]
    assert app.jobs.run("main", job).progress.failed == 0
    listed = client.get("/api/v1/planning/forecasts", headers=headers).json()["items"]
    assert [(one["sku"], one["status"]) for one in listed] == [("SKU-A", "ok"), ("SKU-B", "ok")]
    seen = client.get("/api/v1/planning/forecasts/SKU-A?ahead=14", headers=headers).json()
    assert len(seen["days"]) == 14
    assert all(abs(day["expected"] - 2) < 0.3 for day in seen["days"])
    assert seen["series"]["history_days"] == DAYS
    advice = {
        one["sku"]: one["advice"] for one in client.get("/api/v1/planning/stock", headers=headers).json()["items"]
    }
    assert advice["SKU-A"]["quantity"] in (30, 40)
    assert advice["SKU-B"]["quantity"] == 0
    waiting = client.get("/api/v1/proposals?kind=restock", headers=headers).json()["items"]
    assert len(waiting) == 1
    again = client.post("/api/v1/planning/restock", headers=headers, json={}).json()["proposals"]
    assert [one["id"] for one in again] == [waiting[0]["id"]]


def test_staff_is_planned_by_expected_orders(client: TestClient, headers: dict[str, str]) -> None:
    told = client.get("/api/v1/planning/workload?ahead=7&per_person=1", headers=headers).json()
    assert told["status"] == "ok" and len(told["days"]) == 7
    assert all(abs(day["orders"] - 1) < 0.3 and set(day["people"]) == {""} for day in told["days"])
    assert told["history"][-1]["orders"] == 1
    plain = client.get("/api/v1/planning/workload", headers=headers).json()
    assert len(plain["days"]) == 28 and plain["days"][0]["people"] is None
    assert client.get("/api/v1/planning/workload?per_person=0", headers=headers).status_code == 422


def test_a_persons_number_counts_until_it_is_withdrawn(client: TestClient, app: App, headers: dict[str, str]) -> None:
    job = client.post("/api/v1/planning/forecasts", headers=headers).json()["job"]
    app.jobs.run("main", job)
    today = datetime.now(UTC).date()
    own = {"first": str(today), "last": str(today + timedelta(days=1)), "units": 50, "reason": "live stream"}
    made = client.post("/api/v1/planning/forecasts/SKU-A/overrides", headers=headers, json=own).json()
    days = client.get("/api/v1/planning/forecasts/SKU-A", headers=headers).json()["days"]
    assert [day["expected"] for day in days[:2]] == [50, 50]
    assert days[2]["planned"] is None
    assert client.delete(f"/api/v1/planning/overrides/{made['id']}", headers=headers).json()["withdrawn"]
    assert client.delete(f"/api/v1/planning/overrides/{made['id']}", headers=headers).status_code == 404
    odd = client.post("/api/v1/planning/forecasts/SKU-A/overrides", headers=headers, json={**own, "last": "2020-01-01"})
    assert (odd.status_code, odd.json()["field"]) == (422, "last")


def test_what_is_not_there_and_what_cannot_be(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/api/v1/planning/forecasts/nothing", headers=headers).status_code == 404
    assert client.get("/api/v1/planning/forecasts").status_code == 401
    for bad in ({"sku": "a", "on_hand": -1}, {"sku": "a", "service": 1}, {"sku": ""}, {"sku": "a", "made_up": 1}):
        assert client.put("/api/v1/planning/stock", headers=headers, json=[bad]).status_code == 422
    events = client.get("/api/v1/planning/events?first=2026-11-01&last=2026-11-30", headers=headers).json()["items"]
    assert {event["name"] for event in events} >= {"Double 11", "Black Friday"}
