"""Small value types shared by the whole house: money, identifiers, locales, pages."""

import os
import time
from dataclasses import asdict, dataclass, is_dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Generic, Literal, Self, TypeVar, cast

import orjson

from zhanggui.kernel.errors import BadInput

Locale = Literal["zh-CN", "en"]
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]
Item = TypeVar("Item")


def empty_object() -> JsonObject:
    """A fresh empty JSON object; the default of dataclass fields."""
    return {}


# ISO 4217: the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def minor_digits(currency: str) -> int:
    """How many decimal digits the currency's minor unit has (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: integer minor units (fen, cents) and an ISO 4217 currency code."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str | int | float | Decimal, currency: str) -> Self:
        """Read a decimal amount in major units.

        Raises:
            BadInput: the text is not a number.
        """
        cleaned = str(text).strip().replace(",", "").lstrip("¥￥$€£")
        try:
            scaled = Decimal(cleaned).scaleb(minor_digits(currency))
            return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)
        except (InvalidOperation, ValueError, OverflowError) as broken:
            raise BadInput(field="amount", expected="a decimal number", found=str(text)) from broken

    @property
    def major(self) -> Decimal:
        """The amount in major units (yuan, dollars)."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.major:.{minor_digits(self.currency)}f} {self.currency}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise BadInput(field="currency", expected=self.currency, found=other.currency)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a listing; `total` counts every match, `next_cursor` is None on the last page."""

    items: tuple[Item, ...]
    total: int
    next_cursor: str | None = None


def new_id(prefix: str = "") -> str:
    """A ULID (sortable by creation time, 26 characters), with an optional `prefix_`."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    digits = "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}" if prefix else digits


def plain_value(value: object) -> Any:
    """One step towards JSON, for `orjson`: dataclasses and models as objects, sets as lists, others as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "model_dump"):
        return cast(Any, value).model_dump()
    if isinstance(value, (set, frozenset)):
        return sorted(cast(set[Any], value), key=str)
    return str(value)


def plain_json(value: object) -> Any:
    """Dataclasses, instants, sets and the like as plain JSON values."""
    return orjson.loads(orjson.dumps(value, default=plain_value, option=orjson.OPT_NON_STR_KEYS))
