"""WooCommerce's product CSV: `simple` rows, and `variable` rows with their `variation` rows.

`Published` is 1 (active), 0 (private, kept as archived) or -1 (draft). Attributes are numbered columns; those that
variations use are the variants' options. Columns that have no place in a product stay in `extra` under their names.
WooCommerce has no field for our product id, so exports carry it as `Meta: zhanggui_id` (and `Meta: zhanggui_units`, 0
for a product without a SKU of its own); files from elsewhere are identified by SKU or, failing that, `woo-<ID>`.
"""

from zhanggui.connectors.woocommerce_csv.read import WooCommerceCsv
from zhanggui.connectors.woocommerce_csv.write import woocommerce_rows, write_woocommerce

__all__ = ["WooCommerceCsv", "woocommerce_rows", "write_woocommerce"]
