"""Health, readiness and figures of a real server; webhooks out over HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.kernel.webhooks.test_webhooks import Receiver
from zhanggui.app import App, build
from zhanggui.settings import Settings

LINE = re.compile(r'[a-z_]+(\{([a-z_]+="[^"\n]*",?)+\})? [0-9.e+-]+(inf)?')


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = build(Settings(data_dir=tmp_path / "data", model="none", webhooks_to_loopback=True))
    made.merchants.create("other", name="Another shop")
    yield made
    made.close()


def test_it_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["status"] == "ok"


def test_figures_are_told_to_who_may_see_them(client: TestClient, app: App) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=bearer(app, "read")).status_code == 403
    for number in range(3):
        client.get(f"/api/v1/proposals/no-{number}", headers=bearer(app))
    answer = client.get("/metrics", headers=bearer(app, "admin"))
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in answer.text.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    counted = '{method="GET",route="/proposals/{proposal_id}",status="404"} 3'
    assert f"zhanggui_http_requests_total{counted}" in answer.text.splitlines()
    assert "no-1" not in answer.text and 'merchant="other"' not in answer.text
    count = re.search(r"zhanggui_http_request_seconds_count (\d+)", answer.text)
    assert count is not None and f'zhanggui_http_request_seconds_bucket{{le="+Inf"}} {count[1]}' in answer.text


def test_an_address_is_registered_tried_told_and_told_again(client: TestClient, app: App) -> None:
    owner, receiver = bearer(app), Receiver()
    try:
        wanted = {"url": receiver.url, "events": ["autonomy.set"]}
        made = client.post("/api/v1/webhook-endpoints", headers=owner, json=wanted)
        assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
        one = made.json()["endpoint"]["id"]
        assert "whsec_" not in client.get("/api/v1/webhook-endpoints", headers=owner).text
        tried = client.post(f"/api/v1/webhook-endpoints/{one}/test", headers=owner).json()
        app.jobs.run("main", tried["job"])
        client.put("/api/v1/autonomy/listing-copy", headers=owner, json={"autonomy": "shadow"})
        again = client.post(f"/api/v1/webhook-messages/{tried['message']}/replay", headers=owner).json()
        app.jobs.run("main", again["job"])
        assert [event for event, _ in receiver.events()].count("webhook.test") == 2
        assert ("autonomy.set", "listing-copy") in receiver.events()
        told = client.get("/api/v1/webhook-messages", headers=owner).json()
        assert told["counts"] == {"done": 2} and {item["event"] for item in told["items"]} == {
            "webhook.test",
            "autonomy.set",
        }
        stranger = bearer(app, merchant="other")
        assert client.get("/api/v1/webhook-endpoints", headers=stranger).json() == {"items": []}
        assert client.delete(f"/api/v1/webhook-endpoints/{one}", headers=stranger).status_code == 404
        assert client.delete(f"/api/v1/webhook-endpoints/{one}", headers=bearer(app, "decide")).status_code == 403
        assert client.delete(f"/api/v1/webhook-endpoints/{one}", headers=owner).status_code == 204
        events = client.get("/api/v1/webhook-events", headers=owner).json()["items"]
        assert "proposal.applied" in events
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://10.1.1.1/", "https://db.internal:5432/"])
def test_an_address_inside_is_refused(client: TestClient, app: App, url: str) -> None:
    body = {"url": url, "events": ["autonomy.set"]}
    assert client.post("/api/v1/webhook-endpoints", headers=bearer(app), json=body).status_code == 422
