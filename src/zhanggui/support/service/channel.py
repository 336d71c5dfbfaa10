"""A chat platform connected by webhooks (Standard Webhooks): messages come in signed and go out signed.

What goes out is written in the transaction of its cause and delivered by a job under an id that stays the same, so that
a crash neither loses nor doubles it for a receiver that keeps ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from zhanggui.kernel.errors import BadInput, NotFound, NotSignedIn
from zhanggui.kernel.storage import Database, MerchantStore, UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, new_id
from zhanggui.support.models.conversation import Received
from zhanggui.support.ports import Courier, Sealer
from zhanggui.support.service.conversations import Conversations, Inbound
from zhanggui.support.service.handover import CHANNEL_SETTING
from zhanggui.support.store.chat import TellingStore

MOST_BYTES = 256 << 10
_REFUSED = range(400, 500)


@dataclass(frozen=True, slots=True)
class ChannelView:
    """How the platform is connected; the secret is never shown again."""

    url: str
    connected: bool


class ChatChannel:
    """The webhook channel. `sealer` keeps its secret, `courier` signs, checks and carries."""

    def __init__(self, database: Database, sealer: Sealer, courier: Courier, conversations: Conversations) -> None:
        self._database, self._sealer, self._courier = database, sealer, courier
        self._conversations = conversations

    def connect(self, uow: UnitOfWork, url: str, secret: str) -> ChannelView:
        """Connect a platform, or change how; an empty URL only takes messages in.

        Raises:
            BadInput: the address is none that may be asked, or the secret is shorter than 16 characters.
        """
        if len(secret) < 16:
            raise BadInput(field="secret", expected="at least 16 characters", found=f"{len(secret)} characters")
        checked = self._courier.check(url) if url else ""
        MerchantStore.set_setting(uow, CHANNEL_SETTING, {"url": checked, "secret": self._sealer.seal(secret)})
        return ChannelView(checked, True)

    def disconnect(self, uow: UnitOfWork) -> None:
        """Let go of the platform; what was not told yet is dropped."""
        MerchantStore.set_setting(uow, CHANNEL_SETTING, None)

    def view(self, uow: UnitOfWork) -> ChannelView:
        """How it is connected."""
        kept = self._kept(uow)
        return ChannelView(str(kept.get("url", "")), bool(kept))

    def receive(self, merchant_id: str, uow: UnitOfWork, headers: Mapping[str, str], body: bytes) -> Received:
        """Take in `{"type": "message.received", "data": {"from", "text", "locale"?}}`; its `webhook-id` is its key.

        Raises:
            NotSignedIn: the signature is not ours, or old.
            BadInput: the body is not what was expected.
            NotFound: no platform is connected.
        """
        kept = self._kept(uow)
        if not kept:
            raise NotFound(f"no chat platform is connected to {merchant_id!r}")
        secret = self._sealer.open(str(kept["secret"]))
        if not self._courier.verify(headers, body, secret, uow.clock.now()):
            raise NotSignedIn("the webhook's signature is not right, or too old")
        data = _data(body)
        sender, text = data.get("from"), data.get("text")
        if not isinstance(sender, str) or not 1 <= len(sender) <= 120:
            raise BadInput(field="data.from", expected="1 to 120 characters", found=repr(sender))
        locale: Locale = "en" if data.get("locale") == "en" else "zh-CN"
        address: JsonObject = {"from": sender}
        key = headers.get("webhook-id", "")[:80]
        return self._conversations.receive(
            uow, Inbound(f"hook:{sender}", text, key, "webhook", locale, sender="webhook", address=address)
        )

    def waiting(self, uow: UnitOfWork) -> list[str]:
        """Ids of what is to be told."""
        return [key for key, _, _, _ in TellingStore(uow).waiting()]

    def send(self, merchant_id: str, uow: UnitOfWork, key: str) -> JsonObject:
        """Deliver one outside of any writing transaction; what `settle` records.

        Raises:
            RetryLater: the platform is slow or down.
        """
        kept = self._kept(uow)
        if not kept.get("url"):
            return {"state": "failed", "problem": "no address is connected"}
        kind, payload, at = TellingStore(uow).get(key)
        body = orjson.dumps({"type": kind, "timestamp": at.isoformat(), "data": payload})
        secret = self._sealer.open(str(kept["secret"]))
        status = self._courier.send(str(kept["url"]), secret, key, uow.clock.now(), body)
        if status in _REFUSED:
            return {"state": "failed", "problem": f"the platform answered {status}"}
        return {"state": "done", "problem": ""}

    @staticmethod
    def settle(uow: UnitOfWork, key: str, answer: JsonObject) -> None:
        """Record how a delivery went."""
        state = "done" if answer.get("state") == "done" else "failed"
        TellingStore(uow).finish(key, state, str(answer.get("problem", "")))

    @staticmethod
    def _kept(uow: UnitOfWork) -> JsonObject:
        value = MerchantStore.setting(uow, CHANNEL_SETTING)
        return cast(JsonObject, value) if isinstance(value, dict) else {}


def new_secret() -> str:
    """A secret for a platform."""
    return f"zgc_{new_id()}{new_id()}"


def _data(body: bytes) -> JsonObject:
    if len(body) > MOST_BYTES:
        raise BadInput(field="body", expected=f"at most {MOST_BYTES >> 10} KiB", found=f"{len(body)} bytes")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise BadInput(field="body", expected="JSON", found=body[:80].decode("utf-8", "replace")) from broken
    # JSON from outside: the checker cannot know what is inside.
    kind = told.get("type") if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    data = told.get("data") if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if kind != "message.received" or not isinstance(data, dict):
        raise BadInput(field="type", expected="message.received with data", found=str(body[:80]))
    return cast(JsonObject, data)
