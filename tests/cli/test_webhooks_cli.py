"""`zhanggui webhooks` on a real folder: told to a real receiver, failed, replayed; nonsense is refused plainly."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.kernel.webhooks.receiver import receiving
from zhanggui.connectors.standard_webhooks import StandardWebhooks
from zhanggui.kernel.webhooks import EVENTS


def zhanggui(folder: Path, *arguments: str, loopback: bool = True) -> subprocess.CompletedProcess[str]:
    """One command on the installation in `folder`."""
    environment = {
        **os.environ, "ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_MODEL": "none", "COLUMNS": "200",
        "ZHANGGUI_WEBHOOKS_TO_LOOPBACK": str(loopback).lower(),
    }  # fmt: skip
    command = [sys.executable, "-m", "zhanggui", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_what_happens_is_told_signed_and_told_again(tmp_path: Path) -> None:
    with receiving() as receiver:
        made = zhanggui(tmp_path, "webhooks", "add", receiver.url, "--event", "autonomy.set")
        assert made.returncode == 0, made.stderr
        match = re.search(r"^(whe_\w+)  (\S+)\nsecret: (whsec_\S+)$", made.stdout, re.MULTILINE)
        assert match is not None and match.group(2) == receiver.url, made.stdout
        endpoint, _, secret = match.groups()
        listed = zhanggui(tmp_path, "webhooks", "list").stdout
        assert endpoint in listed and "autonomy.set" in listed and secret not in listed
        assert "Nothing was told yet." in zhanggui(tmp_path, "webhooks", "messages").stdout

        receiver.status = 404
        assert zhanggui(tmp_path, "desk", "autonomy", "listing-copy", "off").returncode == 0
        assert zhanggui(tmp_path, "webhooks", "send").returncode == 0
        waiting = zhanggui(tmp_path, "webhooks", "messages", "--state", "retrying").stdout
        assert "autonomy.set  waiting  1 tries  it answered with status 404" in waiting
        message = waiting.split()[0]

        fresh = zhanggui(tmp_path, "webhooks", "rotate", endpoint).stdout.removeprefix("secret: ").strip()
        receiver.status = 204
        assert zhanggui(tmp_path, "webhooks", "replay", message).stdout.strip() == "done"
        now = datetime.now(UTC)
        (before, body), (after, again) = receiver.heard
        assert body == again and {before["webhook-id"], after["webhook-id"]} == {message}
        assert StandardWebhooks().verify(before, body, (secret,), now)
        assert StandardWebhooks().verify(after, again, (fresh,), now)
        assert not StandardWebhooks().verify(after, again, (secret,), now)
        assert zhanggui(tmp_path, "webhooks", "remove", endpoint).returncode == 0
        assert "No webhooks yet." in zhanggui(tmp_path, "webhooks", "list").stdout


def test_events_are_those_of_the_code(tmp_path: Path) -> None:
    assert zhanggui(tmp_path, "webhooks", "events").stdout.split() == list(EVENTS)


def test_what_may_not_be_told_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for url, event, why in (
        ("https://127.0.0.1/hook", "exception.found", "a host name on the public internet"),
        ("https://93.184.215.14/hook", "exception.found", "a host name on the public internet"),
        ("http://hooks.example.com/hook", "exception.found", "an https address"),
        ("https://hooks.example.com/hook", "no.such.event", "no.such.event"),
    ):
        refused = zhanggui(tmp_path, "webhooks", "add", url, "--event", event, loopback=False)
        assert refused.returncode == 1 and why in refused.stderr and "Traceback" not in refused.stderr, refused.stderr
    missing = zhanggui(tmp_path, "webhooks", "replay", "whm_none")
    assert missing.returncode == 1 and "whm_none" in missing.stderr
