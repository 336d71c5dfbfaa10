"""Recommendations over HTTP: what is shown now, why, and to whom not; two merchants apart."""

from datetime import UTC, datetime, timedelta

import orjson
from fastapi.testclient import TestClient

from tests.api.conftest import KETTLE, bearer
from tests.conftest import TESTER
from tests.orders.tellings import make_order, paid
from zhanggui.app import App
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Product
from zhanggui.marketing import CustomerStore, refresh_customers

NEUTRAL = orjson.loads(orjson.dumps(make_order(payments=(paid(),))))
ADDRESS = "/api/v1/recommendations"


def test_a_customer_is_shown_what_fits_and_what_is_popular_after_refusing(app: App, client: TestClient) -> None:
    headers, now = bearer(app), datetime.now(UTC)
    told = [
        {**NEUTRAL, "customer": {"id": f"u{back}", "name": "Ann"}, "external_id": str(back),
         "placed_at": (now - timedelta(days=back)).isoformat()}
        for back in range(1, 7)
    ]  # fmt: skip
    client.post("/api/v1/orders/bulk?shop=s1", headers=headers, json=told)
    with app.database.begin("main", TESTER) as uow:
        for product in (Product("SKU-A", "茶杯"), Product("SKU-B", "Bowl"), KETTLE):
            ProductStore(uow).save(product)
        refresh_customers(uow, app.marketing.book)
        who = CustomerStore(uow).owners(["id:s1:u1"])["id:s1:u1"]
    again = client.get(ADDRESS, headers=headers, params={"customer": "s1:u1", "kind": "again", "locale": "en"}).json()
    assert {one["item"] for one in again["items"]} == {"SKU-A", "SKU-B"} and again["personal"] == ""
    assert all(one["why"].startswith("you bought it once") for one in again["items"])
    for_you = client.get(ADDRESS, headers=headers, params={"customer": who, "locale": "zh-CN"}).json()
    assert [(one["item"], one["why"]) for one in for_you["items"]] == [("kettle", "店里新品")]
    together = client.get(ADDRESS, headers=headers, params={"items": "SKU-A", "kind": "together", "limit": 1}).json()
    assert [one["title"] for one in together["items"]] == ["Bowl"]
    client.patch(f"/api/v1/customers/{who}", headers=headers, json={"personalised": False})
    refused = client.get(ADDRESS, headers=headers, params={"customer": "s1:u1"}).json()
    assert refused["personal"] == "opted-out"
    assert {one["reason"]["kind"] for one in refused["items"]} <= {"popular", "new"}
    assert client.get(ADDRESS, headers=headers, params={"kind": "similar"}).status_code == 422
    assert client.get(ADDRESS, headers=headers, params={"limit": 0}).status_code == 422
    other = client.get(ADDRESS, headers=bearer(app, merchant="other"), params={"customer": "s1:u1"}).json()
    assert other["items"] == [] and other["personal"] == "nothing-learnt"
    assert client.get(ADDRESS).status_code == 401
