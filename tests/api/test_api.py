"""The API as a program would use it: a product's copy from import to undo, rights, keys, errors."""

import csv
import io
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import KETTLE, bearer
from tests.conftest import TESTER
from zhanggui.app import App
from zhanggui.catalog import ProductStore, SearchLog, prove_again, rewritten
from zhanggui.desk import Filter


@pytest.fixture
def kettle(app: App) -> str:
    with app.database.begin("main", TESTER) as uow:
        ProductStore(uow).save(KETTLE)
    return KETTLE.id


def _write(client: TestClient, app: App, headers: dict[str, str], product: str) -> str:
    started = client.post(
        "/api/v1/copy-jobs", headers=headers, json={"products": [product], "channel": "plain", "locale": "en"}
    )
    assert started.status_code == 202, started.text
    job = app.jobs.run("main", started.json()["job"])
    assert (job.progress.done, job.progress.failed) == (1, 0)
    [item] = client.get(f"/api/v1/jobs/{job.id}/items", headers=headers).json()["items"]
    return str(item["result"]["proposal"])


def test_copy_is_written_approved_published_and_undone(client: TestClient, app: App, kettle: str) -> None:
    headers = bearer(app)
    proposal = _write(client, app, headers, kettle)
    shown = client.get(f"/api/v1/proposals/{proposal}", headers=headers).json()
    assert shown["state"] == "waiting"
    assert {"attribute", "Material"} <= {shown["evidence"][0]["kind"], *(e["reference"] for e in shown["evidence"])}
    done = client.post(f"/api/v1/proposals/{proposal}/approve", headers=headers, json={})
    assert done.json()["state"] == "applied"
    product = client.get(f"/api/v1/products/{kettle}", headers=headers).json()
    assert product["listings"][0]["id"] == proposal
    assert product["listings"][0]["withdrawn_at"] is None
    undone = client.post(f"/api/v1/proposals/{proposal}/undo", headers=headers, json={"reason": "typo"})
    assert undone.json()["state"] == "undone"
    product = client.get(f"/api/v1/products/{kettle}", headers=headers).json()
    assert product["listings"][0]["withdrawn_at"] is not None


def test_an_edit_that_lies_is_refused_with_the_claim(client: TestClient, app: App, kettle: str) -> None:
    headers = bearer(app)
    proposal = _write(client, app, headers, kettle)
    payload = client.get(f"/api/v1/proposals/{proposal}", headers=headers).json()["payload"]
    payload["copy"]["description"] = "A waterproof titanium kettle that holds 3 L."
    refused = client.post(f"/api/v1/proposals/{proposal}/approve", headers=headers, json={"edited": payload})
    assert refused.status_code == 409
    assert "titanium" in refused.json()["detail"]
    payload["copy"] = "nonsense"
    shape = client.post(f"/api/v1/proposals/{proposal}/approve", headers=headers, json={"edited": payload})
    assert (shape.status_code, shape.json()["field"]) == (422, "copy")


def test_the_same_idempotency_key_has_one_effect(client: TestClient, app: App, kettle: str) -> None:
    headers = {**bearer(app), "Idempotency-Key": "abc"}
    body = {"products": [kettle], "channel": "plain", "locale": "en"}
    first, second = (client.post("/api/v1/copy-jobs", headers=headers, json=body) for _ in range(2))
    assert first.json() == second.json()
    assert client.get("/api/v1/jobs", headers=headers).json()["total"] == 1
    other = client.post("/api/v1/copy-jobs", headers=headers, json={**body, "locale": "zh-CN"})
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("scopes", "method", "path", "body"),
    [
        (("propose",), "GET", "/api/v1/products", None),
        (("read",), "POST", "/api/v1/copy-jobs", {"products": ["kettle"]}),
        (("read", "propose"), "POST", "/api/v1/proposals/x/approve", {}),
        (("read", "decide"), "PUT", "/api/v1/autonomy/listing-copy", {"autonomy": "off"}),
    ],
)
def test_a_token_without_the_scope_is_refused(
    client: TestClient, app: App, scopes: tuple[str, ...], method: str, path: str, body: object
) -> None:
    answer = client.request(method, path, headers=bearer(app, *scopes), json=body)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("token", [None, "zg_guess", ""])
