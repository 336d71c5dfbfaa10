"""Any CSV or JSON Lines file of products, one product a row, by a column mapping that can be saved.

`guess_mapping` proposes the mapping from Chinese and English column names; a column nobody knows is kept in `extra`.
A JSON array of objects is read too; nested objects become columns with dots (`attributes.Material`).
Large, regular CSV files are read as whole tables by Polars with the same checks, row by row otherwise.
"""

from zhanggui.connectors.generic_table.json_rows import json_rows, looks_like_json
from zhanggui.connectors.generic_table.mapping import FIELDS as PRODUCT_FIELDS
from zhanggui.connectors.generic_table.mapping import ColumnMapping, guess_mapping
from zhanggui.connectors.generic_table.read import GenericTable

__all__ = ["PRODUCT_FIELDS", "ColumnMapping", "GenericTable", "guess_mapping", "json_rows", "looks_like_json"]
