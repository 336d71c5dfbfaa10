"""Register addresses, gather what they want to be told from the audit trail, send, send again.

The audit trail is written in the transaction of what happened, is numbered without gaps and never changed: what is told
is read from it, so nothing that happened is left out and nothing is told that was rolled back.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import orjson

from zhanggui.kernel.audit import AuditLog, AuditRow
from zhanggui.kernel.errors import BadInput, RetryLater
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, Page, new_id
from zhanggui.kernel.webhooks.models import EVENTS, Carrier, Endpoint, NewEndpoint, OutMessage, Sealer
from zhanggui.kernel.webhooks.store import EndpointStore, OutMessageStore

# The pauses between tries that Standard Webhooks recommends; after the last one it is given up (and can be replayed).
PAUSES = tuple(timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
_KEPT = timedelta(days=30)
_LEASE = timedelta(minutes=10)
_MOST_ENDPOINTS = 20
_MOST_ROWS = 2_000
_MOST_DUE = 500


class Webhooks:
    """Webhooks out. `sealer` keeps the secrets, `carrier` signs, checks addresses and sends."""

    def __init__(self, database: Database, sealer: Sealer, carrier: Carrier) -> None:
        self._database, self._sealer, self._carrier = database, sealer, carrier

    def register(self, uow: UnitOfWork, url: str, events: Sequence[str]) -> NewEndpoint:
        """Tell an address of these events from now on.

        Raises:
            BadInput: no https address on the public internet, an event that is not in `EVENTS`, or too many addresses.
        """
        unknown = [one for one in events if one not in EVENTS]
        if unknown or not events:
            raise BadInput(field="events", expected=f"some of {', '.join(EVENTS)}", found=", ".join(unknown) or "none")
        store = EndpointStore(uow)
        if len(store.all()) >= _MOST_ENDPOINTS:
            raise BadInput(field="url", expected=f"at most {_MOST_ENDPOINTS} endpoints", found="one more")
        checked = self._carrier.check(url)
        secret, wanted = _new_secret(), tuple(dict.fromkeys(events))
        endpoint = Endpoint(new_id("whe"), checked, wanted, True, uow.clock.now())
        AuditLog(uow).record("webhook.added", endpoint.id, {"host": urlsplit(checked).netloc})
        store.add(endpoint, self._sealer.seal(secret), seen=AuditLog(uow).length())
        return NewEndpoint(endpoint, secret)

    def rotate(self, uow: UnitOfWork, endpoint_id: str) -> NewEndpoint:
        """Give an address a new secret; what is sent from now on is signed with it alone.

        Raises:
            NotFound: there is none of this id.
        """
        store, secret = EndpointStore(uow), _new_secret()
        endpoint, _ = store.get(endpoint_id)
        store.change(endpoint_id, secret=self._sealer.seal(secret))
        AuditLog(uow).record("webhook.rotated", endpoint_id, {"host": urlsplit(endpoint.url).netloc})
        return NewEndpoint(endpoint, secret)

    def enable(self, uow: UnitOfWork, endpoint_id: str, enabled: bool) -> Endpoint:
        """Switch an address on or off; what happens while it is off is not told later.

        Raises:
            NotFound: there is none of this id.
        """
        store = EndpointStore(uow)
        store.get(endpoint_id)
        AuditLog(uow).record("webhook.switched", endpoint_id, {"enabled": enabled})
        store.change(endpoint_id, enabled=enabled, seen=AuditLog(uow).length())
        return store.get(endpoint_id)[0]

    def remove(self, uow: UnitOfWork, endpoint_id: str) -> None:
        """Forget an address, its secret and what was to be told to it.

        Raises:
            NotFound: there is none of this id.
        """
        store = EndpointStore(uow)
        endpoint, _ = store.get(endpoint_id)
        store.drop(endpoint_id)
        AuditLog(uow).record("webhook.removed", endpoint_id, {"host": urlsplit(endpoint.url).netloc})

    @staticmethod
    def endpoints(uow: UnitOfWork) -> tuple[Endpoint, ...]:
        """Every address."""
        return EndpointStore(uow).all()

    @staticmethod
    def messages(
        uow: UnitOfWork, *, state: str = "", cursor: str | None = None, limit: int = 50
    ) -> tuple[Page[OutMessage], dict[str, int]]:
        """A page of messages, the newest first, and how many are in each state (`retrying`: of those that wait, the
        ones that failed before)."""
        store = OutMessageStore(uow)
        return store.page(state=state, cursor=cursor, limit=limit), store.counts()

    def test(self, uow: UnitOfWork, endpoint_id: str) -> OutMessage:
        """Put a `webhook.test` in for this address.

        Raises:
            NotFound: there is none of this id.
        """
        EndpointStore(uow).get(endpoint_id)
        made = _message(uow, endpoint_id, "webhook.test", {"id": endpoint_id, "by": str(uow.actor)})
        OutMessageStore(uow).add([made])
        return made

    @staticmethod
    def replay(uow: UnitOfWork, message_id: str) -> OutMessage:
        """Send a message again under the same id, whatever became of it.

        Raises:
            NotFound: there is none of this id.
        """
        store = OutMessageStore(uow)
        store.get(message_id)
        store.change(message_id, state="waiting", attempts=0, next_at=uow.clock.now())
        return store.get(message_id)

    @staticmethod
    def replay_failed(uow: UnitOfWork, endpoint_id: str = "") -> int:
        """Send again at once whatever failed, given up or waiting for its next try; of one address, or of all that are
        switched on. How many."""
        on = [one.id for one in EndpointStore(uow).all() if one.enabled and endpoint_id in ("", one.id)]
        return OutMessageStore(uow).revive(on, uow.clock.now()) if on else 0

    # -- the job ---------------------------------------------------------------------------------------------------

    @staticmethod
    def gather(uow: UnitOfWork) -> list[str]:
        """Write down what each address is to be told of what happened since; ids of what may be sent now."""
        endpoints, store = EndpointStore(uow), OutMessageStore(uow)
        for endpoint, seen in endpoints.behind():
            rows = AuditLog(uow).after(seen, limit=_MOST_ROWS)
            store.add([_told(uow, endpoint.id, row) for row in rows if row.action in endpoint.events])
            if rows:
                endpoints.change(endpoint.id, seen=rows[-1].seq)
        now = uow.clock.now()
        store.forget(now - _KEPT)
        due = store.due(now, limit=_MOST_DUE)
        for message_id in due:  # whoever looks meanwhile leaves them to this job
            store.change(message_id, next_at=now + _LEASE)
        return due

    def send(self, merchant_id: str, message_id: str) -> JsonObject:
        """Send one outside of any writing transaction; what `settle` records."""
        with self._database.begin(merchant_id, Actor("job", "webhooks"), read_only=True) as uow:
            message = OutMessageStore(uow).get(message_id)
            endpoint, sealed = EndpointStore(uow).get(message.endpoint_id)
            now = uow.clock.now()
        if not endpoint.enabled:
            return {"status": 0, "problem": "the endpoint is switched off"}
        body = orjson.dumps({"type": message.event, "timestamp": message.at.isoformat(), "data": message.payload})
        try:
            status = self._carrier.send(endpoint.url, self._sealer.open(sealed), message.id, now, body)
        except (RetryLater, BadInput) as failed:
            return {"status": 0, "problem": failed.message}
        return {"status": status, "problem": "" if 200 <= status < 300 else f"it answered with status {status}"}

    @staticmethod
    def settle(uow: UnitOfWork, message_id: str, answer: JsonObject) -> str:
        """Record how a try went: told, to be tried again after a pause, or given up; the state."""
        store = OutMessageStore(uow)
        message = store.get(message_id)
        problem, tried = str(answer.get("problem", "")), message.attempts + 1
        over = tried > len(PAUSES)
        state = "done" if not problem else "failed" if over else "waiting"
        pause = timedelta() if over or not problem else PAUSES[tried - 1]
        status = cast(int, answer.get("status", 0))
        next_at = uow.clock.now() + pause
        store.change(message_id, state=state, attempts=tried, next_at=next_at, status=status, problem=problem[:1_000])
        return state


def last_answers(uow: UnitOfWork) -> dict[str, OutMessage]:
    """The newest message of each address that was sent at least once, by the id of the address."""
    store = OutMessageStore(uow)
    found = {one.id: store.last(one.id) for one in EndpointStore(uow).all()}
    return {name: message for name, message in found.items() if message is not None}


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _told(uow: UnitOfWork, endpoint_id: str, row: AuditRow) -> OutMessage:
    data: JsonObject = {**row.detail, "id": row.subject, "by": row.actor, "number": row.seq}
    return replace(_message(uow, endpoint_id, row.action, data), at=row.at)


def _message(uow: UnitOfWork, endpoint_id: str, event: str, data: JsonObject) -> OutMessage:
    now = uow.clock.now()
    return OutMessage(new_id("whm"), endpoint_id, event, data, now, "waiting", 0, now, 0, "")
