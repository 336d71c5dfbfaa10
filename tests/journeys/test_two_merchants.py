"""Two merchants in one installation: every route is walked as the second with the first one's ids; nothing leaks."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import KETTLE, app, bearer, client
from tests.conftest import TESTER
from zhanggui.app import App
from zhanggui.catalog import ProductStore, Voice, VoiceStore
from zhanggui.desk import Filter, Inbox
from zhanggui.kernel.commerce import Product

__all__ = ["app", "client"]
MARK = "vexillology"
SECRET = Product(
    id="m1-secret", title=f"Flag {MARK}", brand=MARK, description=MARK, attributes={"Material": (MARK, "Cotton")}
)


@pytest.fixture
def ids(app: App) -> dict[str, str]:
    """What the first merchant owns, by the name of the path parameter that would reach it."""
    with app.database.begin("main", TESTER) as uow:
        ProductStore(uow).save(SECRET)
        VoiceStore(uow).save(Voice("default", style=MARK))
        job = app.jobs.start(
            uow, "listing-copy", {"products": [SECRET.id], "channel": "plain", "locale": "en"}, key="walk"
        )
    app.jobs.run("main", job)
    with app.database.begin("main", TESTER) as uow:
        proposal = Inbox.page(uow, Filter()).items[0].id
        app.desk.approve(uow, proposal)
        app.desk.apply(uow, proposal)
    with app.database.begin("other", TESTER) as uow:
        ProductStore(uow).save(KETTLE)
    return {
        "proposal_id": proposal,
        "product_id": SECRET.id,
        "job_id": job,
        "batch_id": "imp_none",
        "kind": "listing-copy",
        "order_id": "m1-order",
    }


def _bodies(path: str) -> list[Any]:
    if path.endswith("/approve"):
        return [{}]
    if path.endswith("/reject"):
        return [{"reason": "mine now"}]
    if path.endswith("/undo"):
        return [{}]
    if path.endswith("/steer"):
        return [{"command": "cancel"}]
    if path.endswith("/decide"):
        return [{"proposals": ["{proposal_id}"], "approve": False, "reason": "mine now"}]
    if path.endswith("/check-copy"):
        return [{"title": "x"}]
    return []


def test_no_route_shows_or_changes_another_merchants_things(app: App, client: TestClient, ids: dict[str, str]) -> None:
    headers = bearer(app, merchant="other")
    before = _state(app)
    walked = 0
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if "webhook" in path or "/chat/" in path:
            continue  # signed by the sender or with a visitor's token: walked in their own tests
        filled = re.sub(r"{(\w+)}", lambda match: ids.get(match[1], "nothing"), path)
        for method in methods:
            bodies = _bodies(path) if method != "get" else [None]
            for body in bodies:
                sent = body if body is None else _filled(body, ids)
                answer = client.request(method, filled, headers=headers, json=sent)
                walked += 1
                assert MARK not in answer.text, f"{method} {path} leaks"
                if "{" in path and "kind" not in path:
                    assert answer.status_code in (403, 404, 422), f"{method} {path}: {answer.status_code} {answer.text}"
    assert walked >= 15
    assert _state(app) == before


def test_jobs_of_one_merchant_do_not_write_for_another(app: App, ids: dict[str, str]) -> None:
    with app.database.begin("other", TESTER) as uow:
        job = app.jobs.start(uow, "listing-copy", {"all": True, "channel": "plain", "locale": "en"})
    done = app.jobs.run("other", job)
    assert done.progress.total == 1, "only the second merchant's own product"
    with app.database.begin("other", TESTER) as uow:
        assert {one.subject for one in Inbox.page(uow, Filter()).items} == {f"product:{KETTLE.id}"}
        foreign = app.jobs.start(uow, "listing-copy", {"products": [SECRET.id], "channel": "plain", "locale": "en"})
    failed = app.jobs.run("other", foreign)
    assert (failed.progress.done, failed.progress.failed) == (0, 1)
    with app.database.begin("other", TESTER) as uow:
        [item] = app.jobs.items(uow, foreign).items
        assert MARK not in str(item)


def _filled(body: Any, ids: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format(**ids) if isinstance(body, str) else body


def _state(app: App) -> list[Any]:
    with app.database.begin("main", TESTER, read_only=True) as uow:
        return [Inbox.page(uow, Filter()).items, ProductStore(uow).get(SECRET.id), app.jobs.page(uow).items]
