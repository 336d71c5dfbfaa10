"""Events by signed webhook, by a page's beacon and from a file: once each, bad rows named, forgeries refused."""

from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.cli.test_operations import zhanggui
from tests.conftest import TESTER
from zhanggui.app import App
from zhanggui.connectors.standard_webhooks import sign
from zhanggui.marketing import EventStore

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1zaG9wLTEyMw=="
HOOK = "/api/v1/event-webhooks/main/s1"
VIEW = {"id": "w1", "kind": "view", "customer": "s1:7", "product": "SKU-A"}


def _kept(app: App, *keys: str) -> list[tuple[str, str]]:
    with app.database.begin("main", TESTER, read_only=True) as uow:
        return sorted((one.id, one.product_id or one.query) for one in EventStore(uow).of(keys))


@pytest.fixture
def secret(app: App, client: TestClient) -> str:
    connection = {"settings": {}, "webhook_secret": SECRET}
    assert client.put("/api/v1/connections/s1/standard", headers=bearer(app), json=connection).status_code == 200
    return SECRET


def test_a_signed_webhook_is_taken_once_and_bad_rows_are_named(app: App, client: TestClient, secret: str) -> None:
    now = app.database.clock.now()
    body = orjson.dumps({"type": "events.happened", "data": {"events": [VIEW, {**VIEW, "id": "w2", "kind": "sneeze"}]}})
    headers = sign(secret, "d1", now, body)
    first = client.post(HOOK, content=body, headers=headers).json()
    assert (first["stored"], first["known"]) == (1, 0)
    assert [(one["row"], one["field"], one["found"]) for one in first["problems"]] == [(2, "kind", "sneeze")]
    second = client.post(HOOK, content=body, headers=headers).json()
    assert (second["stored"], second["known"]) == (0, 1)
    assert _kept(app, "id:s1:7") == [("w1", "SKU-A")]


def test_forged_old_and_strange_deliveries_are_refused(app: App, client: TestClient, secret: str) -> None:
    now = app.database.clock.now()
    body = orjson.dumps({"type": "events.happened", "data": {"events": [VIEW]}})
    good = sign(secret, "d1", now, body)
    assert client.post(HOOK, content=body + b" ", headers=good).status_code == 401
    assert client.post(HOOK, content=body).status_code == 401
    assert client.post(HOOK, content=body, headers=sign("another-secret-123", "d1", now, body)).status_code == 401
    old = sign(secret, "d1", now.replace(year=now.year - 1), body)
    assert client.post(HOOK, content=body, headers=old).status_code == 401
    assert client.post("/api/v1/event-webhooks/other/s1", content=body, headers=good).status_code == 401
    for strange in (b"[]", b"{}", b'{"data": {"events": 1}}', b"\xff\xfe", b"not json"):
        answer = client.post(HOOK, content=strange, headers=sign(secret, "d2", now, strange))
        assert answer.status_code == 422, strange
    assert _kept(app, "id:s1:7") == []


def test_a_beacon_counts_for_its_own_browser_only(app: App, client: TestClient) -> None:
    token = client.post("/api/v1/chat/main/sessions").json()["token"]
    told = {"token": token, "events": [{**VIEW, "visitor": "somebody-else"}, {"id": "w9", "kind": "search"}]}
    answer = client.post("/api/v1/chat/main/beacon", content=orjson.dumps(told), headers={"Content-Type": "text/plain"})
    assert answer.json()["stored"] == 1 and answer.json()["problems"][0]["field"] == "query"
    assert _kept(app, "id:s1:7", "visitor:somebody-else") == [], "a page cannot speak for a customer"
    visitor = app.chat.visitor("main", token)
    assert [product for _, product in _kept(app, f"visitor:{visitor}")] == ["SKU-A"]
    for bad in ({"token": "zv_forged", "events": []}, {"events": []}, {"token": 7, "events": []}):
        assert client.post("/api/v1/chat/main/beacon", content=orjson.dumps(bad)).status_code == 401
    many = {"token": token, "events": [{**VIEW, "id": str(n)} for n in range(51)]}
    assert client.post("/api/v1/chat/main/beacon", content=orjson.dumps(many)).status_code == 422


def test_a_file_of_events_in_chinese_encoding(app: App, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    rows = [
        "事件编号,事件,时间,顾客,商品,搜索词",
        "f1,view,2026-11-01 10:00:00,s1:7,SKU-A,",
        'f2,search,,s1:7,,"防晒, 霜"',
        "f3,view,昨天,s1:7,SKU-A,",
        "too,few",
        "f4,cart,,s1:7,SKU-B,",
    ]
    file.write_bytes("\r\n".join(rows).encode("gb18030"))
    done = zhanggui(app.settings.data_dir, "marketing", "events", str(file))
    assert done.returncode == 1 and "3 stored, 0 known, 0 of people who refused, 2 bad" in done.stdout, done
    assert "row 4: at" in done.stderr and "row 5" in done.stderr
    assert _kept(app, "id:s1:7") == [("f1", "SKU-A"), ("f2", "防晒, 霜"), ("f4", "SKU-B")]
    again = zhanggui(app.settings.data_dir, "marketing", "events", str(file))
    assert "0 stored, 3 known" in again.stdout
