"""Everything the catalogue keeps: products, import batches, published listings, voices, the search log. All its SQL."""

from zhanggui.catalog.store.imports import ImportBatch, ImportStore
from zhanggui.catalog.store.listings import ListingStore, PublishedListing
from zhanggui.catalog.store.products import ProductStore
from zhanggui.catalog.store.search import ProductQuery, ProductSummary, SearchLog, search_products
from zhanggui.catalog.store.voices import VoiceStore

__all__ = [
    "ImportBatch",
    "ImportStore",
    "ListingStore",
    "ProductQuery",
    "ProductStore",
    "ProductSummary",
    "PublishedListing",
    "SearchLog",
    "VoiceStore",
    "search_products",
]
