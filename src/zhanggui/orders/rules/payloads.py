"""Reading the payload of a proposal, field by field; whatever is wrong is named. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money

_LONGEST = 500
_MOST = 10**14


class Given:
    """A payload's fields, checked as they are read.

    Every method raises BadInput naming the field.
    """

    def __init__(self, values: JsonObject, place: str = "") -> None:
        self._values, self._place = values, place

    def word(self, name: str, *, optional: bool = False, longest: int = _LONGEST) -> str:
        """A text; empty only where it is optional."""
        value = self._values.get(name, "")
        if value is None and optional:
            return ""
        if not isinstance(value, str) or len(value) > longest or "\0" in value or not (value.strip() or optional):
            raise BadInput(field=self._at(name), expected=f"1 to {longest} characters", found=repr(value))
        return value.strip()

    def one_of(self, name: str, allowed: Sequence[str], *, default: str = "") -> str:
        """One of some words."""
        value = self._values.get(name, default)
        if not isinstance(value, str) or value not in allowed:
            raise BadInput(field=self._at(name), expected=f"one of {', '.join(allowed)}", found=repr(value))
        return value

    def yes(self, name: str) -> bool | None:
        """True, false or (absent) not known."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadInput(field=self._at(name), expected="true, false or nothing", found=repr(value))
        return value

    def whole(self, name: str) -> int:
        """A whole number from 1 to 10^14."""
        return _whole(self._at(name), self._values.get(name))

    def units(self, name: str = "units") -> dict[str, int]:
        """Line ids with counts; raises where there are none."""
        value = self._values.get(name)
        if not isinstance(value, dict) or not value or len(value) > 1_000:
            raise BadInput(field=self._at(name), expected="line ids with counts", found=repr(value))
        return {line: _whole(f"{self._at(name)}.{line}", count) for line, count in value.items()}

    def money(self, name: str, currency: str) -> Money:
        """An amount above 0 as {minor, currency}; another currency than the order's is refused, never converted."""
        inner = self.inner(name)
        found = inner.word("currency")
        if found != currency:
            raise BadInput(field=self._at(f"{name}.currency"), expected=currency, found=found)
        return Money(inner.whole("minor"), currency)

    def inner(self, name: str) -> "Given":
        """A nested object."""
        value = self._values.get(name)
        if not isinstance(value, dict):
            raise BadInput(field=self._at(name), expected="an object", found=repr(value))
        return Given(value, self._at(name))

    def many(self, name: str) -> tuple["Given", ...]:
        """A list of at least one object."""
        value = self._values.get(name)
        if not isinstance(value, list) or not value or len(value) > 1_000:
            raise BadInput(field=self._at(name), expected="a list of objects", found=repr(value))
        made: list[Given] = []
        for number, item in enumerate(value, start=1):
            if not isinstance(item, dict):
                raise BadInput(field=f"{self._at(name)}[{number}]", expected="an object", found=repr(item))
            made.append(Given(item, f"{self._at(name)}[{number}]"))
        return tuple(made)

    def words(self, name: str) -> tuple[str, ...]:
        """A list of words, perhaps empty."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) and len(word) <= _LONGEST for word in value):
            raise BadInput(field=self._at(name), expected="a list of words", found=repr(value))
        return tuple(str(word) for word in value)

    def time(self, name: str) -> datetime | None:
        """An instant as ISO 8601 with its zone, or None where the field is absent."""
        text = self.word(name, optional=True)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise BadInput(field=self._at(name), expected="a time as ISO 8601 with its zone", found=text)
        return found

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return self._values.get(name) is not None

    def raw(self, name: str) -> JsonValue:
        """The field as it is."""
        return self._values.get(name)

    def _at(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name


def units_if_any(given: Given, name: str = "units") -> dict[str, int] | None:
    """Line ids with counts, or None where the field is absent: everything is meant."""
    return given.units(name) if given.has(name) else None


def money_json(amount: Money) -> JsonObject:
    """An amount as payloads carry it."""
    return {"minor": amount.minor, "currency": amount.currency}


def units_json(units: Mapping[str, int]) -> JsonObject:
    """Units as payloads carry them."""
    return dict(units)


def _whole(place: str, value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST:
        raise BadInput(field=place, expected="a whole number above 0", found=repr(value))
    return value
