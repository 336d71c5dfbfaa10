"""Reading fields of somebody's JSON, each checked as it is read, with errors that name the path. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money, minor_digits


class Fields:
    """An object inside somebody's JSON and the path to it."""

    def __init__(self, values: JsonObject, path: str = "") -> None:
        self.values, self.path = values, path

    def place(self, name: str) -> str:
        """The full path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, default: str = "") -> str:
        """Text, or a number as text; the default where it is absent or null.

        Raises:
            BadInput: anything else.
        """
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadInput(field=self.place(name), expected="text", found=repr(value))
        return str(value).strip()

    def needed(self, name: str) -> str:
        """Text that may not be empty.

        Raises:
            BadInput: it is.
        """
        found = self.text(name)
        if not found:
            raise BadInput(field=self.place(name), expected="a value", found=repr(self.values.get(name)))
        return found

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number.

        Raises:
            BadInput: anything else.
        """
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(field=self.place(name), expected="a whole number", found=repr(value))
        return value

    def money(self, name: str, currency: str, default: str | None = None) -> Money:
        """A decimal amount, exact in the currency's minor unit.

        Raises:
            BadInput: no number, not finite, or finer than the currency's minor unit.
        """
        value = self.values.get(name)
        if value in (None, "") and default is not None:
            value = default
        return exact_money(value, currency, self.place(name))

    def time(self, name: str) -> datetime:
        """An ISO 8601 time with its zone.

        Raises:
            BadInput: anything else.
        """
        found = self.maybe_time(name)
        if found is None:
            raise BadInput(field=self.place(name), expected="a time", found="nothing")
        return found

    def maybe_time(self, name: str, *, utc: bool = False) -> datetime | None:
        """An ISO 8601 time, None where absent; `utc` takes a time without a zone as UTC.

        Raises:
            BadInput: anything else.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None and utc:
                found = found.replace(tzinfo=UTC)
            if found.tzinfo is None:
                raise ValueError("no time zone")
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as wrong:
            expected = "an ISO 8601 time with its zone"
            raise BadInput(field=self.place(name), expected=expected, found=f"{text} ({wrong})") from None

    def child(self, name: str) -> "Fields":
        """An object inside; an empty one where it is absent or null.

        Raises:
            BadInput: something else.
        """
        value = self.values.get(name)
        if value is None:
            value = JsonObject()
        if not isinstance(value, dict):
            raise BadInput(field=self.place(name), expected="an object", found=repr(value)[:80])
        return Fields(value, self.place(name))

    def many(self, name: str) -> Iterator["Fields"]:
        """The objects of a list; none where it is absent or null.

        Raises:
            BadInput: something else.
        """
        value = self.values.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise BadInput(field=self.place(name), expected="a list", found=repr(value)[:80])
        for at, item in enumerate(value):
            if not isinstance(item, dict):
                raise BadInput(field=f"{self.place(name)}[{at}]", expected="an object", found=repr(item)[:80])
            yield Fields(item, f"{self.place(name)}[{at}]")


def exact_money(value: JsonValue, currency: str, field: str) -> Money:
    """A decimal number (or its text) as an amount, never rounded.

    Raises:
        BadInput: no number, not finite, too large, or finer than the currency's minor unit.
    """
    digits = minor_digits(currency)
    expected = f"an amount with at most {digits} decimals"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadInput(field=field, expected=expected, found=repr(value))
    try:
        scaled = Decimal(str(value).strip()).scaleb(digits)
    except InvalidOperation:
        raise BadInput(field=field, expected=expected, found=str(value)) from None
    if not scaled.is_finite() or abs(scaled) > 10**15 or scaled != scaled.to_integral_value():
        raise BadInput(field=field, expected=expected, found=str(value))
    return Money(int(scaled), currency)


def objects(value: JsonValue) -> list[JsonObject]:
    """A JSON list's objects; nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
