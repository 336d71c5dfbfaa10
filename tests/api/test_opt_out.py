"""The switch of personalisation (PIPL Art. 24) at every door: thrown once, nothing personal is used from then on."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.cli.test_operations import zhanggui
from tests.conftest import TESTER
from tests.orders.tellings import make_order, paid
from zhanggui.app import App
from zhanggui.catalog import ProductStore
from zhanggui.kernel.commerce import Product
from zhanggui.marketing import CustomerStore, EventStore, Question, refresh_customers

NEUTRAL = orjson.loads(orjson.dumps(make_order(payments=(paid(),))))
API = "/api/v1"
PLAN = {
    "name": "Hello", "channel": "email", "locale": "en", "holdout": 0.0, "quiet_from": 0, "quiet_to": 0,
    "variants": [{"name": "A", "subject": "New arrivals", "body": "New arrivals are here. Unsubscribe at any time."}],
}  # fmt: skip


@pytest.fixture
def staff(app: App, client: TestClient) -> dict[str, str]:
    """Six customers who bought, all of whom agreed to e-mails; one of them looks at the lamp."""
    headers, now = bearer(app), datetime.now(UTC)
    told = [
        {**NEUTRAL, "customer": {"id": f"u{n}", "name": f"Ann {n}", "email": f"u{n}@example.com"},
         "external_id": str(n), "placed_at": (now - timedelta(days=n)).isoformat()}
        for n in range(1, 7)
    ]  # fmt: skip
    client.post(f"{API}/orders/bulk?shop=s1", headers=headers, json=told)
    with app.database.begin("main", TESTER) as uow:
        for product in (Product("SKU-A", "Cup"), Product("SKU-B", "Bowl"), Product("LAMP", "Lamp")):
            ProductStore(uow).save(product)
        refresh_customers(uow, app.marketing.book)
    for one in client.get(f"{API}/customers", headers=headers).json()["items"]:
        client.patch(f"{API}/customers/{one['id']}", headers=headers, json={"consents": {"email": True}})
    look = {"id": "e1", "kind": "view", "customer": "u1@example.com", "visitor": "browser-1", "product": "LAMP"}
    assert client.post(f"{API}/events", headers=headers, json={"events": [look]}).json()["stored"] == 1
    return headers


def _campaign(client: TestClient, staff: dict[str, str], audience: str) -> str:
    proposed = client.post(f"{API}/campaigns", headers=staff, json={**PLAN, "audience_id": audience}).json()
    done = client.post(f"{API}/proposals/{proposed['proposal_id']}/approve", headers=staff, json={})
    assert done.status_code < 300, (proposed, done.text)
    return str(proposed["campaign_id"])


def _personal(client: TestClient, staff: dict[str, str], who: str, kind: str) -> tuple[str, set[str]]:
    told = client.get(f"{API}/recommendations", headers=staff, params={"customer": who, "kind": kind}).json()
    return told["personal"], {one["reason"]["kind"] for one in told["items"]}


def test_nothing_personal_is_used_from_the_switch_on(app: App, client: TestClient, staff: dict[str, str]) -> None:
    with app.database.begin("main", TESTER) as uow:
        who = CustomerStore(uow).owners(["id:s1:u1"])["id:s1:u1"]
    definition = {"all": [{"any": [{"field": "orders", "op": ">=", "values": [1]}]}]}
    kept = {"name": "buyers", "definition": definition, "request": "who ordered"}
    audience = client.post(f"{API}/audiences", headers=staff, json=kept).json()["id"]
    assert client.get(f"{API}/audiences/{audience}", headers=staff).json()["members"] == 6
    begun = _campaign(client, staff, audience)
    assert _personal(client, staff, "s1:u1", "again") == ("", {"again"})

    changed = client.patch(f"{API}/customers/{who}", headers=staff, json={"personalised": False}).json()
    assert changed["personalised"] is False and not changed["measures"]

    names = (who, "s1:u1", "id:s1:u1", "u1@example.com", "U1@Example.com", "visitor:browser-1")
    for name in names:  # recommendations over HTTP, whatever they are called by
        personal, kinds = _personal(client, staff, name, "for-you")
        assert personal == "opted-out" and kinds <= {"popular", "new"}, name
        assert _personal(client, staff, name, "again") == ("opted-out", set())
    with app.database.begin("main", TESTER) as uow:  # the console and the tools of models ask the same way
        answer = app.marketing.recommender.answer(uow, Question(customer=who))
        assert answer.personal == "opted-out" and answer.until is None
        learnt = {one.user for one in app.marketing.recommender.gather(uow)}
        assert who not in learnt and len(learnt) == 5, "the next fit does not learn from them"
    shown = zhanggui(app.settings.data_dir, "marketing", "recommend", "s1:u1")
    assert shown.returncode == 0 and "opted-out" in shown.stderr and "you bought" not in shown.stdout

    assert client.get(f"{API}/audiences/{audience}", headers=staff).json()["members"] == 5
    sent = client.post(f"{API}/campaigns/{begun}/take", headers=staff).json()["items"]
    assert len(sent) == 5 and "u1@example.com" not in str(sent), "an e-mail that waited already does not go out"
    later = _campaign(client, staff, audience)
    assert "u1@example.com" not in client.post(f"{API}/campaigns/{later}/take", headers=staff).text

    looks = [
        {"id": "e2", "kind": "view", "customer": "s1:u1", "product": "LAMP"},
        {"id": "e3", "kind": "view", "visitor": "browser-1", "product": "LAMP"},
    ]
    assert client.post(f"{API}/events", headers=staff, json={"events": looks}).json()["refused"] == 2
    with app.database.begin("main", TESTER) as uow:
        refresh_customers(uow, app.marketing.book, everything=True)
        assert not CustomerStore(uow).get(who).measures, "the nightly refresh measures nothing of them"
        told = EventStore(uow).of(["email:u1@example.com", "visitor:browser-1", "id:s1:u1"])
        assert {one.id for one in told} <= {"e1"}
