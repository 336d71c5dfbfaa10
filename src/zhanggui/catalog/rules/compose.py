"""The deterministic writer: copy from attributes by grammar and templates, in Chinese and English.

It is the state without a model and the floor that a model must beat: it says only what a fact says, in its words.
"""

import re
from collections.abc import Sequence

from zhanggui.catalog.models import CopyRequest, ListingCopy, ProductFacts
from zhanggui.catalog.rules.compliance import display_units
from zhanggui.catalog.rules.compose_en import describe_en, line_en, lines_en, title_en
from zhanggui.catalog.rules.compose_zh import describe_zh, line_zh, lines_zh, title_zh
from zhanggui.catalog.rules.fitting import without_stutter
from zhanggui.catalog.rules.roles import UNSAFE, Said, is_tags, tell
from zhanggui.catalog.rules.tokens import has_cjk, words_of
from zhanggui.catalog.rules.wording import localised
from zhanggui.kernel.types import Locale

_MARKUP = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)|</?[a-z][^<>]*>", re.IGNORECASE | re.DOTALL)
_MOST_BULLETS = 8
_LONGEST_TITLE = 120  # display units; channels allow more, shoppers do not read it
_SEARCHED = ("kind", "material", "colour", "style", "design", "fit", "audience")


def compose(request: CopyRequest) -> ListingCopy:
    """A whole copy from the facts alone, in the language asked for."""
    facts = localised(request.facts, request.locale)
    said = tell(facts)
    chinese = request.locale == "zh-CN"
    title = compose_title(facts, said, request.locale)
    lines = (lines_zh if chinese else lines_en)(said)
    description = without_stutter((describe_zh if chinese else describe_en)(title, said))
    return ListingCopy(
        title=title,
        bullets=lines[:_MOST_BULLETS],
        description=description,
        keywords=compose_keywords(facts, said, request.locale),
        seo_title=title,
        seo_description=description,
    )


def tell_in(facts: ProductFacts, locale: Locale) -> tuple[Said, ...]:
    """What can be told of the facts in this language."""
    return tell(localised(facts, locale))


def compose_title(facts: ProductFacts, said: Sequence[Said], locale: Locale) -> str:
    """The product's own title with its brand in front; without a title, built from the attributes."""
    title = _shortened(_plain(facts.title))
    if not title:
        title = title_zh(said, facts.category) if locale == "zh-CN" else title_en(said, facts.category)
    brand = _plain(facts.brand)
    if brand and len(brand) <= _LONGEST_TITLE // 3 and brand.lower() not in title.lower():
        title = f"{brand} {title}".strip()
    if locale == "zh-CN" and not has_cjk(title) and len(words_of(title)) > 4:
        title = f"商品：{title}"
    return title if has_cjk(title[:1]) else title[:1].upper() + title[1:]


def _plain(text: str) -> str:
    """Without markup (a script goes with what it holds) and other characters that no listing shows."""
    return " ".join(UNSAFE.sub(" ", _MARKUP.sub(" ", text)).split())


def _shortened(title: str) -> str:
    """A title that ends at a word."""
    if display_units(title) <= _LONGEST_TITLE:
        return title
    kept = title
    while display_units(kept) > _LONGEST_TITLE:
        kept = kept[:-1]
    if title[len(kept)].isascii() and not title[len(kept)].isspace() and " " in kept:
        kept = kept.rpartition(" ")[0]
    return kept.rstrip(" ,，、;；-–|/&+:：(（")


def compose_keywords(facts: ProductFacts, said: Sequence[Said], locale: Locale) -> tuple[str, ...]:
    """Search words from brand, category, tags and the short attribute values; at most 12, none twice."""
    words: list[str] = [facts.brand, *reversed(facts.category[-3:])]
    words += [fact.value for fact in facts.facts if is_tags(fact.attribute)]
    for one in said:
        if one.role in _SEARCHED:
            words.extend(value for value in one.values if len(value) <= 24)
    cleaned = (" ".join(word.split()).strip(" ,") for word in words)
    fit = (w for w in cleaned if w and not UNSAFE.search(w) and len(w) <= 60 and (locale != "en" or not has_cjk(w)))
    return tuple({word.lower(): word for word in reversed(list(fit))}.values())[::-1][:12]


def fact_line(one: Said, locale: Locale) -> str:
    """One attribute as a bullet line, in the attribute's own words."""
    return line_zh(one) if locale == "zh-CN" else line_en(one)
