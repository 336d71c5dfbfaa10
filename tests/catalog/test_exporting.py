"""What leaves: live copy instead of the product's own text, AI text labelled, markup and formulas harmless."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zhanggui.catalog.service import importing
from zhanggui.catalog.service.exporting import export_listings
from zhanggui.catalog.store import ListingStore, ProductStore, PublishedListing
from zhanggui.connectors.google_merchant import write_tsv, write_xml
from zhanggui.connectors.product_files import open_products
from zhanggui.connectors.schema_org import json_ld, script_element
from zhanggui.connectors.shopify_csv import shopify_rows
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money

NASTY = '</script><script>alert("x")</script>'
PRICE = Money(1999, "USD")
SHIRT = Product(
    "shirt",
    "Own title",
    description=f"<p>Cool &amp; light</p>{NASTY}",
    brand="Nordlys",
    category=("Apparel", "Shirts"),
    attributes={"Material": ("linen",), "Note": (NASTY,)},
    price=PRICE,
    images=("https://img.example/1.jpg", "https://img.example/2.jpg"),
    variants=(
        Variant("S-1", "S", {"Size": "S"}, PRICE, 3, "5784719087687"),
        Variant("=cmd", "M", {"Size": "M"}, PRICE, 0),
    ),
)


@pytest.fixture
def shop(uow: UnitOfWork) -> UnitOfWork:
    ProductStore(uow).create([SHIRT, Product("plain", "Plain", price=PRICE)], "imp_1")
    copy = {"title": 'New "title" <b>', "description": "One & two\nThree", "bullets": ["<i>four</i>"]}
    version = PublishedListing("k", "shirt", "google", "en", copy, {}, True, "", uow.clock.now())
    ListingStore(uow).publish(version)
    return uow


def exported(shop: UnitOfWork):
    return list(export_listings(shop, channel="google", locale="en", link_template="https://shop.example/{id}"))


def test_live_copy_replaces_own_text_and_is_escaped(shop: UnitOfWork) -> None:
    plain, shirt = exported(shop)
    assert (plain.product.title, plain.ai_fields) == ("Plain", frozenset())
    assert shirt.ai_fields == {"title", "description"}
    body = shopify_rows(shirt.product)[0]["Body (HTML)"]
    assert body == "<p>One &amp; two</p><p>Three</p><ul><li>&lt;i&gt;four&lt;/i&gt;</li></ul>"


def test_google_text_feed_labels_ai_text(shop: UnitOfWork) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(write_tsv(exported(shop)))), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["id"] for row in rows] == ["plain", "S-1", "'=cmd"]
    assert rows[1]["structured_title"] == 'trained_algorithmic_media:"New ""title"" <b>"'
    assert rows[1]["structured_description"] == 'trained_algorithmic_media:"One & two Three <i>four</i>"'
    assert (rows[1]["title"], rows[0]["title"], rows[0]["structured_title"]) == ("", "Plain", "")
    assert [row["availability"] for row in rows] == ["in_stock", "in_stock", "out_of_stock"]
    assert (rows[1]["item_group_id"], rows[1]["size"], rows[1]["price"]) == ("shirt", "S", "19.99 USD")


def test_google_xml_feed_is_well_formed(shop: UnitOfWork) -> None:
    text = "".join(write_xml(exported(shop), title="Shop & co", link="https://shop.example"))
    space = "{http://base.google.com/ns/1.0}"
    items = ElementTree.fromstring(text).findall("channel/item")
    assert items[1].findtext(f"{space}structured_title/{space}content") == 'New "title" <b>'
    assert items[1].findtext(f"{space}structured_title/{space}digital_source_type") == "trained_algorithmic_media"
    assert items[1].find(f"{space}title") is None
    assert items[0].findtext(f"{space}title") == "Plain"


def test_json_ld_cannot_leave_its_element(shop: UnitOfWork) -> None:
    _plain, shirt = exported(shop)
    element = script_element(shirt)
    assert element.count("<") == element.count(">") == 2
    inner = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    found = json.loads(inner)
    assert found == json_ld(shirt)
    assert found["description"] == "One & two\nThree\n<i>four</i>"
    assert found["offers"][0]["price"] == "19.99"
    assert found["additionalProperty"][1]["value"] == NASTY


SETS = [
    ("dummyjson/products.json", "dummyjson", 194, 0.0),
    ("flipkart_sample/products.csv", "flipkart-sample", 400, 0.02),
    ("myntra_catalog/products.csv", "myntra-catalog", 9_000, 0.02),
    ("advertisegen_dev/dev.json", "advertisegen", 500, 0.02),
]


@pytest.mark.parametrize(("file", "kind", "least", "bad_share"), SETS, ids=[entry[1] for entry in SETS])
def test_public_sets_load(
    uow: UnitOfWork, shared_data: Path, file: str, kind: str, least: int, bad_share: float
) -> None:
    path = shared_data / file
    if not path.exists():
        pytest.skip(f"{file} is not among the public data sets here")
    with open_products(path, "INR", kind=kind) as opened:
        outcome = importing.import_products(uow, opened)
        again = importing.dry_run(uow, opened)
    assert outcome.created >= least
    assert outcome.rejected <= bad_share * outcome.created
    assert (again.created, again.changed, again.unchanged) == (0, 0, outcome.created)
    described = sum(1 for product in ProductStore(uow).walk() if product.attributes)
    assert described >= 0.9 * outcome.created


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="format"), open_products(path, "CNY", kind="excel"):
        pass