def test_nobody_comes_in_without_a_token(client: TestClient, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/proposals", headers=headers).status_code == 401


def test_errors_name_the_field(client: TestClient, app: App) -> None:
    answer = client.get("/api/v1/proposals?limit=0", headers=bearer(app))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.limit"
    assert client.get("/api/v1/nothing").status_code == 404


def test_a_file_is_checked_tried_imported_and_taken_back(client: TestClient, app: App) -> None:
    headers = bearer(app)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerows([["id", "title", "price", "material"], ["a", "茶杯", "12.50", "瓷"], ["b", "碗", "abc", "瓷"]])
    upload = {"file": ("中文.csv", table.getvalue().encode("gb18030"), "text/csv")}
    report = client.post("/api/v1/imports/preflight", headers=headers, files=upload).json()
    assert report["encoding"].lower().startswith("gb")
    dry = client.post("/api/v1/imports?dry=true", headers=headers, files=upload).json()
    assert (dry["created"], dry["rejected"], dry["batch_id"]) == (1, 1, None)
    assert client.get("/api/v1/products", headers=headers).json()["total"] == 0
    done = client.post("/api/v1/imports", headers=headers, files=upload).json()
    assert done["problems"][0]["field"] == "price" and done["problems"][0]["row"] == 3
    assert client.get("/api/v1/products?text=茶杯", headers=headers).json()["total"] == 1
    undone = client.post(f"/api/v1/imports/{done['batch_id']}/undo", headers=headers).json()
    assert undone["removed"] == 1


def test_autonomy_is_shown_and_set(client: TestClient, app: App) -> None:
    headers = bearer(app)
    kinds = {row["settings"]["kind"] for row in client.get("/api/v1/autonomy", headers=headers).json()["items"]}
    assert "listing-copy" in kinds
    refused = client.put("/api/v1/autonomy/listing-copy", headers=headers, json={"autonomy": "auto"})
    assert refused.status_code == 403 and "50" in refused.json()["detail"]
    set_to = client.put("/api/v1/autonomy/listing-copy", headers=headers, json={"autonomy": "shadow"})
    assert set_to.json()["autonomy"] == "shadow"
    assert client.get("/api/v1/audit", headers=headers).json()["items"][0]["action"] == "autonomy.set"


def test_health_needs_no_token(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json() == {"status": "ok", "model": False}


def test_a_title_is_proposed_with_what_it_does_for_being_found(client: TestClient, app: App, kettle: str) -> None:
    with app.database.begin("main", TESTER) as uow:
        SearchLog(uow).add("blue enamel kettle", 0)
        SearchLog(uow).add("blue enamel kettle", 0)
    headers = bearer(app, "read")
    advice = client.get(f"/api/v1/products/{kettle}/title?channel=amazon&locale=en", headers=headers).json()
    assert "enamel kettle" in advice["title"].lower()
    assert advice["keywords"][0] == {"text": "blue enamel kettle", "source": "search-log", "searches": 2}
    assert advice["findability"]["after"] >= advice["findability"]["before"]
    assert client.get("/api/v1/products/nothing/title", headers=headers).status_code == 404


def test_every_copy_proposal_says_how_findable_its_title_is(client: TestClient, app: App, kettle: str) -> None:
    headers = bearer(app)
    proposal = client.get(f"/api/v1/proposals/{_write(client, app, headers, kettle)}", headers=headers).json()
    [found] = [evidence for evidence in proposal["evidence"] if evidence["kind"] == "findability"]
    assert "searches" in found["quote"]


def test_past_copy_is_replayed_under_what_is_true_now(client: TestClient, app: App, kettle: str) -> None:
    _write(client, app, bearer(app), kettle)
    with app.database.begin("main", TESTER) as uow:
        assert [one.verdict_changed for one in app.desk.replay(uow, Filter(), prove_again)] == [False]
        ProductStore(uow).save(replace(KETTLE, attributes={"Colour": ("Red",)}))
        [now] = app.desk.replay(uow, Filter(), prove_again)
        assert now.verdict_changed
        [anew] = app.desk.replay(uow, Filter(), rewritten(app.copywriter))
        assert "copy" in anew.changed_fields
        assert not any(check.blocking and not check.passed for check in anew.checks_after)
