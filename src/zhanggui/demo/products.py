"""The catalogue: product sheets made into products in two languages, with their variants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from zhanggui.demo.records import SYNTHETIC, Bilingual, DemoProduct, Trap
from zhanggui.demo.source import bilingual, colours, read
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.types import Locale, Money

CATEGORIES = ("outdoor", "kitchen", "skincare", "apparel", "electronics")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One hand-written product, as it stands in `data/products/`."""

    id: str
    kind: str
    brand: str
    name: str
    title: str
    about: str
    price: float
    cost: float
    demand: float
    season: str
    colours: str
    supply: str
    love: str
    gripe: str
    search: str
    facts: dict[str, str]
    sizes: str = ""
    repeat: int = 0
    life: int = 0
    launch: int = 0
    end: int = 0
    trap: Trap = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that sheets point at, and the numbers that belong to categories and seasons."""

    brands: dict[str, str]
    categories: dict[str, dict[str, Any]]
    groups: dict[str, str]
    attributes: dict[str, str]
    colours: dict[str, str]
    seasons: dict[str, list[float]]
    baskets: list[tuple[str, str, float]]
    group_of: Mapping[str, Bilingual] = field(default_factory=dict[str, Bilingual])


@cache
def sheets() -> tuple[tuple[str, Sheet], ...]:
    """Every product sheet with its category."""
    return tuple((category, sheet) for category in CATEGORIES for sheet in read(f"products/{category}", list[Sheet]))


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary file."""
    return read("vocabulary", Vocabulary)


def options(sheet: Sheet) -> list[tuple[str, str]]:
    """(colour key, size) of each variant, in the sheet's order; size is "" where there is only one."""
    return [(colour, size) for colour in sheet.colours.split() for size in (sheet.sizes.split() or [""])]


def sku_of(product_id: str, colour: str, size: str) -> str:
    """The SKU of a variant, such as `APP-401-PINE-M`."""
    return "-".join(part for part in (product_id, colour.upper(), size) if part)


def picture_name(product_id: str, colour: str) -> str:
    """What a product's image list calls its drawing."""
    return f"demo/{product_id}-{colour}.svg"


def make_products(today: date, first_day: date, stock: Mapping[str, int]) -> tuple[DemoProduct, ...]:
    """All products as they stand on `today`; `stock` gives each SKU's units on hand."""
    words = vocabulary()
    return tuple(_product(category, sheet, words, (today, first_day), stock) for category, sheet in sheets())


def _product(
    category: str, sheet: Sheet, words: Vocabulary, span: tuple[date, date], stock: Mapping[str, int]
) -> DemoProduct:
    today, first_day = span
    zh_search, en_search = bilingual(sheet.search).zh, bilingual(sheet.search).en
    return DemoProduct(
        id=sheet.id,
        category=category,
        kind=sheet.kind,
        name=bilingual(sheet.name),
        zh=_record(category, sheet, words, "zh-CN", stock),
        en=_record(category, sheet, words, "en", stock),
        price=Money.parse(sheet.price, "CNY"),
        season=sheet.season,
        demand=sheet.demand,
        love=bilingual(sheet.love),
        gripe=bilingual(sheet.gripe),
        searches=(tuple(zh_search.split("；")), tuple(part.strip() for part in en_search.split(";"))),
        launched=today - timedelta(days=sheet.launch) if sheet.launch else first_day,
        discontinued=today - timedelta(days=sheet.end) if sheet.end else None,
        repeat_days=sheet.repeat,
        trap=sheet.trap,
    )


def _record(category: str, sheet: Sheet, words: Vocabulary, locale: Locale, stock: Mapping[str, int]) -> Product:
    brand = bilingual(words.brands[sheet.brand]).of(locale)
    path = (bilingual(words.categories[category]["name"]).of(locale), _group(words, sheet.kind).of(locale))
    return Product(
        id=sheet.id,
        title=bilingual(sheet.title).of(locale) if sheet.trap != "html" else _html(sheet.title, locale),
        description=bilingual(sheet.about).of(locale) if sheet.trap != "html" else _html(sheet.about, locale),
        category=path,
        brand=brand,
        attributes=_attributes(sheet, words, locale),
        price=Money.parse(sheet.price, "CNY"),
        images=tuple(picture_name(sheet.id, colour) for colour in sheet.colours.split()),
        tags=("synthetic", sheet.season, *(["consumable"] if sheet.repeat else [])),
        variants=tuple(_variants(sheet, locale, stock)),
        status="archived" if sheet.end else "active",
        extra={"label": SYNTHETIC},
    )


def _html(text: str, locale: Locale) -> str:
    """Markup holds slashes of its own, so the languages part at " / " only."""
    zh, _, en = text.partition(" / ")
    return zh if locale == "zh-CN" else en


def _group(words: Vocabulary, kind: str) -> Bilingual:
    for kinds, name in words.groups.items():
        if kind in kinds.split():
            return bilingual(name)
    return Bilingual("其他", "Other")


def _attributes(sheet: Sheet, words: Vocabulary, locale: Locale) -> dict[str, tuple[str, ...]]:
    """Attribute name -> values, in the sheet's order, colours and sizes last."""
    mark = "；" if locale == "zh-CN" else ";"
    found = {
        bilingual(words.attributes[key]).of(locale): tuple(
            part.strip() for part in bilingual(text).of(locale).replace("；", mark).split(mark)
        )
        for key, text in sheet.facts.items()
    }
    found[bilingual(words.attributes["colour"]).of(locale)] = tuple(
        colours()[colour][0].of(locale) for colour in sheet.colours.split()
    )
    if sheet.sizes:
        found[bilingual(words.attributes["sizes"]).of(locale)] = tuple(sheet.sizes.split())
    return found


def _variants(sheet: Sheet, locale: Locale, stock: Mapping[str, int]) -> list[Variant]:
    colour_name, size_name = ("颜色", "尺码") if locale == "zh-CN" else ("Colour", "Size")
    made: list[Variant] = []
    for colour, size in options(sheet):
        chosen = {colour_name: colours()[colour][0].of(locale)} | ({size_name: size} if size else {})
        sku = sku_of(sheet.id, colour, size)
        made.append(
            Variant(
                sku=sku,
                title=" / ".join(chosen.values()),
                options=chosen,
                price=Money.parse(sheet.price, "CNY"),
                stock=stock.get(sku, 0),
            )
        )
    return made
