"""What a Shopify shop can be told to do over the GraphQL Admin API: cancel, hold, release, address, refund, notes.

A refund is sent with Shopify's idempotency key and looked for first; a cancellation that was made already counts as
made; holds carry our key as their handle; setting an address or a tag twice changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from zhanggui.connectors.asking import Asker
from zhanggui.connectors.reading import objects
from zhanggui.connectors.shopify_api.client import API_VERSION
from zhanggui.kernel.errors import Conflict, OperatorError, RetryLater
from zhanggui.kernel.types import JsonObject, Money

_STATE = """query State($id: ID!) { order(id: $id) {
  cancelledAt note
  refunds(first: 100) { legacyResourceId note }
  transactions(first: 50) { id kind status gateway amountSet { shopMoney { amount } } }
  fulfillmentOrders(first: 20) { nodes { id status fulfillmentHolds { id handle } } }
} }"""
_CANCEL = """mutation Cancel($id: ID!, $reason: OrderCancelReason!, $note: String) {
  orderCancel(orderId: $id, reason: $reason, restock: true, notifyCustomer: true, staffNote: $note,
              refundMethod: {originalPaymentMethodsRefund: false}) { orderCancelUserErrors { message } } }"""
_UPDATE = "mutation Update($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"
_HOLD = """mutation Hold($id: ID!, $hold: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) { userErrors { message } } }"""
_RELEASE = """mutation Release($id: ID!, $holds: [ID!]) {
  fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) { userErrors { message } } }"""
_REFUND = """mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { legacyResourceId } userErrors { message } } }"""
_NOTES = {
    "shop.approve-return": "Return approved",
    "shop.withdraw-return": "Return withdrawn",
    "shop.approve-exchange": "Exchange approved",
}
_REASONS = {"unpaid": "DECLINED", "out-of-stock": "INVENTORY", "no longer wanted": "CUSTOMER", "fraud": "FRAUD"}
_TRIES = 5
_MOST_NOTE = 5_000


class ShopifyDoor:
    """Tells one shop what to do."""

    def __init__(self, asker: Asker, version: str = API_VERSION) -> None:
        self._asker, self._path = asker, f"/admin/api/{version}/graphql.json"
        self._acts: Mapping[str, Callable[[str, str, JsonObject, str], JsonObject]] = {
            **dict.fromkeys(_NOTES, self._note),
            "shop.cancel-order": self._cancel,
            "shop.change-address": self._address,
            "shop.hold-order": self._hold,
            "shop.release-order": self._release,
            "payment.refund": self._refund,
        }

    def do(self, effect: str, external_id: str, payload: JsonObject, key: str) -> JsonObject:
        """Do it; the receipt.

        Raises:
            Conflict: the shop refuses, in its own words.
            RetryLater: it is down or too busy.
            OperatorError: it refuses our credentials or the query.
        """
        return self._acts[effect](effect, f"gid://shopify/Order/{int(external_id)}", payload, key)

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()

    def _cancel(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        if payload.get("units"):
            raise Conflict("only whole orders are cancelled in the shop: edit the order by hand")
        if self._state(order).get("cancelledAt"):
            return {"cancelled": True}
        reason = str(payload.get("reason", ""))
        asked: JsonObject = {"id": order, "reason": _REASONS.get(reason, "OTHER"), "note": f"{reason} [{key}]"[:255]}
        self._mutate(_CANCEL, asked)
        return {"cancelled": True}

    def _address(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        given = payload.get("address")
        asked: JsonObject = {"id": order, "shippingAddress": shopify_address(given if isinstance(given, dict) else {})}
        self._mutate(_UPDATE, {"input": asked})
        return {"order": order}

    def _hold(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        held = 0
        for work in self._work(order):
            if work.get("status") in ("CLOSED", "CANCELLED") or _our_holds(work, _handle(order)):
                continue
            hold: JsonObject = {
                "reason": "OTHER", "reasonNotes": str(payload.get("reason", ""))[:255], "handle": _handle(order),
            }  # fmt: skip
            self._mutate(_HOLD, {"id": work["id"], "hold": hold})
            held += 1
        return {"held": held}

    def _release(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        released = 0
        for work in self._work(order):
            holds = _our_holds(work, _handle(order))
            if holds:
                self._mutate(_RELEASE, {"id": work["id"], "holds": [*holds]})
                released += 1
        return {"released": released}

    def _refund(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        state = self._state(order)
        for made in objects(state.get("refunds")):
            if f"[{key}]" in str(made.get("note") or ""):
                return {"refund_id": str(made.get("legacyResourceId"))}
        amount = cast(dict[str, Any], payload["amount"])
        money = Money(int(amount["minor"]), str(amount["currency"]))
        paid = _paid(state, str(payload.get("payment_id", "")))
        transaction: JsonObject = {
            "orderId": order, "kind": "REFUND", "gateway": paid.get("gateway"), "parentId": paid.get("id"),
            "amount": str(money.major),
        }  # fmt: skip
        note = f"{payload.get('reason') or ''} [{key}]"
        asked: JsonObject = {"orderId": order, "note": note, "notify": True, "transactions": [transaction]}
        told = self._mutate(_REFUND, {"input": asked, "key": str(uuid5(NAMESPACE_URL, f"zhanggui:{key}"))})
        refund = cast(dict[str, Any], told.get("refund") or {})
        if not refund.get("legacyResourceId"):
            raise OperatorError("the shop names no refund")
        return {"refund_id": str(refund["legacyResourceId"])}

    def _note(self, effect: str, order: str, payload: JsonObject, key: str) -> JsonObject:
        before = str(self._state(order).get("note") or "")
        line = f"{_NOTES[effect]}. {payload.get('reason') or ''}".strip() + f" [{key}]"
        if line not in before:
            note = f"{before}\n{line}".strip()[-_MOST_NOTE:]
            self._mutate(_UPDATE, {"input": {"id": order, "note": note}})
        return {"noted": True}

    def _state(self, order: str) -> JsonObject:
        found = self._query(_STATE, {"id": order}).get("order")
        if not isinstance(found, dict):
            raise Conflict("the shop has no such order")
        return found

    def _work(self, order: str) -> list[JsonObject]:
        found = self._state(order).get("fulfillmentOrders")
        return objects(found.get("nodes")) if isinstance(found, dict) else []

    def _mutate(self, mutation: str, variables: JsonObject) -> JsonObject:
        told = next(iter(self._query(mutation, variables).values()), None)
        answer: JsonObject = told if isinstance(told, dict) else {}
        wrong = [*objects(answer.get("userErrors")), *objects(answer.get("orderCancelUserErrors"))]
        if wrong:
            raise Conflict("; ".join(str(error.get("message", "")) for error in wrong)[:500])
        return answer

    def _query(self, query: str, variables: JsonObject) -> JsonObject:
        for attempt in range(_TRIES):
            body = {"query": query, "variables": variables}
            # A mutation whose answer was lost is not repeated here: whoever tries again looks first.
            answer = self._asker.ask("POST", self._path, once=query.startswith("mutation"), json=body)
            try:
                content: Any = answer.json()
            except ValueError as broken:
                raise OperatorError("the shop's answer is not JSON") from broken
            told = cast(JsonObject, content) if isinstance(content, dict) else JsonObject()
            errors = objects(told.get("errors"))
            data = told.get("data")
            if not errors and isinstance(data, dict):
                return data
            if not any((_code(error) == "THROTTLED") for error in errors):
                raise OperatorError(f"the shop refuses: {'; '.join(str(e.get('message', '')) for e in errors)[:500]}")
            self._asker.wait(1.0 + attempt, "cost limit")
        raise RetryLater("the shop's cost limit leaves no room for our request")


def shopify_address(address: JsonObject) -> JsonObject:
    """A neutral address in Shopify's fields; the last name is required there, so the whole name stands in it."""

    def word(name: str) -> str:
        return str(address.get(name) or "")

    return {
        "lastName": word("name"), "phone": word("phone"), "address1": word("street"), "address2": word("district"),
        "city": word("city"), "province": word("region"), "zip": word("postal_code"), "countryCode": word("country"),
    }  # fmt: skip


def _handle(order: str) -> str:
    return f"zhanggui-{order.rsplit('/', 1)[-1]}"


def _our_holds(work: JsonObject, handle: str) -> list[str]:
    return [str(hold.get("id")) for hold in objects(work.get("fulfillmentHolds")) if hold.get("handle") == handle]


def _paid(state: JsonObject, payment_id: str) -> JsonObject:
    """The payment that is paid back: the one named, else the first that was taken."""
    taken = [
        one
        for one in objects(state.get("transactions"))
        if one.get("kind") in ("SALE", "CAPTURE") and one.get("status") == "SUCCESS"
    ]
    named = [one for one in taken if payment_id and str(one.get("id", "")).endswith(f"/{payment_id}")]
    if not taken:
        raise Conflict("the shop has taken no payment that could be paid back")
    return (named or taken)[0]


def _code(error: JsonObject) -> object:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None


EFFECTS = (
    "shop.cancel-order", "shop.change-address", "shop.hold-order", "shop.release-order", "payment.refund", *_NOTES,
)  # fmt: skip
