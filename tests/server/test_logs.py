"""Logs of a real server: every line an object, every request told, nobody's data and no secret among it."""

import logging
from pathlib import Path

import httpx
import orjson
import pytest

from tests.conftest import TESTER
from tests.server.running import running
from zhanggui.api.logs import JsonLine, TextLine, blotted
from zhanggui.app import build
from zhanggui.settings import Settings

PERSON = "qzxli.person@example.com"
PHONE = "13977761234"


def test_json_lines_tell_every_request_and_nobody(tmp_path: Path) -> None:
    app = build(Settings(data_dir=tmp_path, model="none", locale="en"))
    with app.database.begin("main", TESTER) as uow:
        _, secret = app.access.issue_token(uow, "test", scopes=("read", "propose", "decide", "admin"))
    headers = {"Authorization": f"Bearer {secret}"}
    with running(tmp_path, LOG_FORMAT="json", LOG_LEVEL="debug") as server:
        api = f"{server.address}/api/v1"
        asked = httpx.get(f"{api}/orders", params={"text": PERSON}, headers={**headers, "X-Request-ID": "proxy-0001"})
        assert asked.status_code == 200 and asked.headers["x-request-id"] == "proxy-0001"
        missing = httpx.get(f"{api}/customers/{PERSON}/export", headers={**headers, "X-Request-ID": f"{PERSON}\t x"})
        assert missing.status_code == 404 and missing.headers["x-request-id"].startswith("req")
        token = httpx.post(f"{api}/chat/main/sessions").json()["token"]
        said = {"text": f"I am Qzxsaid, call {PHONE} or {PERSON}", "key": "k1", "locale": "en"}
        visitor = {"Authorization": f"Visitor {token}"}
        httpx.post(f"{api}/chat/main/messages", json=said, headers=visitor).raise_for_status()
        refused = httpx.get(f"{api}/orders", headers={"Authorization": "Bearer zg_wrongwrongwrong"})
        assert refused.status_code == 401
        assert server.stop() == 0
        log = server.log
    app.close()
    lines = [orjson.loads(line) for line in log.splitlines()[1:]]  # the first says where the console is
    told = {line["request_id"]: line for line in lines if "request_id" in line}
    first = told["proxy-0001"]
    assert first["duration_ms"] > 0 and first["time"].endswith("+00:00")
    assert {name: first[name] for name in ("merchant", "method", "route", "status", "level")} == {
        "merchant": "main", "method": "GET", "route": "/orders", "status": 200, "level": "info",
    }  # fmt: skip
    assert {(one["route"], one["status"], one["merchant"]) for one in told.values()} >= {
        ("/chat/{merchant_id}/messages", 200, "main"), ("/orders", 401, ""),
    }  # fmt: skip
    assert len(told) == len([line for line in lines if "request_id" in line])
    for private in (
        PERSON,
        "qzxli",
        PHONE,
        "Qzxsaid",
        secret,
        token,
        "zg_wrong",
        (tmp_path / "secret.key").read_text(),
    ):
        assert private.lower() not in log.lower(), private


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"mail to {PERSON} failed", "mail to [email] failed"),
        ("call 139 7776 1234 now", "call [number] now"),
        ("call +86-139-7776-1234", "call [number]"),
        ("card 6222 0212 3456 7890 12", "card [number]"),
        ("sent Authorization: Bearer abcdef.ghi-jkl", "sent Authorization: Bearer [token]"),
        ("secret whsec_c2VjcmV0/abc= here", "secret [token] here"),
        ("Finished server process [18915] in 12.5 ms at 2026-11-24", None),
    ],
)
def test_what_is_somebodys_is_blotted_out(said: str, kept: str | None) -> None:
    assert blotted(said) == (said if kept is None else kept)


@pytest.mark.parametrize("form", [JsonLine, TextLine])
def test_an_exception_is_told_without_its_text(form: type[logging.Formatter]) -> None:
    try:
        raise ValueError(f"no such customer: Qzxname {PERSON}")
    except ValueError as broken:
        record = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "stumbled\nover %s", ("it",), (ValueError, broken, None)
        )
        line = form().format(record)
    assert "ValueError" in line and "test_an_exception_is_told" in line and "stumbled" in line
    assert "Qzxname" not in line and PERSON not in line
    assert "\n" not in line
