"""Connecting shops and keeping column mappings over HTTP."""

from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.connectors.shops.server import Shop, serving
from zhanggui.app import App
from zhanggui.connectors.asking import Patience
from zhanggui.connectors.shopify_api import ShopifySources
from zhanggui.orders import Connections, SecretBox

TOKEN = "shpat_0123456789abcdef"
CSV = "货号,叫什么,卖多少\nA-1,杯子,12.50\nA-2,碗,9.00\n".encode("gb18030")
COLUMNS = {"columns": {"货号": "sku", "叫什么": "title", "卖多少": "price"}, "currency": "CNY"}


def test_a_shop_is_connected_tried_and_let_go(client: TestClient, app: App) -> None:
    loopback = ShopifySources(allow_loopback=True, patience=Patience(timeout=5, in_all=1))
    app.connections.sources = {"shopify": loopback}
    owner = bearer(app)
    with serving(Shop()) as shop:
        body = {"settings": {"host": shop.host}, "api_secret": TOKEN, "webhook_secret": "w" * 16}
        assert client.put("/api/v1/connections/s1/shopify", headers=owner, json=body).status_code == 200
        tried = client.post("/api/v1/connections/s1/shopify/test", headers=owner)
        assert tried.status_code == 200 and tried.json()["orders"] == 0
        shown = client.get("/api/v1/connections", headers=owner)
        item = shown.json()["items"][0]
        assert (item["has_api_secret"], item["has_webhook_secret"], item["asked"]) == (True, True, None)
        assert TOKEN not in shown.text
        client.put("/api/v1/connections/s1/shopify", headers=owner, json={**body, "api_secret": "shpat_wrong-wrong"})
        refused = client.post("/api/v1/connections/s1/shopify/test", headers=owner)
        assert "refuses our credentials" in refused.json()["detail"]
    assert client.post("/api/v1/connections/s1/shopify/test", headers=bearer(app, "propose")).status_code == 403
    assert client.post("/api/v1/connections/s1/standard/test", headers=owner).status_code == 404
    assert client.delete("/api/v1/connections/s1/shopify", headers=owner).status_code == 204
    assert client.delete("/api/v1/connections/s1/shopify", headers=owner).status_code == 404
    assert client.get("/api/v1/connections", headers=owner).json()["items"] == []


def test_secrets_lie_sealed_in_the_database(app: App) -> None:
    assert isinstance(app.connections, Connections)
    box = SecretBox(app.settings.signing_key())
    sealed = box.seal(TOKEN)
    assert TOKEN not in sealed and box.open(sealed) == TOKEN


def test_a_mapping_is_kept_used_and_forgotten(client: TestClient, app: App) -> None:
    owner = bearer(app)
    path = "/api/v1/column-mappings/products/仓库导出"
    assert client.put(path, headers=owner, json=COLUMNS).status_code == 200
    assert client.get("/api/v1/column-mappings/products", headers=owner).json()["items"][0]["name"] == "仓库导出"
    other = bearer(app, merchant="other")
    assert client.get("/api/v1/column-mappings/products", headers=other).json()["items"] == []
    file = {"file": ("出库.csv", CSV)}
    query = {"columns": "仓库导出"}
    report = client.post("/api/v1/imports/preflight", headers=owner, files=file, params=query).json()
    assert (report["columns"]["叫什么"], report["encoding"], report["problem_count"]) == ("title", "gb18030", 0)
    done = client.post("/api/v1/imports", headers=owner, files=file, params=query).json()
    assert done["created"] == 2
    assert client.get("/api/v1/products/A-1", headers=owner).json()["product"]["title"] == "杯子"
    wrong = {"columns": {"a": "title"}, "currency": "CNY"}
    assert client.put(path, headers=owner, json=wrong).status_code == 422
    assert client.put(path, headers=owner, json={**COLUMNS, "currency": "ABC"}).status_code in (200, 422)
    assert client.delete(path, headers=owner).status_code == 204
    assert client.post("/api/v1/imports", headers=owner, files=file, params=query).status_code == 404
    assert client.put(path, headers=bearer(app, "read"), json=COLUMNS).status_code == 403
