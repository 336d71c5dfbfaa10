"""Webhooks: verify the raw body, record the delivery in one short transaction, answer; work on it later, once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson

from zhanggui.kernel.errors import BadInput, NotFound, NotSignedIn
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.ports import OrderSources, WebhookReader
from zhanggui.orders.service.intake import Origin, Taken, take
from zhanggui.orders.service.sealing import SecretBox
from zhanggui.orders.store import Connection, ConnectionStore, Delivery, DeliveryKey, DeliveryStore, Purpose

DELIVERIES_JOB = "order-deliveries"
MOST_BYTES = 4 << 20
_ROTATION = timedelta(hours=24)
_SHORTEST_SECRET = 16
_LONGEST_ID = 200
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a webhook: whether this delivery was new, and the job that works on it."""

    new: bool
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One webhook as it came in: header names in lower case, the body as raw bytes."""

    source: str
    merchant_id: str
    shop_id: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Takes webhooks for every merchant and shop."""

    def __init__(self, database: Database, jobs: Jobs, box: SecretBox, readers: Mapping[str, WebhookReader]) -> None:
        self._database, self._jobs, self._box = database, jobs, box
        self._readers = readers
        self._decoy = secrets.token_urlsafe(32)

    @property
    def sources(self) -> tuple[str, ...]:
        """Whose webhooks can be received."""
        return tuple(sorted(self._readers))

    def receive(self, incoming: Incoming) -> Receipt:
        """Verify and record one delivery; the work on it is queued in the same transaction.

        Raises:
            NotSignedIn: the signature is wrong or too old, or there is no such shop (which is not told apart).
            BadInput: the body is too large or no text, or the delivery's id is missing.
            NotFound: nobody sends webhooks of this kind.
        """
        self.verify(incoming)
        reader = self._reader(incoming.source)
        delivery_id, topic = reader.delivery(incoming.headers)
        if not 0 < len(delivery_id) <= _LONGEST_ID or "\0" in delivery_id:
            raise BadInput(field="delivery id", expected=f"1 to {_LONGEST_ID} characters", found=delivery_id)
        key = DeliveryKey(incoming.shop_id, reader.source, delivery_id)
        with self._database.begin(incoming.merchant_id, Actor("system", f"webhook {reader.source}")) as uow:
            if not DeliveryStore(uow).add(key, topic=topic[:100], body=_text(incoming.body)):
                return Receipt(new=False)
            return Receipt(new=True, job=self._jobs.start(uow, DELIVERIES_JOB, delivery_json(key)))

    def verify(self, incoming: Incoming) -> None:
        """Only whether it comes from the shop, for who takes in something else than orders.

        Raises:
            NotSignedIn, BadInput, NotFound: as `receive`, but for the delivery's id.
        """
        reader = self._reader(incoming.source)
        if len(incoming.body) > MOST_BYTES:
            found = f"{len(incoming.body)} bytes"
            raise BadInput(field="body", expected=f"at most {MOST_BYTES >> 20} MiB", found=found)
        self._verify(reader, incoming)

    def work(self, uow: UnitOfWork, key: DeliveryKey) -> Delivery | None:
        """Work on a queued delivery in this transaction; None when it was worked on already."""
        store = DeliveryStore(uow)
        delivery = store.take(key)
        if delivery is None:
            return None
        try:
            news = self._reader(key.source).news(delivery.topic, _parse(delivery.body))
            settings = _settings(uow, key)
            origin = Origin(key.shop_id, f"webhook:{key.source}"[:40], currency=str(settings.get("currency", "")))
            taken = take(uow, news, origin)
        except BadInput as bad:
            store.finish(key, "rejected", problem=bad)
            return delivery
        _finish(store, key, taken)
        return delivery

    def waiting(self, uow: UnitOfWork, *, limit: int = 1_000) -> tuple[DeliveryKey, ...]:
        """Deliveries that nobody has worked on yet, oldest first."""
        return DeliveryStore(uow).waiting(limit=limit)

    def _reader(self, source: str) -> WebhookReader:
        reader = self._readers.get(source)
        if reader is None:
            raise NotFound(f"no webhooks of {source!r}")
        return reader

    def _verify(self, reader: WebhookReader, incoming: Incoming) -> None:
        with self._database.begin(incoming.merchant_id, Actor("system", "webhook"), read_only=True) as uow:
            sealed = ConnectionStore(uow).secrets(incoming.shop_id, reader.source, "webhook")
        # Where there is no secret, one that nobody knows is tried all the same: both answers take as long.
        known = tuple(self._box.open(one) for one in sealed) or (self._decoy,)
        if not reader.verify(incoming.headers, incoming.body, known, self._database.clock.now()):
            raise NotSignedIn("the signature is not valid for this shop")


