"""What a WooCommerce shop can be told to do: cancel, hold, release, change the address, refund, write to the customer.

Setting a state or an address twice changes nothing the second time. A refund or a note carries its key, is looked for
before it is made, and is sent once a try: WooCommerce itself knows no idempotency keys.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from zhanggui.connectors.asking import Asker
from zhanggui.connectors.reading import objects
from zhanggui.kernel.errors import Conflict, OperatorError
from zhanggui.kernel.types import JsonObject, JsonValue, Money

_ORDERS = "/wp-json/wc/v3/orders"
_KEY = "_zhanggui_key"
_STATES = {"shop.cancel-order": "cancelled", "shop.hold-order": "on-hold", "shop.release-order": "processing"}
_NOTES = {
    "shop.approve-return": "Return approved",
    "shop.withdraw-return": "Return withdrawn",
    "shop.approve-exchange": "Exchange approved",
}


class WooDoor:
    """Tells one shop what to do."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._acts: Mapping[str, Callable[[str, str, JsonObject, str], JsonObject]] = {
            **dict.fromkeys(_STATES, self._set_state),
            **dict.fromkeys(_NOTES, self._tell_staff),
            "shop.change-address": self._change_address,
            "payment.refund": self._refund,
            "customer.message": self._message,
        }

    def do(self, effect: str, external_id: str, payload: JsonObject, key: str) -> JsonObject:
        """Do it; the receipt.

        Raises:
            Conflict: the shop cannot do this part of it.
            RetryLater: it is down.
            OperatorError: it refuses.
        """
        return self._acts[effect](effect, f"{_ORDERS}/{int(external_id)}", payload, key)

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()

    def _set_state(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        if payload.get("units"):
            raise Conflict("WooCommerce cancels whole orders only: take the items out by hand")
        answer = self._json("PUT", order, {"status": _STATES[effect]})
        return {"status": str(answer.get("status", ""))}

    def _change_address(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        given = payload.get("address")
        answer = self._json("PUT", order, {"shipping": woo_address(given if isinstance(given, dict) else {})})
        return {"order": answer.get("id")}

    def _refund(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        for made in self._list(f"{order}/refunds"):
            if any(entry.get("key") == _KEY and entry.get("value") == key for entry in objects(made.get("meta_data"))):
                return {"refund_id": str(made.get("id"))}
        amount = cast(dict[str, Any], payload["amount"])
        asked: JsonObject = {
            "amount": str(Decimal(Money(int(amount["minor"]), str(amount["currency"])).major)),
            "reason": str(payload.get("reason", "")),
            "api_refund": True,
            "meta_data": [{"key": _KEY, "value": key}],
        }
        return {"refund_id": str(self._json("POST", f"{order}/refunds", asked)["id"])}

    def _message(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        return self._note(order, str(payload.get("text", "")), key, for_customer=True)

    def _tell_staff(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        words = f"{_NOTES[effect]}. {payload.get('reason') or ''}".strip()
        return self._note(order, f"{words} [{key}]", key, for_customer=False)

    def _note(self, order: str, text: str, key: str, *, for_customer: bool) -> JsonObject:
        for note in self._list(f"{order}/notes"):
            if note.get("note") == text and bool(note.get("customer_note")) is for_customer:
                return {"note_id": str(note.get("id"))}
        made = self._json("POST", f"{order}/notes", {"note": text, "customer_note": for_customer})
        return {"note_id": str(made["id"])}

    def _json(self, method: str, path: str, body: JsonObject) -> JsonObject:
        answer = _content(self._asker.ask(method, path, once=method == "POST", json=body).json)
        if not isinstance(answer, dict) or "id" not in answer:
            raise OperatorError("the shop's answer is not what was asked to be made")
        return cast(JsonObject, answer)

    def _list(self, path: str) -> list[JsonObject]:
        return objects(cast(JsonValue, _content(self._asker.ask("GET", path, params={"per_page": "100"}).json)))


def woo_address(address: JsonObject) -> JsonObject:
    """A neutral address in WooCommerce's fields. The name stands whole: it is not known where it parts."""

    def word(name: str) -> str:
        return str(address.get(name) or "")

    return {
        "first_name": word("name"), "last_name": "", "phone": word("phone"), "address_1": word("street"),
        "address_2": word("district"), "city": word("city"), "state": word("region"), "postcode": word("postal_code"),
        "country": word("country"),
    }  # fmt: skip


def _content(read: Callable[[], Any]) -> object:
    try:
        return read()
    except ValueError as broken:
        raise OperatorError("the shop's answer is not JSON") from broken


EFFECTS = (*_STATES, *_NOTES, "shop.change-address", "payment.refund", "customer.message")
