"""A title made for a channel: the order its shoppers search in, as much as its limit takes, words of the facts only."""

import re
from collections.abc import Sequence

from zhanggui.catalog.models import Channel, ListingCopy, ProductFacts, TitleParts
from zhanggui.catalog.rules.fitting import fit_channel
from zhanggui.catalog.rules.titles import fillers
from zhanggui.catalog.rules.tokens import CJK
from zhanggui.kernel.types import Locale

_NO_DETAIL = re.compile(r"(?i)sku|编码|条码|货号|code|ean|upc|asin|url|id$|price|价")
_LONGEST = {"zh-CN": 12, "en": 28}
_EDGES = " ,，、;；-–|/&+:：【】()（）"


def channel_title(
    facts: ProductFacts, parts: TitleParts, locale: Locale, channel: Channel, *, wanted: Sequence[str] = ()
) -> str:
    """Brand first, then the product's own title without seller talk (包邮, 爆款), then details that the title lacks.

    Args:
        facts: what may be said; every word of the result stands there.
        parts: of the facts' title; its product words serve where the title is empty.
        wanted: what shoppers search for, most wanted first: details in it come before others.
    """
    brand = facts.brand.strip() or next(iter(parts.brands), "")
    core = _without(facts.title, brand, locale)
    word = next(iter(parts.product_words), "") or (facts.category[-1].strip() if facts.category else "")
    if word and word.lower() not in core.lower():
        core = f"{core}{word}" if locale == "zh-CN" else f"{core} {word}".strip()
    details = _details(facts, f"{brand} {core}", locale, wanted)
    while True:
        title = _written(brand, core, details, locale, tight=channel == "taobao")
        if not details or fit_channel(ListingCopy(title=title), channel).title == title:
            return fit_channel(ListingCopy(title=title), channel).title
        details = details[:-1]


def _without(title: str, brand: str, locale: Locale) -> str:
    """The title without its brand and, in Chinese, without seller talk."""
    rest = re.sub(re.escape(brand), " ", title, count=1, flags=re.IGNORECASE) if brand else title
    if locale == "zh-CN":
        talk = sorted((word for word in fillers() if CJK.match(word)), key=len, reverse=True)
        rest = re.sub("|".join(map(re.escape, talk)), " ", rest)
        rest = re.sub(r"【\s*】|[(（]\s*[)）]", " ", rest)
    return " ".join(rest.split()).strip(_EDGES)


def _details(facts: ProductFacts, said: str, locale: Locale, wanted: Sequence[str]) -> list[str]:
    """Short attribute values that the title does not say yet, wanted ones first, at most eight."""
    lower = said.lower()
    values: list[str] = []
    for fact in facts.facts:
        value = " ".join(fact.value.split())
        if not value or len(value) > _LONGEST[locale] or _NO_DETAIL.search(fact.attribute) or value.isdigit():
            continue
        if value.lower() not in lower and value not in values:
            values.append(value)
    place = {
        value: next((at for at, word in enumerate(wanted) if value.lower() in word.lower()), len(wanted))
        for value in values
    }
    return sorted(values, key=lambda value: place[value])[:8]


def _written(brand: str, core: str, details: Sequence[str], locale: Locale, *, tight: bool) -> str:
    if locale == "en":
        return " ".join(filter(None, (brand, core))) + (f", {', '.join(details)}" if details else "")
    if not tight:
        return " ".join(filter(None, (brand, core, *details)))
    title = ""
    for piece in (brand, *core.split(), *details):
        latin = title[-1:].isascii() and piece[:1].isascii()
        title += (" " if title and latin else "") + piece
    return title
