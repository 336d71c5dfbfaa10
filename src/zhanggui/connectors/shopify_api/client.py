"""Orders of a Shopify shop by the GraphQL Admin API, in the order of their last change, within its cost limits."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from zhanggui.connectors.asking import Asker
from zhanggui.connectors.reading import objects
from zhanggui.connectors.shopify_api.mapping import order_of, rest_shape
from zhanggui.kernel.commerce import SourceOrder
from zhanggui.kernel.errors import BadInput, NotConfigured, OperatorError, RetryLater
from zhanggui.kernel.types import JsonObject, JsonValue

API_VERSION = "2026-01"
PAGE = 25
_THROTTLED_TRIES = 8

ORDERS_QUERY = """
query Orders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason closedAt note currencyCode
      taxesIncluded displayFinancialStatus paymentGatewayNames
      totalPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } }
      totalDiscountsSet { shopMoney { amount } } totalShippingPriceSet { shopMoney { amount } }
      totalTipReceivedSet { shopMoney { amount } } totalOutstandingSet { shopMoney { amount } }
      customer { legacyResourceId displayName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
      shippingAddress { name address1 address2 city province countryCodeV2 zip phone }
      lineItems(first: 100) {
        pageInfo { hasNextPage }
        nodes { id sku name quantity currentQuantity product { legacyResourceId }
                originalUnitPriceSet { shopMoney { amount } } }
      }
      fulfillments(first: 50) {
        legacyResourceId status displayStatus createdAt updatedAt deliveredAt
        trackingInfo(first: 1) { company number } location { legacyResourceId }
        fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id } } }
      }
      refunds(first: 50) {
        legacyResourceId createdAt note
        refundLineItems(first: 100) { nodes { quantity restockType lineItem { id } } }
        transactions(first: 20) { nodes { kind status amountSet { shopMoney { amount } } } }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class ShopifyPage:
    """One page of orders, oldest change first."""

    orders: tuple[SourceOrder, ...]
    problems: tuple[BadInput, ...]
    next_cursor: str


class ShopifyOrders:
    """Asks one shop for its orders."""

    def __init__(self, asker: Asker, version: str = API_VERSION) -> None:
        self._asker, self._path = asker, f"/admin/api/{version}/graphql.json"

    def changed(self, since: datetime, cursor: str) -> ShopifyPage:
        """A page of the orders changed since then.

        Raises:
            BadInput: the shop does not know the cursor.
            RetryLater: it is down, or its cost limit makes us wait too long.
            OperatorError: it refuses the query.
        """
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        variables: JsonObject = {"first": PAGE, "after": cursor or None, "query": f"updated_at:>='{stamp}'"}
        found = _path(self._query(variables), "orders")
        orders: list[SourceOrder] = []
        problems: list[BadInput] = []
        for node in objects(found.get("nodes")):
            try:
                orders.append(order_of(rest_shape(node)))
            except BadInput as bad:
                place = f"order {node.get('legacyResourceId')}: {bad.field}"
                problems.append(BadInput(field=place, expected=bad.expected, found=bad.found))
        page = _path(found, "pageInfo")
        following = str(page.get("endCursor") or "") if page.get("hasNextPage") is True else ""
        return ShopifyPage(tuple(orders), tuple(problems), following)

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()

    def _query(self, variables: JsonObject) -> JsonObject:
        for _ in range(_THROTTLED_TRIES):
            answer = self._asker.ask("POST", self._path, json={"query": ORDERS_QUERY, "variables": variables})
            try:
                content: Any = answer.json()
            except ValueError as broken:
                raise OperatorError("the shop's answer is not JSON") from broken
            body = cast(JsonObject, content) if isinstance(content, dict) else JsonObject()
            errors = objects(body.get("errors"))
            if not errors:
                self._spare(body)
                return _path(body, "data")
            if not any(_path(error, "extensions").get("code") == "THROTTLED" for error in errors):
                raise _refusal(errors)
            self._asker.wait(max(0.1, _short_of(body)), "cost limit")
        raise RetryLater("the shop's cost limit leaves no room for our query")

    def _spare(self, body: JsonObject) -> None:
        # Wait before a query that the bucket cannot pay any more, instead of having it refused.
        if (short := _short_of(body)) > 0:
            self._asker.wait(short, "cost limit")


def _short_of(body: JsonObject) -> float:
    """Seconds until the bucket holds the cost of a query like the last one."""
    cost = _path(_path(body, "extensions"), "cost")
    bucket = _path(cost, "throttleStatus")
    rate = _number(bucket.get("restoreRate"), 50.0)
    return max(0.0, (_number(cost.get("requestedQueryCost")) - _number(bucket.get("currentlyAvailable"))) / rate)


def _number(value: JsonValue, default: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else default


def _path(values: JsonObject, name: str) -> JsonObject:
    found = values.get(name)
    return found if isinstance(found, dict) else JsonObject()


def _refusal(errors: list[JsonObject]) -> Exception:
    text = "; ".join(str(error.get("message", "")) for error in errors)[:500]
    codes = {str(_path(error, "extensions").get("code", "")) for error in errors}
    if "cursor" in text.lower():
        return BadInput(field="cursor", expected="a cursor that the shop knows", found=text)
    if codes & {"ACCESS_DENIED", "UNAUTHORIZED"}:
        return NotConfigured(f"the shop's token may not read orders: {text}")
    return OperatorError(f"the shop refuses the query: {text}")
