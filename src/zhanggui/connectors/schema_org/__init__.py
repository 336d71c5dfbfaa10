"""schema.org Product and Offer as JSON-LD, for search engines to read in a product page."""

from zhanggui.connectors.schema_org.product import json_ld, script_element

__all__ = ["json_ld", "script_element"]
