"""Products and their listing copy: import, write, prove against the attributes, publish, undo."""

from zhanggui.catalog.jobs import WriteCopyJob
from zhanggui.catalog.models import (
    Channel,
    Claim,
    ClaimKind,
    CopyCheck,
    CopyRequest,
    Fact,
    ListingCopy,
    ProductFacts,
    ProvedCopy,
    Voice,
)
from zhanggui.catalog.proposals import ListingCopyKind
from zhanggui.catalog.rules import facts_of, find_claims, prove
from zhanggui.catalog.service.copywriting import Copywriter, WrittenListing
from zhanggui.catalog.service.listings import (
    CHANNELS,
    LOCALES,
    claim_json,
    copy_json,
    copy_of,
    copy_request,
    draft_of,
    facts_of_product,
    live_copy,
    prove_payload,
)
from zhanggui.catalog.store import ListingStore, ProductQuery, ProductStore, ProductSummary, VoiceStore, search_products

__all__ = [
    "CHANNELS",
    "LOCALES",
    "Channel",
    "Claim",
    "ClaimKind",
    "CopyCheck",
    "CopyRequest",
    "Copywriter",
    "Fact",
    "ListingCopy",
    "ListingCopyKind",
    "ListingStore",
    "ProductFacts",
    "ProductQuery",
    "ProductStore",
    "ProductSummary",
    "ProvedCopy",
    "Voice",
    "VoiceStore",
    "WriteCopyJob",
    "WrittenListing",
    "claim_json",
    "copy_json",
    "copy_of",
    "copy_request",
    "draft_of",
    "facts_of",
    "facts_of_product",
    "find_claims",
    "live_copy",
    "prove",
    "prove_payload",
    "search_products",
]