class Connections:
    """How the merchant's shops are connected."""

    def __init__(self, box: SecretBox, sources: Mapping[str, OrderSources]) -> None:
        self._box, self.sources = box, sources

    def connect(self, uow: UnitOfWork, connection: Connection) -> Connection:
        """Keep a shop's settings, checked by its connector where it has one.

        Raises:
            BadInput: a setting is not what it should be, or the shop's id is none.
        """
        Origin(connection.shop_id, "")
        source = self.sources.get(connection.source)
        settings = source.check(connection.settings) if source else connection.settings
        checked = Connection(connection.shop_id, connection.source, settings)
        ConnectionStore(uow).put(checked)
        return checked

    def put_secret(
        self,
        uow: UnitOfWork,
        shop_id: str,
        source: str,
        purpose: Purpose,
        secret: str,
        *,
        overlap: timedelta = _ROTATION,
    ) -> None:
        """Keep a secret, sealed; the one before goes on counting for `overlap`, so that senders can change over.

        Raises:
            BadInput: it is too short to be one.
        """
        if len(secret) < _SHORTEST_SECRET or len(secret) > 1_000:
            raise BadInput(field="secret", expected=f"{_SHORTEST_SECRET} to 1,000 characters", found="(hidden)")
        Origin(shop_id, "")
        ConnectionStore(uow).add_secret(shop_id, source, purpose, self._box.seal(secret), overlap=_ROTATION)

    def secret(self, uow: UnitOfWork, shop_id: str, source: str, purpose: Purpose) -> str:
        """The newest secret.

        Raises:
            NotFound: there is none.
        """
        sealed = ConnectionStore(uow).secrets(shop_id, source, purpose)
        if not sealed:
            raise NotFound(f"no {purpose} secret for the shop {shop_id!r}")
        return self._box.open(sealed[0])


def delivery_json(key: DeliveryKey) -> JsonObject:
    """A delivery's key as arguments of a job."""
    return {"shop_id": key.shop_id, "source": key.source, "delivery_id": key.delivery_id}


def _finish(store: DeliveryStore, key: DeliveryKey, taken: list[Taken]) -> None:
    problem = next((one.problem for one in taken if one.problem is not None), None)
    order_id = taken[0].order_id if taken else None
    if problem is not None:
        store.finish(key, "rejected", order_id=order_id, problem=problem)
    elif not taken:
        store.finish(key, "ignored")
    else:
        fresh = any(one.outcome in ("created", "changed", "waiting") for one in taken)
        store.finish(key, "applied" if fresh else "stale", order_id=order_id)


def _settings(uow: UnitOfWork, key: DeliveryKey) -> JsonObject:
    try:
        return ConnectionStore(uow).get(key.shop_id, key.source).settings
    except NotFound:
        return {}


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise BadInput(field="body", expected="UTF-8", found=str(broken)) from None
    if "\0" in text:
        raise BadInput(field="body", expected="text without NUL characters", found="NUL")
    return text


def _parse(body: str) -> JsonObject:
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise BadInput(field="body", expected="JSON", found=f"{body[:80]} ({broken})") from None
    if not isinstance(parsed, dict) or _depth(cast(object, parsed)) > _DEEPEST:
        raise BadInput(field="body", expected=f"a JSON object of at most {_DEEPEST} levels", found=body[:80])
    return cast(JsonObject, parsed)


def _depth(value: object, level: int = 0) -> int:
    if level > _DEEPEST:
        return level
    inner: list[object] = []
    if isinstance(value, dict):
        inner = list(cast(dict[str, object], value).values())
    elif isinstance(value, list):
        inner = cast(list[object], value)
    return max((_depth(item, level + 1) for item in inner), default=level)
