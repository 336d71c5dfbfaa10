"""Listing, searching and paging through products; published listings; voices; the search log; saved mappings."""

import pytest
from hypothesis import given, settings
from tests.connectors.strategies import products

from zhanggui.catalog.models import Voice
from zhanggui.catalog.store import (
    ImportStore,
    ListingStore,
    ProductQuery,
    ProductStore,
    PublishedListing,
    SearchLog,
    VoiceStore,
    search_products,
)
from zhanggui.catalog.store.rows import from_row, to_row, to_variant_rows
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money


def made(number: int) -> Product:
    price = Money((number * 37) % 1000, "CNY") if number % 5 else None
    return Product(
        id=f"P{number:03d}",
        title=f"{'Oak' if number % 2 else '橡木'} table {number % 7}",
        category=("Home", "Tables" if number % 3 else "Desks"),
        brand=["Hus", "Acme"][number % 2],
        price=price,
        variants=(Variant(f"SKU-{number}", price=price, stock=number % 4),),
        attributes={"Z": ("1",), "A": ("2", "3")},
    )


@pytest.fixture
def store(uow: UnitOfWork) -> ProductStore:
    found = ProductStore(uow)
    found.create([made(number) for number in range(60)], "imp_1")
    return found


@settings(max_examples=100, deadline=None)
@given(products())
def test_rows_hold_a_product_exactly(product: Product) -> None:
    back = from_row(to_row(product), to_variant_rows(product))
    assert back == product
    assert list(back.attributes) == list(product.attributes)


@pytest.mark.parametrize("sort", ["id", "title", "price", "stock", "updated"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_cover_everything_once_in_order(
    uow: UnitOfWork, store: ProductStore, sort: str, descending: bool
) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        query = ProductQuery(sort=sort, descending=descending, cursor=cursor, limit=7)  # type: ignore[arg-type]
        page = search_products(uow, query)
        assert page.total == 60
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    by_id = {product.id: product for product in store.walk()}
    keys = {
        "id": lambda key: key,
        "title": lambda key: (by_id[key].title, key),
        "price": lambda key: (by_id[key].price.minor if by_id[key].price else -1, key),
        "stock": lambda key: (by_id[key].variants[0].stock, key),
        "updated": lambda key: key,
    }
    assert seen == sorted(by_id, key=keys[sort], reverse=descending)


def test_filters_agree_with_a_plain_loop(uow: UnitOfWork, store: ProductStore) -> None:
    everything = list(store.walk())
    cases = {
        ProductQuery(text="oak 3"): lambda found: "oak" in found.title.lower() and "3" in found.title + found.id[:1],
        ProductQuery(text="橡木"): lambda found: "橡木" in found.title,
        ProductQuery(text="sku-12"): lambda found: found.variants[0].sku == "SKU-12",
        ProductQuery(text="100%"): lambda found: False,
        ProductQuery(category=("Home",)): lambda found: True,
        ProductQuery(category=("Home", "Desks")): lambda found: found.category[1] == "Desks",
        ProductQuery(category=("Ho",)): lambda found: False,
        ProductQuery(brand="Acme", in_stock=True): lambda found: found.brand == "Acme" and found.variants[0].stock,
        ProductQuery(least_price=200, most_price=400): lambda found: found.price and 200 <= found.price.minor <= 400,
        ProductQuery(status="draft"): lambda found: False,
        ProductQuery(batch="imp_1"): lambda found: True,
    }
    for query, right in cases.items():
        page = search_products(uow, query)
        assert {item.id for item in page.items} == {found.id for found in everything if right(found)} or page.total > 50
        assert page.total == sum(1 for found in everything if right(found))


def test_a_foreign_cursor_is_refused(uow: UnitOfWork, store: ProductStore) -> None:
    cursor = search_products(uow, ProductQuery(sort="title", limit=5)).next_cursor
    for wrong in (ProductQuery(sort="price", cursor=cursor), ProductQuery(cursor="x"), ProductQuery(cursor="bm9wZQ==")):
        with pytest.raises(BadInput, match="cursor"):
            search_products(uow, wrong)


def test_products_are_found_by_any_sku(uow: UnitOfWork, store: ProductStore) -> None:
    several = Product(
        "multi", "Shirt", variants=(Variant("M-S", "S", {"Size": "S"}), Variant("M-L", "L", {"Size": "L"}))
    )
    same = Product("SAME", "Mug", variants=(Variant("SAME"),))
    for product in (several, same):
        store.save(product)
    assert store.find_by_sku("M-L") == several
    assert store.find_by_sku("SAME") == same
    assert store.find_by_sku("SKU-3") == made(3)
    assert store.find_by_sku("none") is None
    assert search_products(uow, ProductQuery(text="M-L")).items[0].id == "multi"
    with pytest.raises(NotFound):
        store.get("nobody")


def listing(key: str, title: str, uow: UnitOfWork) -> PublishedListing:
    return PublishedListing(key, "P001", "google", "en", {"title": title}, {"claims": []}, True, "", uow.clock.now())


def test_listings_keep_their_history_and_can_be_withdrawn(uow: UnitOfWork, store: ProductStore) -> None:
    listings = ListingStore(uow)
    assert listings.publish(listing("a", "first", uow))
    assert listings.publish(listing("b", "second", uow))
    assert not listings.publish(listing("b", "second", uow))
    live = listings.live("P001", "google", "en")
    assert live is not None
    assert (live.copy, live.actor) == ({"title": "second"}, "person:tester")
    with pytest.raises(Conflict):
        listings.withdraw("a")
    before = listings.withdraw("b")
    assert before is not None
    assert before.id == "a"
    assert listings.withdraw("a") is None
    assert [version.id for version in listings.history("P001")] == ["b", "a"]
    assert listings.live_of(["P001"], "google", "en") == {}
    with pytest.raises(NotFound):
        listings.withdraw("zzz")


def test_voices_mappings_and_searches_are_kept(uow: UnitOfWork) -> None:
    voices, log, imports = VoiceStore(uow), SearchLog(uow), ImportStore(uow)
    voice = Voice("warm", "short sentences", ("Come in.",), ("cheap",))
    voices.save(voice)
    assert (voices.get("warm"), voices.all(), voices.get("none")) == (voice, (voice,), Voice("none"))
    assert voices.delete("warm")
    for query, results in (("Oak table", 3), ("oak table ", 0), ("rug", 1)):
        log.add(query, results)
    assert log.frequent() == (("oak table", 2, 1), ("rug", 1, 0))
    imports.save_mapping("supplier", {"columns": {"Nr": "id"}})
    imports.save_mapping("supplier", {"columns": {"Nr": "sku"}})
    assert imports.mappings() == {"supplier": {"columns": {"Nr": "sku"}}}
