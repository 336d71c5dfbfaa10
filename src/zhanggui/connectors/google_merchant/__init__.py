"""Google Merchant feed, as tab-separated text and as RSS 2.0 XML.

One item a variant, tied by `item_group_id`. Text that a model wrote goes to `structured_title` and
`structured_description` with `digital_source_type` `trained_algorithmic_media`, as Google requires; text that a person
wrote goes to `title` and `description`. Titles are cut at 150 characters and descriptions at 5,000, Google's limits.
"""

from zhanggui.connectors.google_merchant.feed import feed_items, write_tsv, write_xml

__all__ = ["feed_items", "write_tsv", "write_xml"]
