"""Import from files into real databases: pre-flight, dry run, load, idempotence, blanks, undo."""

import gzip
from pathlib import Path

import pytest

from zhanggui.catalog.service import importing
from zhanggui.catalog.store import ListingStore, ProductQuery, ProductStore, PublishedListing, search_products
from zhanggui.connectors.product_files import open_products
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.kernel.types import Money

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,\
Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,\
Status,Material (product.metafields.custom.material),Colour of box
linen-shirt,Linen shirt,<p>Cool & light</p>,Nordlys,Apparel > Shirts,Shirt,"summer, linen",TRUE,Size,S,LS-S,210,5,\
39.90,49.90,https://img.example/a.jpg,1,active,linen; cotton,blue
linen-shirt,,,,,,,,,M,LS-M,220,0,39.90,,https://img.example/b.jpg,2,,,
linen-shirt,,,,,,,,,,,,,,,https://img.example/c.jpg,3,,,
mug,Mug,,Nordlys,,Mug,,TRUE,Title,Default Title,MUG-1,300,12,9.00,,,,draft,,
bad-price,Teapot,,Nordlys,,,,TRUE,Title,Default Title,TP-1,900,3,nine,,,,active,,
"""
GENERIC = """sku,name,price,stock,brand,材质,Shelf,tags
A-1,Oak table,199.00,3,Hus,oak,R12,"wood, dining"
A-2,Steel chair,"1,049.50",8,Hus,steel; leather,,metal
A-3,,10.00,1,Hus,oak,,
A-4,Lamp,-5,1,Hus,brass,,
A-5,Rug,49.999,1,Hus,wool,,
A-6,Vase,20.00,many,Hus,clay,,
"""


def import_text(uow: UnitOfWork, folder: Path, text: str | bytes, **options: object) -> importing.ImportOutcome:
    path = folder / "upload.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with open_products(path, "CNY", **options) as file:  # type: ignore[arg-type]
        return importing.import_products(uow, file)


def preflight_text(folder: Path, text: str | bytes) -> importing.Preflight:
    path = folder / "upload.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with open_products(path, "CNY") as file:
        return importing.preflight(file)


def problems(outcome: importing.ImportOutcome | importing.Preflight) -> list[tuple[int | None, str]]:
    return [(bad.row, bad.field) for bad in outcome.problems]


def test_shopify_file_loads_its_good_rows(uow: UnitOfWork, tmp_path: Path) -> None:
    outcome = import_text(uow, tmp_path, SHOPIFY)
    assert (outcome.created, outcome.changed, outcome.rejected) == (2, 0, 1)
    assert problems(outcome) == [(6, "Variant Price")]
    shirt = ProductStore(uow).get("linen-shirt")
    assert [(unit.sku, unit.options, unit.stock) for unit in shirt.variants] == [
        ("LS-S", {"Size": "S"}, 5),
        ("LS-M", {"Size": "M"}, 0),
    ]
    assert shirt.price == Money(3990, "CNY")
    assert shirt.category == ("Apparel", "Shirts")
    assert shirt.attributes == {"Material": ("linen", "cotton")}
    assert [address[-5] for address in shirt.images] == ["a", "b", "c"]
    assert shirt.extra["Colour of box"] == "blue"
    assert shirt.extra["Variant Compare At Price"] == "49.90"
    assert ProductStore(uow).get("mug").status == "draft"


def test_generic_file_guesses_its_columns(uow: UnitOfWork, tmp_path: Path) -> None:
    outcome = import_text(uow, tmp_path, GENERIC)
    assert outcome.created == 2
    assert problems(outcome) == [(4, "name"), (5, "price"), (6, "price"), (7, "stock")]
    chair = ProductStore(uow).get("A-2")
    assert chair.price == Money(104950, "CNY")
    assert chair.attributes == {"材质": ("steel", "leather")}
    assert chair.variants[0].stock == 8
    assert ProductStore(uow).get("A-1").extra == {"Shelf": "R12"}


@pytest.mark.parametrize("text", [SHOPIFY, GENERIC], ids=["shopify", "generic"])
def test_the_same_file_again_changes_nothing(uow: UnitOfWork, tmp_path: Path, text: str) -> None:
    first = import_text(uow, tmp_path, text)
    again = import_text(uow, tmp_path, text)
    assert (again.created, again.changed, again.unchanged) == (0, 0, first.created)


def test_preflight_reports_without_touching_anything(uow: UnitOfWork, tmp_path: Path) -> None:
    report = preflight_text(tmp_path, SHOPIFY + "mug,Mug two,,,,,,,Title,Default Title,LS-S,,,,,,,,,\n")
    assert report.format == "shopify-csv"
    assert (report.rows, report.products, report.problem_count) == (6, 3, 1)
    assert report.unknown_columns == ("Colour of box",)
    assert {(twice.kind, twice.value) for twice in report.duplicates} == {("id", "mug"), ("sku", "LS-S")}
    assert (report.encoding, report.delimiter) == ("utf-8", ",")
    assert ProductStore(uow).all_ids().is_empty()


def test_preflight_warns_of_columns_that_would_blank(uow: UnitOfWork, tmp_path: Path) -> None:
    import_text(uow, tmp_path, GENERIC)
    blank = "sku,name,brand,price\nA-1,Oak table,,199.00\nA-2,Steel chair,,1049.50\n"
    assert preflight_text(tmp_path, blank).blank_columns == ("brand",)
    path = tmp_path / "upload.csv"
    with open_products(path, "CNY") as file:
        outcome = importing.dry_run(uow, file)
    assert (outcome.changed, outcome.blanked, outcome.batch_id) == (2, {"brand": 2}, None)
    assert ("A-1", "brand", "Hus", "") in [
        (sample.product_id, sample.field, sample.before, sample.after) for sample in outcome.samples
    ]
    assert ProductStore(uow).get("A-1").brand == "Hus"


def test_columns_that_are_absent_change_nothing(uow: UnitOfWork, tmp_path: Path) -> None:
    import_text(uow, tmp_path, GENERIC)
    before = ProductStore(uow).get("A-1")
    outcome = import_text(uow, tmp_path, "sku,price\nA-1,150.00\nA-9,1.00\n")
    assert (outcome.created, outcome.changed) == (0, 1)
    assert problems(outcome) == [(3, "title")]
    after = ProductStore(uow).get("A-1")
    assert after.price == Money(15000, "CNY")
    assert (after.title, after.brand, after.attributes, after.extra) == (
        before.title,
        before.brand,
        before.attributes,
        before.extra,
    )
    assert (after.variants[0].stock, after.variants[0].price) == (3, Money(15000, "CNY"))


def test_undo_removes_the_created_and_restores_the_changed(uow: UnitOfWork, tmp_path: Path) -> None:
    store = ProductStore(uow)
    import_text(uow, tmp_path, SHOPIFY)
    before = {product.id: product for product in store.walk()}
    second = import_text(uow, tmp_path, SHOPIFY.replace("39.90", "45.00") + "new,New thing" + "," * 18 + "\n")
    assert (second.created, second.changed) == (1, 1)
    assert store.get("linen-shirt").variants[1].price == Money(4500, "CNY")
    undone = importing.undo_import(uow, second.batch_id or "")
    assert (undone.removed, undone.restored, undone.left) == (1, 1, ())
    assert {product.id: product for product in store.walk()} == before
    with pytest.raises(Conflict):
        importing.undo_import(uow, second.batch_id or "")


def test_undo_leaves_what_was_edited_or_published_since(uow: UnitOfWork, tmp_path: Path) -> None:
    store = ProductStore(uow)
    first = import_text(uow, tmp_path, GENERIC + "A-7,Bowl,5.00,1,Hus,clay,,\n")
    import_text(uow, tmp_path, "sku,price\nA-1,150.00\n")
    listing = PublishedListing("k1", "A-2", "plain", "en", {"title": "x"}, {}, True, "", uow.clock.now())
    assert ListingStore(uow).publish(listing)
    undone = importing.undo_import(uow, first.batch_id or "")
    assert (undone.removed, undone.left) == (1, ("A-1", "A-2"))
    assert list(store.all_ids()) == ["A-1", "A-2"]


def test_one_merchant_never_sees_anothers(database: Database, tmp_path: Path, uow: UnitOfWork) -> None:
    import_text(uow, tmp_path, GENERIC)
    other = UnitOfWork(uow.connection, "m2", uow.actor, uow.clock)
    assert ProductStore(other).all_ids().is_empty()
    assert search_products(other, ProductQuery()).total == 0
    outcome = import_text(other, tmp_path, GENERIC)
    assert outcome.created == 2
    importing.undo_import(other, outcome.batch_id or "")
    assert search_products(uow, ProductQuery()).total == 2


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_every_usual_encoding_gives_the_same_products(uow: UnitOfWork, tmp_path: Path, codec: str) -> None:
    text = "sku,标题,价格,材质\nA-1,橡木餐桌，四人位,199.00,橡木\nA-2,不锈钢餐椅,88.00,不锈钢\n"
    outcome = import_text(uow, tmp_path, gzip.compress(text.encode(codec)))
    assert outcome.created == 2
    assert ProductStore(uow).get("A-1").title == "橡木餐桌，四人位"


def test_text_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"UTF-8, UTF-16 or GBK/GB18030"):
        preflight_text(tmp_path, "sku,name\nA,Café crème\nB,Señor\n".encode("latin-1"))
