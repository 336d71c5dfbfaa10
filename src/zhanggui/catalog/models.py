"""The words of the catalogue: copy, claims with their proof, checks, keywords, channels. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from zhanggui.kernel.types import Locale

CopyField = Literal["title", "bullets", "description", "keywords", "seo_title", "seo_description"]
Channel = Literal["taobao", "amazon", "google", "shopify", "plain"]


class ClaimKind(StrEnum):
    """What a claim asserts. `SOFT` is subjective wording, allowed and marked; every other kind is hard."""

    QUANTITY = "quantity"  # a number with a unit: 500 ml, 16 cm, 1.5 kg, 100%
    COUNT = "count"  # pieces, packs, pockets
    SIZE = "size"  # S, XL, 42
    MATERIAL = "material"
    COLOUR = "colour"
    BRAND = "brand"
    MODEL = "model"
    ORIGIN = "origin"
    CERTIFICATION = "certification"
    COMPATIBILITY = "compatibility"
    CARE = "care"
    FEATURE = "feature"  # waterproof, free of ..., five pockets, hooded
    PRICE = "price"
    PROMISE = "promise"  # delivery, warranty, returns
    PRODUCT = "product"  # what the thing is: this bag, 这款短裙
    SUPERLATIVE = "superlative"
    EFFICACY = "efficacy"  # medical or health effect
    AUDIENCE = "audience"  # for men, for children
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a product: an attribute (or title, brand, price ...) and one of its values, verbatim."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A factual assertion found in copy. `start` and `end` are character offsets into the text of `field`
    (for bullets and keywords: into the item numbered `item`)."""

    text: str
    field: CopyField
    start: int
    end: int
    kind: ClaimKind
    supported: bool
    evidence: tuple[Fact, ...] = ()
    item: int = 0
    reason: str = ""
    reason_zh: str = ""

    def told(self, locale: Locale) -> str:
        """Why it is unsupported, in a language; in English where nothing else is known."""
        return self.reason_zh or self.reason if locale == "zh-CN" else self.reason

    @property
    def hard(self) -> bool:
        """Whether publishing needs proof."""
        return self.kind is not ClaimKind.SOFT


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """One check of a copy: passed or failed, with its reason; a blocking one that failed stops publishing."""

    name: str
    passed: bool
    reason: str
    blocking: bool = True
    reason_zh: str = ""

    def told(self, locale: Locale) -> str:
        """The reason in a language, in English where nothing else is known."""
        return self.reason_zh or self.reason if locale == "zh-CN" else self.reason


@dataclass(frozen=True, slots=True)
class ListingCopy:
    """What a shopper reads: the text of one listing in one language for one channel."""

    title: str
    bullets: tuple[str, ...] = ()
    description: str = ""
    keywords: tuple[str, ...] = ()
    seo_title: str = ""
    seo_description: str = ""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """Everything that may be claimed about a product. `title` may be empty; facts keep their order and wording."""

    title: str
    category: tuple[str, ...]
    brand: str
    facts: tuple[Fact, ...]
    price: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """A merchant's saved writing style."""

    name: str = "default"
    style: str = ""
    examples: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvedCopy:
    """A copy with its claims and checks, and what was cut to make it publishable."""

    copy: ListingCopy
    claims: tuple[Claim, ...]
    checks: tuple[CopyCheck, ...]
    cut: tuple[str, ...] = ()

    @property
    def publishable(self) -> bool:
        """Every blocking check passed and no hard claim is unsupported."""
        return all(check.passed or not check.blocking for check in self.checks) and all(
            claim.supported or not claim.hard for claim in self.claims
        )


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """What to write: for which product, language, channel and voice."""

    facts: ProductFacts
    locale: Locale
    channel: Channel
    voice: Voice = field(default_factory=Voice)


@dataclass(frozen=True, slots=True)
class TitleParts:
    """What a title is made of, as extracted."""

    product_words: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
