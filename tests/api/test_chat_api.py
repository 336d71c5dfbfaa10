"""Chat over HTTP: visitors' tokens, messages, server-sent events, colleagues, webhooks."""

import threading
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest
import uvicorn
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.orders.desk_shop import NOW, order
from zhanggui.app import App
from zhanggui.connectors.standard_webhooks import sign
from zhanggui.kernel.storage import Actor
from zhanggui.orders import Origin, take
from zhanggui.server import free_port, make_server

PREFIX = "/api/v1/chat/main"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def visitor(client: TestClient | httpx.Client) -> dict[str, str]:
    answer = client.post(f"{PREFIX}/sessions")
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    return {"Authorization": f"Visitor {answer.json()['token']}"}


def texts(client: TestClient, headers: dict[str, str]) -> list[str]:
    return [one["text"] for one in client.get(f"{PREFIX}/messages", headers=headers).json()["messages"]]


def test_a_visitor_talks_and_reads_only_their_own(client: TestClient) -> None:
    mine, other = visitor(client), visitor(client)
    said = {"text": "你好", "key": "1"}
    first = client.post(f"{PREFIX}/messages", json=said, headers=mine)
    assert client.post(f"{PREFIX}/messages", json=said, headers=mine).json() == first.json()
    assert len(texts(client, mine)) == 2
    assert texts(client, other) == []


@pytest.mark.parametrize("token", ["", "Bearer x", "Visitor zv_x", "Visitor zv_" + "0" * 26 + "_" + "0" * 40])
def test_no_token_no_talk(client: TestClient, token: str) -> None:
    answer = client.post(f"{PREFIX}/messages", json={"text": "hi", "key": "1"}, headers={"Authorization": token})
    assert answer.status_code == 401 and answer.headers["access-control-allow-origin"] == "*"
    assert client.get(f"{PREFIX}/events", headers={"Authorization": token}).status_code == 401


def test_a_token_is_for_one_shop(client: TestClient) -> None:
    mine = visitor(client)
    answer = client.get("/api/v1/chat/other/messages", headers=mine)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'{"text":1,"key":"k"}', b'{"text":"","key":"k"}', b'{"text":"x"}', b"\xff\xfe",
        b'{"text":"x","key":""}',
    ],
)  # fmt: skip
def test_bad_messages_are_named(client: TestClient, body: bytes) -> None:
    answer = client.post(f"{PREFIX}/messages", content=body, headers=visitor(client))
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"


def test_a_very_long_message_is_refused(client: TestClient) -> None:
    mine = visitor(client)
    assert client.post(f"{PREFIX}/messages", json={"text": "啊" * 100_000, "key": "1"}, headers=mine).status_code == 422


def test_a_flood_is_told_to_wait(client: TestClient) -> None:
    mine = visitor(client)
    # The turn of a minute may fall into it, so that up to two minutes' worth gets through.
    answers = [client.post(f"{PREFIX}/messages", json={"text": "hi", "key": f"{n}"}, headers=mine) for n in range(26)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused and {one.status_code for one in answers} == {200, 429}
    assert int(refused[-1].headers["retry-after"]) >= 1


def test_any_site_may_carry_the_widget(client: TestClient) -> None:
    answer = client.options(f"{PREFIX}/messages", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 204 and "authorization" in answer.headers["access-control-allow-headers"]


def test_a_colleague_takes_over(app: App, client: TestClient) -> None:
    mine, staff = visitor(client), bearer(app)
    client.put("/api/v1/office-hours", json={"zone": "UTC", "days": {str(d): [["00:00", "24:00"]] for d in range(7)}},
               headers=staff)  # fmt: skip
    client.post(f"{PREFIX}/messages", json={"text": "转人工", "key": "1"}, headers=mine)
    (one,) = client.get("/api/v1/handovers", headers=staff).json()["items"]
    assert client.post(f"/api/v1/handovers/{one['id']}/take", headers=bearer(app, "read")).status_code == 403
    for _ in range(2):
        assert client.post(f"/api/v1/handovers/{one['id']}/take", headers=staff).json()["state"] == "taken"
    for _ in range(2):
        client.post(f"/api/v1/handovers/{one['id']}/messages/new", json={"text": "我来了", "key": "r1"}, headers=staff)
    assert texts(client, mine).count("我来了") == 1
    client.post(f"{PREFIX}/messages", json={"text": "你好", "key": "2"}, headers=mine)
    assert texts(client, mine)[-1] == "你好", "the bot is quiet"
    assert client.get(f"{PREFIX}/messages", headers=mine).json()["state"] == "taken"
    whole = client.get(f"/api/v1/conversations/{one['conversation_id']}", headers=staff).json()
    assert len(whole["handovers"]) == 1
    assert client.get("/api/v1/conversations?state=taken", headers=staff).json()["total"] == 1
    assert client.get(f"/api/v1/conversations/{one['conversation_id']}", headers=bearer(app, merchant="other")
                      ).status_code == 404  # fmt: skip


def test_an_order_over_http(app: App, client: TestClient) -> None:
    with app.database.begin("main", Actor("person", "t")) as uow:
        take(uow, [order("A1", placed_at=NOW)], Origin("shop", "test"))
    mine = visitor(client)
    client.post(f"{PREFIX}/messages", json={"text": "查订单 A1 尾号 8000", "key": "1"}, headers=mine)
    assert "Mug × 2" in texts(client, mine)[-1]


def test_a_platform_by_webhooks(app: App, client: TestClient) -> None:
    staff = bearer(app)
    assert client.post(f"{PREFIX}/webhook", content=b"{}").status_code == 404
    client.put("/api/v1/chat-channel", json={"secret": SECRET}, headers=staff)
    body = orjson.dumps({"type": "message.received", "data": {"from": "u1", "text": "你好"}})
    headers = sign(SECRET, "m1", app.database.clock.now(), body)
    assert client.post(f"{PREFIX}/webhook", content=body, headers=headers).json()["outcome"] == "new"
    assert client.post(f"{PREFIX}/webhook", content=body, headers=headers).json()["outcome"] == "known"
    assert client.post(f"{PREFIX}/webhook", content=body + b" ", headers=headers).status_code == 401


@pytest.fixture
def live(app: App) -> Iterator[str]:
    """The server on a real socket: streams need one."""
    port = free_port("127.0.0.1")
    config = uvicorn.Config(make_server(app, console=False), port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def test_events_come_once_and_go_on_after_a_broken_connection(live: str) -> None:
    with httpx.Client(base_url=live, timeout=10) as client:
        mine = visitor(client)
        client.post(f"{PREFIX}/messages", json={"text": "你好", "key": "1"}, headers=mine)
        first = _listen(client, mine, wanted=2)
        assert [number for number, _ in first] == ["1", "2"]
        client.post(f"{PREFIX}/messages", json={"text": "谢谢", "key": "2"}, headers=mine)
        second = _listen(client, {**mine, "Last-Event-ID": "2"}, wanted=2)
        assert [number for number, _ in second] == ["3", "4"]
        assert second[0][1]["text"] == "谢谢"


def _listen(client: httpx.Client, headers: dict[str, str], *, wanted: int) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    with client.stream("GET", f"{PREFIX}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        number = ""
        for line in stream.iter_lines():
            if line.startswith("id: "):
                number = line[4:]
            elif line.startswith("data: ") and number:
                found.append((number, orjson.loads(line[6:])))
                number = ""
                if len(found) == wanted:
                    return found
    return found
