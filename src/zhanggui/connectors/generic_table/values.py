"""What cells mean, shared by the row reader and the table reader. Pure."""

from zhanggui.connectors.tabular import split_list
from zhanggui.connectors.tabular.cells import path_of

STATUSES = {
    "": "active",
    "active": "active",
    "draft": "draft",
    "archived": "archived",
    "true": "active",
    "false": "draft",
    "1": "active",
    "0": "draft",
    "上架": "active",
    "下架": "draft",
    "在售": "active",
}
LONGEST_ID = 255
EXPECTED_KEY = "an id or a SKU of at most 255 characters"
EXPECTED_TITLE = "a title"
EXPECTED_CURRENCY = "a currency code such as CNY"
EXPECTED_STATUS = "active, draft or archived"
EXPECTED_COUNT = "a whole number"
EXPECTED_WEIGHT = "a weight such as 350 or 0.35"


def category_path(cell: str) -> tuple[str, ...]:
    """A category cell as a path: a JSON array or parts with `>` between."""
    return split_list(cell) if cell.startswith("[") else path_of(cell)


def split_tags(cell: str, separator: str) -> tuple[str, ...]:
    """Tags are divided by commas where there are any, else by the mapping's separator."""
    return split_list(cell, "," if "," in cell else separator)
