"""Products, imports and listing copy."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Path, Query, UploadFile
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.columns import SavedName, columns_named
from zhanggui.api.common import Call, Caller, Limit
from zhanggui.api.uploads import received
from zhanggui.catalog import (
    Channel,
    ListingCopy,
    ListingStore,
    ProductQuery,
    ProductStore,
    claim_json,
    dry_run,
    export_listings,
    import_history,
    import_products,
    preflight,
    problem_json,
    prove_text,
    search_products,
    undo_import,
)
from zhanggui.connectors.listing_files import EXPORT_FORMATS, write_listings
from zhanggui.connectors.product_files import open_products
from zhanggui.connectors.tabular import OpenProducts
from zhanggui.kernel.types import JsonObject, Locale, plain_json

router = APIRouter(tags=["catalog"])
ProductId = Annotated[str, Path(min_length=1, max_length=200, description="Id of the product.")]
Upload = Annotated[UploadFile, File(description="CSV, JSON or JSON Lines, plain, .gz or .zip.")]
FormatName = Annotated[str, Query(max_length=40, description="Format of the file; `auto` recognises it.")]
BatchId = Annotated[str, Path(max_length=64, description="Id of the import.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CopyJob(_Body):
    """For which products to write, for where, in which language."""

    products: list[str] = Field(default_factory=list, max_length=10_000)
    all: bool = False
    channel: Channel = "plain"
    locale: Locale = "zh-CN"
    voice: str = Field("default", max_length=100)


class CopyToCheck(_Body):
    """Somebody's copy for a product."""

    title: str = Field("", max_length=1_000)
    bullets: list[str] = Field(default_factory=list, max_length=50)
    description: str = Field("", max_length=20_000)
    channel: Channel = "plain"
    locale: Locale = "zh-CN"


class ProductFilter(BaseModel):
    """Which products, in which order."""

    text: str = Field("", max_length=200, description="Words in title or brand, or the start of an id or a SKU.")
    brand: str = Field("", max_length=200, description="Only this brand.")
    sort: Literal["id", "title", "price", "stock", "updated"] = Field("id", description="Order.")
    descending: bool = Field(False, description="From the end.")
    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the page before.")


@router.get("/products")
def list_products(call: Caller, wanted: Annotated[ProductFilter, Query()]) -> dict[str, Any]:
    """A page of products."""
    with call.read() as uow:
        return plain_json(search_products(uow, ProductQuery(**wanted.model_dump())))


@router.get("/products/{product_id}")
def get_product(call: Caller, product_id: ProductId) -> dict[str, Any]:
    """One product whole, with its published listings."""
    with call.read() as uow:
        product = ProductStore(uow).get(product_id)
        listings = ListingStore(uow).history(product_id)
        return {"product": plain_json(product), "listings": plain_json(listings)}


@router.get("/products/{product_id}/title")
def propose_title(
    call: Caller,
    product_id: ProductId,
    channel: Annotated[Channel, Query(description="Whose order and limits count.")] = "taobao",
    locale: Annotated[Locale, Query(description="Language of the title.")] = "zh-CN",
) -> dict[str, Any]:
    """A title with keywords, and how much more often shoppers would find the product; records nothing."""
    with call.read() as uow:
        return plain_json(call.app.shop_search.advise(uow, product_id, channel=channel, locale=locale))


@router.post("/products/{product_id}/check-copy")
def check_product_copy(call: Caller, product_id: ProductId, body: CopyToCheck) -> dict[str, Any]:
    """Prove somebody's copy against the product's attributes; records nothing."""
    written = ListingCopy(title=body.title, bullets=tuple(body.bullets), description=body.description)
    with call.read() as uow:
        proved = prove_text(uow, product_id, written, channel=body.channel, locale=body.locale)
    return {
        "claims": [claim_json(claim) for claim in proved.claims],
        "checks": plain_json(proved.checks),
        "publishable": proved.publishable,
    }


@router.post("/copy-jobs", status_code=202)
def start_copy_job(call: Caller, body: CopyJob) -> dict[str, Any]:
    """Write listing copy as a job; every product's copy becomes a proposal."""
    arguments: JsonObject = {**body.model_dump(), "products": [*body.products]}
    return call.once("propose", arguments, lambda uow: {"job": call.app.jobs.start(uow, "listing-copy", arguments)})


class ExportChoice(BaseModel):
    """What to export."""

    format: str = Field("shopify-csv", max_length=40, description=f"One of {', '.join(EXPORT_FORMATS)}.")
    channel: Channel = Field("shopify", description="Whose published listings to take.")
    locale: Locale = Field("zh-CN", description="In which language.")
    link: str = Field("", max_length=500, description="Address of a product's page, with {id} in it.")


@router.get("/export", response_class=PlainTextResponse)
def export(call: Caller, wanted: Annotated[ExportChoice, Query()]) -> PlainTextResponse:
    """Every product with its published copy; text by a model is labelled where the format can say so."""
    with call.read() as uow:
        listings = export_listings(uow, channel=wanted.channel, locale=wanted.locale, link_template=wanted.link)
        pieces, media_type = write_listings(wanted.format, listings)
        return PlainTextResponse("".join(pieces), media_type=media_type)


@router.post("/imports/preflight")
def check_file(call: Caller, file: Upload, kind: FormatName = "auto", columns: SavedName = "") -> dict[str, Any]:
    """Report on a product file; touches nothing."""
    call.caller.require("read")
    with _opened(call, file, kind, columns) as products:
        report = preflight(products)
    return {**plain_json(report), "problems": [problem_json(bad) for bad in report.problems]}


@router.post("/imports")
def import_file(
    call: Caller,
    file: Upload,
    kind: FormatName = "auto",
    columns: SavedName = "",
    dry: Annotated[bool, Query(description="Say what would change, change nothing.")] = False,
) -> dict[str, Any]:
    """Import products: good rows load, bad rows are named; the whole batch can be undone."""
    with _opened(call, file, kind, columns) as products, call.write("propose") as uow:
        outcome = dry_run(uow, products) if dry else import_products(uow, products)
        return {**plain_json(outcome), "problems": [problem_json(bad) for bad in outcome.problems]}


@router.get("/imports")
def list_imports(call: Caller, limit: Limit = 50) -> dict[str, Any]:
    """The newest imports."""
    with call.read() as uow:
        return {"items": plain_json(import_history(uow, limit=limit))}


@router.post("/imports/{batch_id}/undo")
def take_back(
    call: Caller, batch_id: Annotated[str, Path(max_length=64, description="Id of the import.")]
) -> dict[str, Any]:
    """Remove what an import created, restore what it changed."""
    return call.once("propose", {"undo-import": batch_id}, lambda uow: undo_import(uow, batch_id))


@contextmanager
def _opened(call: Call, upload: UploadFile, kind: str, columns: str) -> Generator[OpenProducts]:
    """The upload as an open file of products."""
    saved = columns_named(call, "products", columns)
    mapping = saved.of_products() if saved else None
    with (
        received(call, upload) as got,
        open_products(got.path, got.currency, name=got.name, kind=kind, mapping=mapping, limits=got.limits) as products,
    ):
        yield products
