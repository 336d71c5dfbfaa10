"""Events as they are told by a shop, a page or a file: each field checked, the row named where one is wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing.models.events import EVENT_KINDS, Event, EventKind
from zhanggui.marketing.rules.identities import clean_email

FIELDS = ("id", "kind", "at", "customer", "visitor", "product", "query")
_AHEAD = timedelta(minutes=10)
_BACK = timedelta(days=3_660)
_ID, _WHO, _QUERY = 200, 390, 500


def parse_event(told: object, row: int, now: datetime) -> Event:
    """One event from JSON or a row of a file.

    `at` is ISO 8601 with a zone (one without is UTC) or Unix seconds; empty is now. `customer` is `shop:customer` or
    an e-mail address, `visitor` an id of the browser; one of them is needed.

    Raises:
        BadInput: a field is not what it may be; names the row and the field.
    """
    if not isinstance(told, Mapping):
        raise BadInput(field="event", expected="an object", found=repr(told)[:100], row=row)
    content = {str(name): value for name, value in cast(Mapping[object, object], told).items()}
    texts = {name: _text(content, name, row) for name in FIELDS if name != "at"}
    kinds: dict[str, EventKind] = {str(one): one for one in EVENT_KINDS}
    kind = kinds.get(texts["kind"])
    if kind is None:
        raise BadInput(field="kind", expected=f"one of {', '.join(EVENT_KINDS)}", found=texts["kind"][:100], row=row)
    if not texts["id"]:
        raise BadInput(field="id", expected="an id of the event, the same when it is sent again", found="none", row=row)
    needed = "query" if kind == "search" else "product"
    if not texts[needed]:
        raise BadInput(field=needed, expected=f"the {needed} of a {kind}", found="none", row=row)
    who = _who(texts["customer"])
    if not who and not texts["visitor"]:
        raise BadInput(field="customer", expected="a customer or a visitor", found="neither", row=row)
    visitor = f"visitor:{texts['visitor']}" if texts["visitor"] else ""
    at = _instant(content.get("at"), row, now)
    product = "" if kind == "search" else texts["product"]
    return Event(texts["id"], kind, at, who or visitor, visitor if who else "", product, texts["query"])


def _who(customer: str) -> str:
    email = clean_email(customer)
    return f"email:{email}" if email else f"id:{customer}" if customer else ""


def _text(content: Mapping[str, object], name: str, row: int) -> str:
    value = content.get(name)
    most = {"id": _ID, "product": _ID, "query": _QUERY}.get(name, _WHO)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > most or "\x00" in str(value):
        raise BadInput(field=name, expected=f"a text of at most {most} characters", found=repr(value)[:100], row=row)
    return str(value).strip()


def _instant(value: object, row: int, now: datetime) -> datetime:
    if value is None or value == "":
        return now
    try:
        if isinstance(value, str) and not value.strip().replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value.strip())
        else:
            at = datetime.fromtimestamp(float(str(value)), UTC)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or not now - _BACK <= at <= now + _AHEAD:
        expected = "a moment of the last ten years, ISO 8601 or Unix seconds"
        raise BadInput(field="at", expected=expected, found=repr(value)[:100], row=row)
    return min(at, now)
