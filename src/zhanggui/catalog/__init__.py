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
from zhanggui.catalog.rules.tables import table as rule_table
from zhanggui.catalog.service.copywriting import Copywriter, WrittenListing
from zhanggui.catalog.service.exporting import ExportListing, export_listings
from zhanggui.catalog.service.importing import (
    ImportOutcome,
    Preflight,
    UndoneImport,
    dry_run,
    import_history,
    import_products,
    preflight,
    problem_json,
    undo_import,
)
from zhanggui.catalog.service.keywords import Findability, TitleProposal, TitleReader
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
    prove_text,
)
from zhanggui.catalog.service.related import Basket, RelatedModel, read_baskets, words_of_product
from zhanggui.catalog.service.replaying import prove_again, rewritten
from zhanggui.catalog.service.shop_search import ShopSearch
from zhanggui.catalog.service.student import STUDENT_TASK, StudentCopywriter, student_rows
from zhanggui.catalog.service.window import ShopWindow
from zhanggui.catalog.store import (
    ListingStore,
    ProductQuery,
    ProductStore,
    ProductSummary,
    PublishedListing,
    SearchLog,
    VoiceStore,
    search_products,
)
from zhanggui.catalog.tools import ShelfTools

__all__ = [
    "CHANNELS",
    "LOCALES",
    "STUDENT_TASK",
    "Basket",
    "Channel",
    "Claim",
    "ClaimKind",
    "CopyCheck",
    "CopyRequest",
    "Copywriter",
    "ExportListing",
    "Fact",
    "Findability",
    "ImportOutcome",
    "ListingCopy",
    "ListingCopyKind",
    "ListingStore",
    "Preflight",
    "ProductFacts",
    "ProductQuery",
    "ProductStore",
    "ProductSummary",
    "ProvedCopy",
    "PublishedListing",
    "RelatedModel",
    "SearchLog",
    "ShelfTools",
    "ShopSearch",
    "ShopWindow",
    "StudentCopywriter",
    "TitleProposal",
    "TitleReader",
    "UndoneImport",
    "Voice",
    "VoiceStore",
    "WriteCopyJob",
    "WrittenListing",
    "claim_json",
    "copy_json",
    "copy_of",
    "copy_request",
    "draft_of",
    "dry_run",
    "export_listings",
    "facts_of",
    "facts_of_product",
    "find_claims",
    "import_history",
    "import_products",
    "live_copy",
    "preflight",
    "problem_json",
    "prove",
    "prove_again",
    "prove_payload",
    "prove_text",
    "read_baskets",
    "rewritten",
    "rule_table",
    "search_products",
    "student_rows",
    "undo_import",
    "words_of_product",
]
