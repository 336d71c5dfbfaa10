"""Stock records from rows of text."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from zhanggui.kernel.errors import BadInput
from zhanggui.planning.models import StockItem

_TEXTS = ("sku", "currency", "supplier")
_WHOLE = {"on_hand", "reserved", "incoming", "review_days", "least", "pack", "shelf_days", "cost_minor", "missed_minor"}
_FROM_ONE = {"pack", "review_days"}
_MOST = 1e9


def read_stock_row(row: Mapping[str, str], number: int) -> StockItem:
    """A stock record from column -> text; columns that are missing or empty keep their defaults.

    Raises:
        BadInput: no SKU, or a number that cannot be; names the row and the field.
    """
    given = {name.strip().lower(): text.strip() for name, text in row.items()}
    if not 0 < len(given.get("sku", "")) <= 200:
        raise BadInput(row=number, field="sku", expected="1 to 200 characters", found=given.get("sku", "nothing"))
    values: dict[str, Any] = {}
    for field in fields(StockItem):
        text = given.get(field.name, "")
        if not text:
            continue
        values[field.name] = text[:200] if field.name in _TEXTS else _number(field.name, text, number)
    item = StockItem(**values)
    if len(item.currency) != 3:
        raise BadInput(row=number, field="currency", expected="an ISO 4217 code", found=item.currency)
    if not 0 < item.service < 1:
        raise BadInput(row=number, field="service", expected="a probability between 0 and 1", found=str(item.service))
    return item


def _number(name: str, text: str, row: int) -> float | int:
    expected = "a whole number" if name in _WHOLE else "a number"
    least = 1 if name in _FROM_ONE else 0
    try:
        value = float(text.replace(",", ""))
    except ValueError as broken:
        raise BadInput(row=row, field=name, expected=f"{expected} from {least}", found=text) from broken
    if not math.isfinite(value) or not least <= value <= _MOST or (name in _WHOLE and value != int(value)):
        raise BadInput(row=row, field=name, expected=f"{expected} from {least}", found=text)
    return int(value) if name in _WHOLE else value
