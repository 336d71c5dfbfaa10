"""Support over HTTP: texts heard once, complaints settled, moods, the digest, outcomes; files of knowledge taken in."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import bearer
from tests.support.documents import lock_pdf, make_docx, make_pdf
from zhanggui.app import App


@pytest.fixture
def headers(app: App) -> dict[str, str]:
    return bearer(app)


def test_a_complaint_from_the_text_to_the_settlement(client: TestClient, headers: dict[str, str], app: App) -> None:
    text = {"source": "review", "id": "r1", "text": "It caught fire and burned my hand", "product_id": "BANK"}
    first = client.post("/api/v1/feedback", headers=headers, json=text).json()
    again = client.post("/api/v1/feedback", headers=headers, json=text).json()
    complaint = first["complaint"]
    assert complaint["urgency"] == "critical" and complaint["escalate"] and complaint["apology"]
    assert again["complaint"]["id"] == complaint["id"]
    listed = client.get("/api/v1/complaints?state=open&kind=safety", headers=headers).json()
    assert [one["id"] for one in listed["items"]] == [complaint["id"]] and listed["counts"] == {"open": 1}
    one = f"/api/v1/complaints/{complaint['id']}"
    assert client.post(one, headers=headers, json={"do": "take"}).json()["state"] == "taken"
    assert client.post(one, headers=headers, json={"do": "resolve", "note": " "}).status_code == 422
    done = client.post(one, headers=headers, json={"do": "resolve", "note": "refunded"}).json()
    assert done["state"] == "resolved" and done["note"] == "refunded"
    assert client.post(one, headers=headers, json={"do": "take"}).status_code == 409
    assert client.post(one, headers=bearer(app, "read"), json={"do": "reopen"}).status_code == 403
    assert client.get(one, headers=bearer(app, merchant="other")).status_code == 404
    mood = client.get("/api/v1/mood?by=product", headers=headers).json()["items"]
    assert [(row["name"], row["texts"]) for row in mood] == [("BANK", 1)]
    digest = client.get("/api/v1/mood/digest", headers=headers).json()
    assert digest["settled"] == 1 and digest["quotes"][0]["text"] == text["text"]


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"source": "rumour"}, {"rating": 9}, {"at": "2026-03-01T00:00:00"}, {"reply": True}]
)
def test_bad_feedback_is_named(client: TestClient, headers: dict[str, str], wrong: dict[str, object]) -> None:
    body = {"source": "message", "id": "m1", "text": "hello", **wrong}
    assert client.post("/api/v1/feedback", headers=headers, json=body).status_code == 422


def test_files_of_knowledge_over_http(client: TestClient, headers: dict[str, str], app: App, tmp_path: Path) -> None:
    word = ("faq.docx", make_docx(tmp_path / "faq.docx").read_bytes())
    done = client.post("/api/v1/knowledge/import", headers=headers, files={"file": word})
    assert done.status_code == 200, done.text
    assert done.json()["added"] == 3 and done.json()["problems"] == []
    assert client.post("/api/v1/knowledge/import", headers=headers, files={"file": word}).json()["unchanged"] == 3
    found = client.get("/api/v1/knowledge?text=运费", headers=headers).json()["items"]
    assert [one["article"]["title"] for one in found] == ["运费谁出？"]
    locked = ("x.pdf", lock_pdf(make_pdf(tmp_path / "x.pdf", ("A?", "B.")), "secret").read_bytes())
    refused = client.post("/api/v1/knowledge/import", headers=headers, files={"file": locked})
    assert refused.status_code == 422 and "without a password" in refused.text
    reader = client.post("/api/v1/knowledge/import", headers=bearer(app, "read"), files={"file": word})
    assert reader.status_code == 403


def test_outcomes_by_topic(client: TestClient, headers: dict[str, str]) -> None:
    span = "first=2026-01-01T00:00:00Z&last=2036-01-01T00:00:00Z"
    assert client.get(f"/api/v1/conversation-report?{span}", headers=headers).json() == {"topics": []}
