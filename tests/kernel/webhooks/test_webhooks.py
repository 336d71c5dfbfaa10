"""Webhooks out against a real HTTP receiver: signed, in order, tried again after pauses, given up, replayed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import TESTER
from tests.kernel.webhooks.receiver import Receiver, receiving
from zhanggui.connectors.standard_webhooks import StandardWebhooks, WebhookCourier
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Database
from zhanggui.kernel.webhooks import PAUSES, WEBHOOKS_JOB, Webhooks, WebhooksJob, schedule_webhooks
from zhanggui.orders import SecretBox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def webhooks(database: Database) -> Webhooks:
    return Webhooks(database, SecretBox("k" * 40), WebhookCourier(allow_loopback=True))


@pytest.fixture
def jobs(database: Database, webhooks: Webhooks, tmp_path: Path) -> Jobs:
    made = Jobs(database, tmp_path)
    made.register(WebhooksJob(webhooks))
    return made


def _happen(database: Database, *actions: tuple[str, str], merchant: str = "m1") -> None:
    with database.begin(merchant, TESTER) as uow:
        for action, subject in actions:
            AuditLog(uow).record(action, subject, {"kind": "listing-copy"})


def _tell(database: Database, jobs: Jobs) -> None:
    with database.begin("m1", TESTER) as uow:
        job = jobs.start(uow, WEBHOOKS_JOB, {})
    assert jobs.run("m1", job).progress.failed == 0


def test_what_happened_is_told_once_signed_and_only_what_was_asked_for(
    database: Database, webhooks: Webhooks, jobs: Jobs, receiver: Receiver
) -> None:
    _happen(database, ("proposal.applied", "before"))
    with database.begin("m1", TESTER) as uow:
        made = webhooks.register(uow, receiver.url, ["proposal.applied", "proposal.undone"])
        schedule_webhooks(jobs, uow)
        schedule_webhooks(jobs, uow)
        assert [one.kind for one in jobs.schedules.all(uow)] == [WEBHOOKS_JOB]
    _happen(database, ("proposal.created", "a"), ("proposal.applied", "a"), ("proposal.undone", "a"))
    _happen(database, ("proposal.applied", "of-another"), merchant="m2")
    _tell(database, jobs)
    _tell(database, jobs)
    assert sorted(receiver.events()) == [("proposal.applied", "a"), ("proposal.undone", "a")]
    now = database.clock.now()
    for headers, body in receiver.heard:
        assert StandardWebhooks().verify(headers, body, (made.secret,), now)
        assert not StandardWebhooks().verify(headers, body + b" ", (made.secret,), now)
        assert not StandardWebhooks().verify(headers, body, ("whsec_AAAA",), now)
    assert json.loads(receiver.heard[0][1])["data"]["by"] == "person:tester"
    with database.begin("m1", TESTER) as uow:
        page, counts = webhooks.messages(uow)
    assert (page.total, counts) == (2, {"done": 2})


def test_a_deaf_address_is_tried_again_after_pauses_given_up_and_replayed(
    database: Database, webhooks: Webhooks, jobs: Jobs, receiver: Receiver, clock: FixedClock
) -> None:
    receiver.status = 404
    with database.begin("m1", TESTER) as uow:
        webhooks.register(uow, receiver.url, ["proposal.applied"])
    _happen(database, ("proposal.applied", "a"))
    _tell(database, jobs)
    _tell(database, jobs)
    assert len(receiver.heard) == 1, "the pause was not kept"
    for tried, pause in enumerate(PAUSES, 2):
        clock.advance(pause + timedelta(seconds=1))
        _tell(database, jobs)
        assert len(receiver.heard) == tried
    clock.advance(timedelta(days=2))
    _tell(database, jobs)
    assert len(receiver.heard) == len(PAUSES) + 1
    with database.begin("m1", TESTER) as uow:
        [message] = webhooks.messages(uow, state="failed")[0].items
        assert (message.attempts, message.status) == (len(PAUSES) + 1, 404) and "404" in message.problem
        webhooks.replay(uow, message.id)
    receiver.status = 204
    _tell(database, jobs)
    with database.begin("m1", TESTER) as uow:
        [message] = webhooks.messages(uow)[0].items
    assert (message.state, message.problem) == ("done", "")
    assert {headers["webhook-id"] for headers, _ in receiver.heard} == {message.id}, "one id for every try"


def test_switched_off_and_removed_addresses_hear_nothing(
    database: Database, webhooks: Webhooks, jobs: Jobs, receiver: Receiver
) -> None:
    with database.begin("m1", TESTER) as uow:
        one = webhooks.register(uow, receiver.url, ["proposal.applied"]).endpoint
        webhooks.enable(uow, one.id, False)
    _happen(database, ("proposal.applied", "while off"))
    with database.begin("m1", TESTER) as uow:
        webhooks.enable(uow, one.id, True)
    _tell(database, jobs)
    assert receiver.heard == []
    _happen(database, ("proposal.applied", "then"))
    with database.begin("m1", TESTER) as uow:
        job = jobs.start(uow, WEBHOOKS_JOB, {})
        webhooks.remove(uow, one.id)
    assert jobs.run("m1", job).progress.failed == 0
    assert receiver.heard == []
    with database.begin("m1", TESTER) as uow:
        assert webhooks.endpoints(uow) == () and webhooks.messages(uow)[0].total == 0
        with pytest.raises(NotFound):
            webhooks.remove(uow, one.id)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x", "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.8/x",
        "ftp://a.example/x", "javascript:1",         "https://user:secret@hooks.example.com/", "https://[::1]/", "https://169.254.169.254/latest",
        "https://hooks.example.com:22/x", "",
    ],
)  # fmt: skip
def test_addresses_inside_our_own_network_are_refused(database: Database, url: str) -> None:
    strict = Webhooks(database, SecretBox("k" * 40), WebhookCourier())
    with database.begin("m1", TESTER) as uow, pytest.raises(BadInput):
        strict.register(uow, url, ["proposal.applied"])


def test_unknown_events_are_refused_by_name(database: Database, webhooks: Webhooks) -> None:
    with database.begin("m1", TESTER) as uow:
        with pytest.raises(BadInput, match=r"order\.exploded"):
            webhooks.register(uow, "https://hooks.example.com/", ["proposal.applied", "order.exploded"])
        with pytest.raises(BadInput):
            webhooks.register(uow, "https://hooks.example.com/", [])
