"""SIGTERM while there is work: requests under way are answered, jobs go on at the next start, nothing is done twice."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import KETTLE, bearer
from tests.conftest import TESTER
from tests.kernel.llm.model_server import KEY, ModelServer, model_server
from tests.server.running import read_all, running
from zhanggui.app import App, build
from zhanggui.catalog import ProductStore
from zhanggui.desk import Filter, Inbox
from zhanggui.settings import Settings

PRODUCTS = 8
BODY = b'{"command": "pause"}'


def _until(come: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not come():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)


def _shop(data: Path) -> App:
    app = build(Settings(data_dir=data, model="none", locale="en"))
    with app.database.begin("main", TESTER) as uow:
        for number in range(PRODUCTS):
            # Facts of its own for each: equal ones would be answered from the store of answers.
            facts = {**KETTLE.attributes, "Capacity": (f"{number + 1} L",)}
            ProductStore(uow).save(replace(KETTLE, id=f"kettle-{number}", attributes=facts))
    return app


def _proposals(app: App) -> Counter[str]:
    with app.database.begin("main", TESTER, read_only=True) as uow:
        return Counter(Inbox.get(uow, found).subject for found in Inbox.ids(uow, Filter(kinds=("listing-copy",))))


def _progress(app: App, job: str) -> tuple[str, int, int]:
    with app.database.begin("main", TESTER, read_only=True) as uow:
        found = app.jobs.get(uow, job)
    return found.state, found.progress.done, found.progress.failed


def _settings(models: ModelServer) -> dict[str, str]:
    return {"MODEL": "openai:slow", "OPENAI_BASE_URL": f"{models.url}/v1", "OPENAI_API_KEY": KEY,
            "OPENAI_ON_MACHINE": "true", "LOCAL_SLOTS": "2"}  # fmt: skip


@pytest.mark.parametrize("patient", [True, False], ids=["item-ends-in-time", "item-takes-longer"])
def test_a_request_is_answered_and_a_job_goes_on_exactly_once(tmp_path: Path, patient: bool) -> None:
    app = _shop(tmp_path)
    headers = bearer(app, "read", "propose")
    with model_server() as models, running(tmp_path, **_settings(models)) as server:
        models.faults = [""] * 3 + ["stall"] * 40
        wanted = {"products": [], "all": True, "channel": "taobao", "locale": "en"}
        started = httpx.post(f"{server.address}/api/v1/copy-jobs", json=wanted, headers=headers)
        assert started.status_code == 202, started.text
        job = started.json()["job"]
        _until(lambda: len(models.faults) < 40, "the item that the model keeps waiting")
        session = httpx.post(f"{server.address}/api/v1/chat/main/sessions").json()["token"]
        listening = server.open(f"GET /api/v1/chat/main/events HTTP/1.1\nHost: x\nAuthorization: Visitor {session}\n\n")
        assert b"200 OK" in listening.recv(100)
        steer = server.open(
            f"POST /api/v1/jobs/{job}-none/steer HTTP/1.1\nHost: x\nAuthorization: {headers['Authorization']}\n"
            f"Content-Type: application/json\nContent-Length: {len(BODY)}\nExpect: 100-continue\n\n"
        )
        # The interim answer says that the application is waiting for the body: the request is under way.
        assert steer.recv(100).startswith(b"HTTP/1.1 100")
        server.process.terminate()
        _until(lambda: "Shutting down" in server.log, "the order to stop")
        steer.sendall(BODY)
        answer = read_all(steer)
        told = read_all(listening)
        listening.close()
        steer.close()
        assert told.endswith(b"0\r\n\r\n"), "the event stream was cut, not ended"
        assert b" 404 " in answer.splitlines()[0] and b"application/problem+json" in answer
        if patient:
            models.released.set()
        assert server.process.wait(timeout=30) == 0
        assert "Traceback" not in server.log and "Error" not in server.log, server.log
    state, done, failed = _progress(app, job)
    assert state == "running" and done < PRODUCTS and failed == 0
    with model_server() as models, running(tmp_path, **_settings(models)) as server:
        _until(lambda: _progress(app, job)[0] == "done", "the rest of the job")
        assert server.stop() == 0
        assert "Traceback" not in server.log and "Error" not in server.log, server.log
    assert _progress(app, job) == ("done", PRODUCTS, 0)
    assert _proposals(app) == {f"product:kettle-{number}": 1 for number in range(PRODUCTS)}
    app.close()
