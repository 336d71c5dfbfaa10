"""Orders sent one by one from many senders at once: each answered for itself, none lost, none doubled."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.conftest import TESTER
from tests.orders.tellings import make_order, paid
from zhanggui.app import App
from zhanggui.kernel.access import Scope
from zhanggui.kernel.storage import metadata
from zhanggui.orders import OrderQuery, search_orders


@pytest.fixture(autouse=True)
def _tables(app: App) -> None:
    metadata.create_all(app.database.engine)


def _body(name: str, **more: Any) -> bytes:
    return orjson.dumps(make_order(name, payments=(paid(),), **more))


def _sender(app: App, *scopes: Scope, merchant: str = "main") -> dict[str, str]:
    return {**bearer(app, *scopes, merchant=merchant), "content-type": "application/json"}


def _numbers(app: App, merchant: str) -> list[str]:
    with app.database.begin(merchant, TESTER, read_only=True) as uow:
        return sorted(row.id for row in search_orders(uow, OrderQuery(limit=200)).items)


def test_many_senders_at_once_lose_and_double_nothing(client: TestClient, app: App) -> None:
    headers = [_sender(app), _sender(app), _sender(app, merchant="other")]
    # Every order twice, each time by another sender; every fifth one cannot be.
    sent = [
        (headers[n % 3], f"s{n % 2}", str(n // 6), _body(str(n // 6)) if n % 5 else b'{"external_id": 1}')
        for n in range(90)
    ]

    def send(one: tuple[dict[str, str], str, str, bytes]) -> tuple[int, str]:
        answer = client.post(f"/api/v1/orders?shop={one[1]}", headers=one[0], content=one[3])
        return answer.status_code, answer.json().get("order_id", "")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, sent))
    for (_headers, shop, name, body), (status, order_id) in zip(sent, answers, strict=True):
        assert (status, order_id) == ((200, f"{shop}:{name}") if len(body) > 30 else (422, ""))
    for merchant, own in (("main", headers[:2]), ("other", headers[2:])):
        wanted = {f"{shop}:{name}" for who, shop, name, body in sent if who in own and len(body) > 30}
        assert _numbers(app, merchant) == sorted(wanted)


def test_who_may_not_send_is_refused_before_anything_waits(client: TestClient, app: App) -> None:
    sent = client.post("/api/v1/orders?shop=s1", headers=_sender(app, "read"), content=_body("1"))
    assert sent.status_code == 403 and _numbers(app, "main") == []


def test_a_shop_that_cannot_be_named_so_fails_alone(client: TestClient, app: App) -> None:
    headers = _sender(app)
    assert client.post("/api/v1/orders?shop=a:b", headers=headers, content=_body("1")).status_code == 422
    assert client.post("/api/v1/orders?shop=ab", headers=headers, content=_body("1")).status_code == 200
    assert _numbers(app, "main") == ["ab:1"]
