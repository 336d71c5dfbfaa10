"""Shopify's product CSV, both header generations.

A product is a run of rows with one handle: the first has the title, later ones add variants and images. Metafield
columns (`Material (product.metafields.custom.material)`) are attributes. Columns that have no place in a product are
kept in `extra` under their legacy names, those of the n-th variant or image as `Name [n]`, and written back on export.
The file names no currency: it is the shop's. A product whose only option is `Title` / `Default Title` has one plain
variant.
"""

from zhanggui.connectors.shopify_csv.read import ShopifyCsv
from zhanggui.connectors.shopify_csv.write import shopify_rows, write_shopify

__all__ = ["ShopifyCsv", "shopify_rows", "write_shopify"]
