"""Stock records from text: defaults, every number's bounds, the field named."""

import pytest

from zhanggui.kernel.errors import BadInput
from zhanggui.planning import StockItem, read_stock_row


def test_columns_are_read_and_empty_ones_keep_their_defaults() -> None:
    row = {"SKU ": " cup ", "on_hand": "1,200", "lead_days": "4.5", "pack": "", "supplier": "Kiln", "colour": "red"}
    assert read_stock_row(row, 2) == StockItem("cup", on_hand=1200, lead_days=4.5, supplier="Kiln")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("sku", ""),
        ("on_hand", "-1"),
        ("on_hand", "2.5"),
        ("on_hand", "many"),
        ("pack", "0"),
        ("lead_days", "nan"),
        ("cost_minor", "1e30"),
        ("service", "1"),
        ("currency", "yuan"),
    ],
)
def test_what_cannot_be_names_its_field(field: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_stock_row({"sku": "cup", field: text}, 7)
    assert (refused.value.field, refused.value.row) == (field, 7)
