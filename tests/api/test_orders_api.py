"""Orders over HTTP: a webhook from delivery to order, one order at a time, import and undo, rights."""

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.connectors.shops.payloads import SHOPIFY_SECRET, hmac_base64, shopify_order
from tests.orders.tellings import make_order, paid
from zhanggui.app import App
from zhanggui.kernel.storage import metadata

NEUTRAL = orjson.loads(orjson.dumps(make_order(payments=(paid(),))))


@pytest.fixture(autouse=True)
def _tables(app: App) -> None:
    metadata.create_all(app.database.engine)


def test_a_webhook_becomes_an_order(client: TestClient, app: App) -> None:
    headers = bearer(app)
    body = orjson.dumps(shopify_order())
    connection = {"settings": {"host": "one.myshopify.com"}, "webhook_secret": SHOPIFY_SECRET}
    kept = client.put("/api/v1/connections/s1/shopify", headers=headers, json=connection)
    assert kept.status_code == 200 and SHOPIFY_SECRET not in kept.text
    signed = {"X-Shopify-Hmac-Sha256": hmac_base64(SHOPIFY_SECRET, body), "X-Shopify-Webhook-Id": "w1"}
    sent = {**signed, "X-Shopify-Topic": "orders/create"}
    first, second = (client.post("/api/v1/webhooks/shopify/main/s1", headers=sent, content=body) for _ in range(2))
    assert (first.json(), second.json()) == ({"received": True, "new": True}, {"received": True, "new": False})
    forged = client.post("/api/v1/webhooks/shopify/main/s1", headers=sent, content=body + b" ")
    assert forged.status_code == 401 and forged.json()["type"] == "urn:zhanggui:not-signed-in"
    for job in client.get("/api/v1/jobs", headers=headers).json()["items"]:
        app.jobs.run("main", job["id"])
    assert client.get("/api/v1/deliveries", headers=headers).json()["counts"] == {"applied": 1}
    found = client.get("/api/v1/orders/s1:5550001", headers=headers).json()
    assert found["summary"]["payment_state"] == "part-refunded" and found["timeline"][0]["event"] == "place"


def test_one_order_at_a_time_and_in_bulk(client: TestClient, app: App) -> None:
    headers = bearer(app)
    first = client.post("/api/v1/orders?shop=s1", headers=headers, json=NEUTRAL).json()
    assert first == {"order_id": "s1:1001", "outcome": "created", "decision": "accept", "failed_rules": []}
    assert client.post("/api/v1/orders?shop=s1", headers=headers, json=NEUTRAL).json()["outcome"] == "unchanged"
    odd = {**NEUTRAL, "external_id": "2", "total": {"minor": 1, "currency": "CNY"}, "payments": []}
    bad = {**NEUTRAL, "external_id": "3", "lines": "none"}
    items = client.post("/api/v1/orders/bulk?shop=s1", headers=headers, json=[odd, bad]).json()["items"]
    assert [(one["outcome"], one.get("decision")) for one in items] == [("created", "hold"), ("rejected", None)]
    assert items[1]["problem"]["field"] == "lines" and items[1]["problem"]["row"] == 2
    refused = client.post("/api/v1/orders", headers=headers, json={**NEUTRAL, "version": "2099-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["field"]) == (422, "version")
    page = client.get("/api/v1/orders?decision=hold", headers=headers).json()
    assert [one["id"] for one in page["items"]] == ["s1:2"]


def test_a_change_is_recorded_with_who_and_why(client: TestClient, app: App) -> None:
    headers = bearer(app)
    client.post("/api/v1/orders?shop=s1", headers=headers, json=NEUTRAL)
    change = {"do": "move_order", "detail": {"event": "hold"}, "why": "odd address"}
    assert client.post("/api/v1/orders/s1:1001/events", headers=headers, json=change).json()["state"] == "held"
    assert client.post("/api/v1/orders/s1:1001/events", headers=headers, json=change).status_code == 409
    steps = client.get("/api/v1/orders/s1:1001/timeline", headers=headers).json()["items"]
    assert (steps[-1]["why"], steps[-1]["own"]) == ("odd address", True)
    assert client.get("/api/v1/orders/s1:none", headers=headers).status_code == 404


def test_rights_and_the_other_merchant(client: TestClient, app: App) -> None:
    client.post("/api/v1/orders?shop=s1", headers=bearer(app), json=NEUTRAL)
    assert client.get("/api/v1/orders", headers=bearer(app, merchant="other")).json()["total"] == 0
    assert client.post("/api/v1/orders", headers=bearer(app, "read"), json=NEUTRAL).status_code == 403
    assert client.put("/api/v1/connections/s1/shopify", headers=bearer(app, "propose"), json={}).status_code == 403
    inside = {"settings": {"host": "169.254.169.254"}}
    assert client.put("/api/v1/connections/s1/woocommerce", headers=bearer(app), json=inside).status_code == 422


def test_a_file_is_imported_and_taken_back(client: TestClient, app: App) -> None:
    headers = bearer(app)
    table = "order_id,placed_at,sku,quantity,unit_price,status\n1,2025-01-01 10:00,A,1,2.50,paid\n"
    table += "2,2025-01-01 10:00,A,x,1,paid\n"
    upload = {"file": ("orders.csv", table.encode(), "text/csv")}
    report = client.post("/api/v1/order-imports/preflight", headers=headers, files=upload).json()
    assert (report["orders"], report["problem_count"]) == (1, 1)
    dry = client.post("/api/v1/order-imports?shop=s1&dry=true", headers=headers, files=upload).json()
    assert (dry["created"], dry["import_id"]) == (1, None)
    done = client.post("/api/v1/order-imports?shop=s1", headers=headers, files=upload).json()
    assert (done["created"], done["problems"][0]["field"], done["problems"][0]["row"]) == (1, "quantity", 3)
    undone = client.post(f"/api/v1/order-imports/{done['import_id']}/undo", headers=headers).json()
    assert undone["removed"] == 1
