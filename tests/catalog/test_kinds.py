"""What a text says that a product is, against what its facts call it."""

import pytest

from zhanggui.catalog.models import ClaimKind, ListingCopy, ProvedCopy, Voice
from zhanggui.catalog.rules import facts_of, prove
from zhanggui.catalog.rules.kinds import find_kinds, is_a, kinds_in
from zhanggui.kernel.types import Locale


def _proved(copy: ListingCopy, title: str, locale: Locale = "en", **attributes: str) -> ProvedCopy:
    facts = facts_of({"id": "1", "title": title, "attributes": attributes})
    return prove(copy, facts, locale=locale, channel="plain", voice=Voice())


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("This Mulberry Bag is made of leather.", "Bag"),
        ("This shirt collar dress features pockets.", "dress"),
        ("Wear it with jeans and a jacket.", ""),
        ("这款复古的休闲裤非常舒适", "休闲裤"),
        ("这款衬衫领连衣裙，", "连衣裙"),
        ("搭配牛仔裤更好看", ""),
    ],
)
def test_only_what_a_text_calls_the_product_itself(text: str, noun: str) -> None:
    assert [text[one.start : one.end] for one in find_kinds(text)] == ([noun] if noun else [])


def test_a_kind_covers_the_wider_and_the_narrower() -> None:
    assert is_a("shoes", kinds_in("white sneakers"))
    assert is_a("sneakers", kinds_in("shoe"))
    assert not is_a("sandals", kinds_in("leather boots"))
    assert not is_a("shirt", kinds_in("denim trousers, clothing"))
    assert is_a("bag", kinds_in("nothing of ours"))


def test_an_invented_noun_is_an_unsupported_hard_claim() -> None:
    copy = ListingCopy("Mulberry", description="This Mulberry bag is ready to use.")
    proved = _proved(copy, "Mulberry", Type="sunglasses")
    assert [(c.text, c.kind) for c in proved.claims if c.hard and not c.supported] == [("bag", ClaimKind.PRODUCT)]
    assert not proved.publishable


def test_an_invented_noun_in_a_title_is_found() -> None:
    proved = _proved(ListingCopy("Mulberry Bag in 12 cm"), "Mulberry", Type="sunglasses")
    assert [c.text for c in proved.claims if c.kind is ClaimKind.PRODUCT and not c.supported] == ["Bag"]


def test_what_the_facts_call_it_is_supported_with_its_fact() -> None:
    proved = _proved(ListingCopy("牛仔裙", description="这款短裙采用牛仔面料"), "牛仔裙", "zh-CN", 类型="裙")
    (claim,) = [c for c in proved.claims if c.kind is ClaimKind.PRODUCT]
    assert claim.supported
    assert claim.evidence
