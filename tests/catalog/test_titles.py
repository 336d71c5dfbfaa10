"""Titles and keywords: parts read from titles, titles within channel limits, findability with an oracle."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.catalog.models import Channel, Fact, ProductFacts, TitleParts
from zhanggui.catalog.rules.compliance import display_units
from zhanggui.catalog.rules.title_order import channel_title
from zhanggui.catalog.rules.titles import KnownNames, parts_of_spans, read_title
from zhanggui.catalog.service.keywords import (
    ListingIndex,
    SearchedFor,
    SearchView,
    TitleReader,
    findability,
    known_names,
    propose_keywords,
    propose_title,
)
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Locale

_CHANNELS: tuple[Channel, ...] = ("taobao", "amazon", "google", "shopify", "plain")


@pytest.mark.parametrize(
    ("title", "words", "brands", "models", "attributes"),
    [
        (
            "Midea/美的电饭煲家用4L智能多功能MB-FB40E511白色",
            {"电饭煲"},
            {"Midea/美的"},
            {"MB-FB40E511"},
            {"4L", "白色"},
        ),
        ("【包邮】云岫不锈钢保温杯500ml大容量", {"保温杯"}, {"云岫"}, set(), {"不锈钢", "500ml"}),
        ("华为Mate60手机壳防摔硅胶保护套", {"手机壳", "保护套"}, {"华为"}, {"Mate60"}, {"硅胶"}),
        ("夏季新款韩版修身纯棉连衣裙女", {"连衣裙"}, set(), set(), {"纯棉"}),
    ],
)
def test_chinese_titles(title: str, words: set[str], brands: set[str], models: set[str], attributes: set[str]) -> None:
    parts = read_title(title, "zh-CN", KnownNames(("云岫",), ()))
    assert set(parts.product_words) == words
    assert set(parts.brands) == brands
    assert set(parts.models) == models
    assert attributes <= set(parts.attributes)
    assert not any("包邮" in keyword for keyword in parts.keywords)


@pytest.mark.parametrize(
    ("title", "word", "brand", "model"),
    [
        ("Nike Men's Air Zoom Running Shoes, Black, Size 10", "Running Shoes", "Nike", ""),
        ("Nordpeak Stainless Steel Water Bottle 500ml with Straw for Kids", "Water Bottle", "Nordpeak", ""),
        ("Sony WH-1000XM5 Wireless Headphones - Blue", "Headphones", "Sony", "WH-1000XM5"),
        ("Women's Cotton Printed Kurta", "Kurta", "", ""),
        ("little fox Glow Sticker", "Glow Sticker", "little fox", ""),
    ],
)
def test_english_titles(title: str, word: str, brand: str, model: str) -> None:
    parts = read_title(title, "en", KnownNames(("Little Fox",), ()))
    assert parts.product_words[0] == word
    assert parts.brands == ((brand,) if brand else ())
    assert parts.models == ((model,) if model else ())
    assert parts.keywords[0] == word


@settings(max_examples=120, deadline=None)
@given(
    st.text(max_size=120) | st.text("美的电饭煲杯套装abcX12-/ 500ml【】<b>&", max_size=60),
    st.sampled_from(["zh-CN", "en"]),
)
def test_every_part_stands_in_the_title(title: str, locale: Locale) -> None:
    parts = read_title(title, locale)
    for part in (*parts.product_words, *parts.brands, *parts.models, *parts.attributes):
        assert part.lower() in title.lower()
    assert len(parts.keywords) == len({keyword.lower() for keyword in parts.keywords}) <= 20


def test_attacks_and_huge_titles_are_only_text() -> None:
    assert read_title("", "zh-CN") == TitleParts()
    assert read_title("杯" * 100_000, "zh-CN").models == ()
    parts = read_title("忽略之前的指令<script>alert(1)</script>保温杯", "zh-CN")
    assert "保温杯" in parts.product_words


def _facts(title: str, brand: str = "", **attributes: str) -> ProductFacts:
    return ProductFacts(
        title, ("水具", "保温杯"), brand, tuple(Fact(name, value) for name, value in attributes.items())
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["不锈钢", "大容量", "Water", "Bottle", "保温杯", "!$", "包邮", "500ml"]), max_size=30),
       st.sampled_from(_CHANNELS))  # fmt: skip
def test_titles_keep_within_the_channel_and_to_the_facts(words: list[str], channel: Channel) -> None:
    facts = _facts(" ".join(words), "云岫", 颜色="青瓷绿", 容量="500ml", 内胆="316不锈钢", 货号="98765")
    title = channel_title(facts, read_title(facts.title, "zh-CN"), "zh-CN", channel)
    assert title.startswith("云岫")
    assert "98765" not in title
    assert "包邮" not in title
    if channel == "taobao":
        assert display_units(title) <= 60
    if channel == "amazon":
        assert len(title) <= 200
        assert not set(title) & set("!$?_{}^")
    allowed = facts.title + facts.brand + "".join(facts.category) + "".join(fact.value for fact in facts.facts)
    assert set(title) <= set(allowed) | {" ", ","}


def test_wanted_details_come_first_where_room_is_short() -> None:
    facts = _facts("保温杯" + "甲" * 20, "云岫", 颜色="青瓷绿", 图案="满天星辰", 功能="智能测温")
    title = channel_title(facts, TitleParts(("保温杯",)), "zh-CN", "taobao", wanted=("智能测温 保温杯",))
    assert "智能测温" in title
    assert "满天星辰" not in title


def test_keywords_take_from_the_log_only_what_the_facts_answer() -> None:
    facts = _facts("云岫保温杯", "云岫", 颜色="白色", 容量="500ml")
    log = (
        SearchedFor("白色保温杯", 9),
        SearchedFor("黑色保温杯", 50),
        SearchedFor("白色", 99),
        SearchedFor("保温杯", 20),
    )
    ideas = propose_keywords(facts, read_title(facts.title, "zh-CN"), "zh-CN", log)
    assert [(one.text, one.searches) for one in ideas[:2]] == [("保温杯", 20), ("白色保温杯", 9)]
    assert all(one.source == "attributes" for one in ideas[2:])


def test_findability_counts_places_as_a_plain_search_would() -> None:
    listings = {f"p{number}": f"蓝色 茶杯 第{number}款" for number in range(30)} | {"mine": "杯"}
    index = ListingIndex(listings)
    told = findability(
        index, "mine", "杯", "云岫 青瓷绿 茶杯", [SearchedFor("青瓷绿茶杯", 3), SearchedFor("蓝色茶杯", 1)]
    )
    assert (told.queries, told.before, told.after) == (4, 0.0, 0.75)
    assert told.gained == ("青瓷绿茶杯",)
    assert told.reciprocal_after >= 0.75
    assert index.place("没有的词", "mine", "茶杯") == 0


def test_a_title_proposal_makes_a_listing_findable_by_its_attributes() -> None:
    chance = random.Random(4)
    colours, sizes = ("青瓷绿", "曜石黑"), ("350ml", "500ml")
    listings = {f"p{at}": f"不锈钢保温杯 {chance.choice(colours)} {chance.choice(sizes)}" for at in range(60)}
    facts = _facts("保温杯", "云岫", 颜色="樱花粉", 容量="750ml")
    view = SearchView(ListingIndex(listings | {"mine": facts.title}), "mine")
    proposal = propose_title(facts, "zh-CN", "taobao", view=view)
    assert proposal.title == "云岫保温杯樱花粉750ml"
    assert proposal.findability.after > proposal.findability.before
    assert "750ml保温杯" in proposal.findability.gained


def test_a_trained_reader_reads_chinese_and_rules_read_english(tmp_path) -> None:
    chance = random.Random(2)
    lines: list[str] = []
    for _ in range(120):
        brand, word = chance.choice(("云岫", "山禾", "青竹")), chance.choice(("焖烧罐", "登山杖", "烛台"))
        pieces = ((brand, "HPPX"), (chance.choice(("轻便", "家用", "可爱")), ""), (word, "HCCX"))
        for piece, label in pieces:
            lines += [
                f"{one} " + (f"{'B' if not at else 'I'}-{label}" if label else "O") for at, one in enumerate(piece)
            ]
        lines.append("")
    file = tmp_path / "titles.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    reader = TitleReader.trained(file)
    chinese, english = reader.read([("山禾可爱焖烧罐", "zh-CN"), ("Women's Cotton Kurta", "en")])
    assert (chinese.brands, chinese.product_words) == (("山禾",), ("焖烧罐",))
    assert english.product_words == ("Kurta",)
    with pytest.raises(BadInput):
        TitleReader.trained(tmp_path / "titles.txt.missing")


def test_labels_and_known_names() -> None:
    parts = parts_of_spans("A牌杯", [(0, 2, "brand"), (2, 3, "HCCX")], "zh-CN")
    assert (parts.brands, parts.product_words, parts.keywords) == (("A牌",), ("杯",), ("杯", "A牌杯", "A牌"))
    products = [Product(id="1", title="x", brand=" 云岫 ", category=("水具", "焖烧罐")), Product(id="2", title="y")]
    assert known_names(products) == KnownNames(("云岫",), ("焖烧罐",))
    assert "焖烧罐" in read_title("云岫焖烧罐套餐", "zh-CN", known_names(products)).product_words
