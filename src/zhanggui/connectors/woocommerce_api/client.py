"""Orders of a WooCommerce shop by its REST API v3, in the order of their last change."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from zhanggui.connectors.asking import Asker, Patience, check_host
from zhanggui.connectors.reading import objects
from zhanggui.connectors.woocommerce_api.effects import EFFECTS, WooDoor
from zhanggui.connectors.woocommerce_api.mapping import order_of
from zhanggui.kernel.commerce import SourceOrder
from zhanggui.kernel.errors import BadInput, OperatorError
from zhanggui.kernel.types import JsonObject, JsonValue

PAGE = 50
_PATH = "/wp-json/wc/v3/orders"
_STAMP = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class WooPage:
    """One page of orders, oldest change first."""

    orders: tuple[SourceOrder, ...]
    problems: tuple[BadInput, ...]
    next_cursor: str


class WooSources:
    """Opens connections to WooCommerce shops. `allow_loopback` lets a test's own server stand in."""

    source = "woocommerce"

    def __init__(self, *, allow_loopback: bool = False, patience: Patience | None = None) -> None:
        self._loopback, self._patience = allow_loopback, patience

    def check(self, settings: JsonObject) -> JsonObject:
        """`host` and, optional, `currency`.

        Raises:
            BadInput: the host is none that may be asked.
        """
        host = check_host(str(settings.get("host", "")), allow_loopback=self._loopback)
        return {"host": host, "currency": str(settings.get("currency") or "")}

    def open(self, settings: JsonObject, secret: str) -> "WooOrders":
        """A connection with `consumer_key:consumer_secret`.

        Raises:
            BadInput: the secret is not of that form.
        """
        return WooOrders(self._asker(settings, secret))

    @property
    def effects(self) -> tuple[str, ...]:
        """What such a shop can be told to do."""
        return EFFECTS

    def open_door(self, settings: JsonObject, secret: str) -> WooDoor:
        """A connection that may write: the key needs read/write permission.

        Raises:
            BadInput: the secret is not of the form `consumer_key:consumer_secret`.
        """
        return WooDoor(self._asker(settings, secret))

    def _asker(self, settings: JsonObject, secret: str) -> Asker:
        key, colon, rest = secret.partition(":")
        if not colon or not key or not rest:
            raise BadInput(field="secret", expected="consumer_key:consumer_secret", found="(hidden)")
        host = str(self.check(settings)["host"])
        return Asker(host, {}, auth=(key, rest), allow_loopback=self._loopback, patience=self._patience)


class WooOrders:
    """Asks one shop for its orders.

    Pages are asked for by time, not by number: an order that changes meanwhile moves to the end, and numbered pages
    would then skip another. Numbers are used only among orders of one second.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def changed(self, since: datetime, cursor: str) -> WooPage:
        """A page of the orders changed since then.

        Raises:
            BadInput: the cursor is not one of ours.
            RetryLater: the shop is down or too busy.
            OperatorError: the answer is not a list of orders.
        """
        after, number = _read_cursor(cursor) if cursor else (_before(since), 1)
        query = {
            "modified_after": after,
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": str(PAGE),
            "page": str(number),
            "status": "any",
        }
        answer = self._asker.ask("GET", _PATH, params=query)
        try:
            content: Any = answer.json()
        except ValueError as broken:
            raise OperatorError("the shop's answer is not JSON") from broken
        if not isinstance(content, list):
            raise OperatorError("the shop's answer is not a list of orders")
        items = objects(cast(JsonValue, content))
        return _page(items, after, number)

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()


def _page(items: list[JsonObject], after: str, number: int) -> WooPage:
    orders: list[SourceOrder] = []
    problems: list[BadInput] = []
    for item in items:
        try:
            orders.append(order_of(item))
        except BadInput as bad:
            place = f"order {item.get('id')}: {bad.field}"
            problems.append(BadInput(field=place, expected=bad.expected, found=bad.found))
    following = ""
    if len(items) >= PAGE:
        first, last = str(items[0].get("date_modified_gmt")), str(items[-1].get("date_modified_gmt"))
        # A page of one and the same second: the next number; else begin again with the last second seen.
        following = _cursor(after, number + 1) if first == last else _cursor(_before(_time(last)), 1)
    return WooPage(tuple(orders), tuple(problems), following)


def _time(stamp: str) -> datetime:
    try:
        return datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    except ValueError:
        raise OperatorError(f"an order's date_modified_gmt is no time: {stamp[:40]!r}") from None


def _before(at: datetime) -> str:
    # `modified_after` leaves out its own second.
    return (at.astimezone(UTC) - timedelta(seconds=1)).strftime(_STAMP)


def _cursor(after: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{after}|{number}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        after, _, number = base64.urlsafe_b64decode(cursor).decode().partition("|")
        return datetime.fromisoformat(after).strftime(_STAMP), int(number)
    except ValueError:
        raise BadInput(field="cursor", expected="a cursor of ours", found=cursor) from None
