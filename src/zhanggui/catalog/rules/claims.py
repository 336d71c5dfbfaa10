"""Find every factual assertion of a text: lexicon words, numbers, names, open patterns. Facts are not asked here."""

import re
from dataclasses import replace
from functools import lru_cache

from zhanggui.catalog.models import Claim, ClaimKind, CopyField
from zhanggui.catalog.rules.adlaw import absolute_terms
from zhanggui.catalog.rules.facts import negated
from zhanggui.catalog.rules.findings import Cover, Finding, cover_of
from zhanggui.catalog.rules.kinds import find_kinds
from zhanggui.catalog.rules.lexicon import find_mentions
from zhanggui.catalog.rules.names import Name, find_names
from zhanggui.catalog.rules.patterns import find_open
from zhanggui.catalog.rules.tokens import CJK, Word, clause_bounds, has_cjk, words_of
from zhanggui.catalog.rules.units import Number, find_numbers
from zhanggui.kernel.types import Locale

TOPICS: dict[str, tuple[str, ...]] = {
    "length": ("length", "long", "lengthwise", "长", "长度", "衣长", "裙长", "裤长"),
    "width": ("width", "wide", "breadth", "宽", "宽度"),
    "height": ("height", "high", "tall", "高", "高度", "身高"),
    "depth": ("depth", "deep", "深", "深度"),
    "diameter": ("diameter", "直径", "口径"),
    "thickness": ("thickness", "thick", "厚", "厚度"),
    "heel": ("heel", "跟高", "鞋跟"),
    "warranty": ("warranty", "guarantee", "guaranteed", "质保", "保修", "保固"),
    "return": ("return", "returns", "refund", "退货", "退换", "退换货", "退款", "无理由"),
    "shipping": ("ship", "ships", "shipping", "delivery", "delivered", "dispatch", "发货", "送达", "配送"),
    "screen": ("screen", "display", "屏幕", "屏"),
    "battery": ("battery", "电池"),
    "ram": ("ram", "运存", "运行内存"),
    "storage": ("storage", "rom", "存储"),
}
_OF_TOPIC = {word: topic for topic, names in TOPICS.items() for word in names}
_TOPIC = re.compile(
    "|".join(sorted((w if has_cjk(w) else rf"\b{w}\b" for w in _OF_TOPIC), key=len, reverse=True)), re.IGNORECASE
)
_NOUN_AFTER = re.compile(r"[\s-]*([A-Za-z]+)")
_PACK_BEFORE = re.compile(r"\b(?:pack|set|box|bundle|combo|case|lot|bag|pair|kit)s?\s+of\s*$", re.IGNORECASE)
_PRICE_BEFORE = re.compile(
    r"(?:\bprice[sd]?(?:\s+(?:is|of|at|from))?\s*[:：]?\s*|\bonly\s+\W?|(?:售价|价格|仅需|只要|只需|仅售|到手价)[为是:：]?\s*)$",
    re.IGNORECASE,
)
_UNIT_IN_SENTENCE = {"inch": re.compile(r"\d\s*in$"), "a": re.compile(r"\d\s?A$"), "second": re.compile(r"\d\s*s$")}
_IN_TAIL = re.compile(
    r"\s*(?:[.,;:)x×/]|$|wide|long|high|tall|deep|thick|in\b|by\b|screen|display|length|width|height|diameter)",
    re.IGNORECASE,
)


def topic_near(text: str, start: int, end: int) -> str:
    """Which dimension or promise the words of its clause give to a number: the nearest before it, or right after it."""
    left, right = clause_bounds(text, start, end)
    before = list(_TOPIC.finditer(text, max(left, start - 30), start))
    after = _TOPIC.search(text, end, min(right, end + 16))
    if after and (not before or after.start() - end <= 2 or start - before[-1].end() > 12):
        return _OF_TOPIC[after.group().lower()]
    return _OF_TOPIC[before[-1].group().lower()] if before else ""


@lru_cache(maxsize=4096)
def topics_of(name: str) -> frozenset[str]:
    """Every dimension or promise that an attribute's name speaks of."""
    return frozenset(_OF_TOPIC[m.group().lower()] for m in _TOPIC.finditer(name))


def _mended(text: str, number: Number) -> Number:
    """Take back a unit that is really the next word: `5 in black`, `2 in 1`, `5 a day`, `iPhone 5s`."""
    if number.unit is None:
        return number
    written = text[number.start : number.end]
    false_inch = number.unit.name == "inch" and written.endswith(" in") and not _IN_TAIL.match(text, number.end)
    false_amp = number.unit.name == "a" and re.search(r"\d\s+a$", written) is not None
    if not (false_inch or false_amp):
        return number
    end = number.start + len(re.split(r"\s", written)[0])
    return Number(number.start, end, number.value, number.digits, None, "", number.currency, number.group)


def _number_finding(text: str, number: Number) -> Finding:
    noun = ""
    if number.counter:
        noun = number.counter
    elif number.unit is None:
        after = _NOUN_AFTER.match(text, number.end)
        noun = after.group(1).lower() if after else ""
    if _PACK_BEFORE.search(text, max(0, number.start - 24), number.start):
        noun, kind = "pack", ClaimKind.COUNT
    elif (
        number.currency
        or _PRICE_BEFORE.search(text, max(0, number.start - 24), number.start)
        or (number.unit and number.unit.dimension == "money")
    ):
        kind = ClaimKind.PRICE
    else:
        kind = ClaimKind.COUNT if number.counter or number.unit is None else ClaimKind.QUANTITY
    return Finding(
        number.start, number.end, kind, number=number, noun=noun, topic=topic_near(text, number.start, number.end)
    )


def _bare(text: str, finding: Finding) -> Finding:
    """The number alone, where its measure word belongs to another claim: `3 zippers` with zippers a feature."""
    if finding.number is None or not finding.number.counter:
        return finding
    digits = re.match(r"[\d.,]+|[A-Za-z]+|[零一二两三四五六七八九十百千万]+", text[finding.start : finding.end])
    return replace(finding, end=finding.start + digits.end()) if digits else finding


def _mention_findings(text: str, words: tuple[Word, ...]) -> list[Finding]:
    """Words of the lexicon; one that stands inside a longer one is part of it."""
    found: list[Finding] = []
    for mention in find_mentions(text, words):
        concepts = mention.concepts
        denied = negated(text, mention.start)
        one = Finding(mention.start, mention.end, concepts[0].kind, concepts=concepts, negated=denied)
        if all(concept.never for concept in concepts):
            one = replace(one, banned="no attribute can prove this", banned_zh="没有属性能证明这一点")
        found.append(one)
    return _longest(found, len(text))


def _longest(found: list[Finding], size: int) -> list[Finding]:
    """Of findings that overlap, the longer ones; of two of one length, the earlier."""
    cover, kept = Cover(size), list[Finding]()
    for finding in sorted(found, key=lambda f: (f.start - f.end, f.start)):
        if cover.free(finding):
            cover.take(finding)
            kept.append(finding)
    return sorted(kept, key=lambda f: f.start)


def _with_absolute_terms(text: str, found: list[Finding]) -> list[Finding]:
    """Chinese superlatives are judged by 广告法 in their context, not by the lexicon."""
    terms = [
        Finding(term.start, term.end, ClaimKind.SUPERLATIVE, banned=term.reason_en, banned_zh=term.reason)
        for term in absolute_terms(text)
        if not term.exception
    ]
    cover = cover_of(len(text), terms)
    return [*(f for f in found if f.kind is not ClaimKind.SUPERLATIVE and cover.free(f)), *terms]


def _with_names(text: str, found: list[Finding], names: list[Name], numbers: list[Finding]) -> list[Finding]:
    """A name swallows the shorter lexicon words inside it; a unit inside a measure is no name."""
    measures = cover_of(len(text), numbers)
    fitting = [Finding(n.start, n.end, n.kind, name=n.text) for n in names]
    fitting = [f for f in fitting if measures.free(f) or any(c.isdigit() for c in f.name)]
    return _longest([*found, *fitting], len(text)) if fitting else found


@lru_cache(maxsize=4096)
def find_findings(text: str, locale: Locale) -> tuple[Finding, ...]:
    """Everything that the text asserts, left to right, without overlaps: the more definite reading wins."""
    words = words_of(text)
    chinese = has_cjk(text) and (locale == "zh-CN" or 2 * len(CJK.findall(text)) >= len(words))
    found = _mention_findings(text, words)
    if chinese:
        found = _with_absolute_terms(text, found)
    numbers = [_number_finding(text, _mended(text, number)) for number in find_numbers(text)]
    found = _with_names(text, found, find_names(text, words, chinese=chinese), numbers)
    openly = list(find_open(text, chinese=chinese))
    cover = cover_of(len(text), found)
    for finding in (*(f for f in openly if f.banned), *numbers):
        shown = finding if cover.free(finding) else _bare(text, finding)
        if cover.free(shown):
            found.append(shown)
            cover.take(shown)
    for finding in (*openly, *find_kinds(text)):
        if cover.free(finding, over_soft=True):
            found.append(finding)
            cover.take(finding)
    return tuple(sorted(found, key=lambda f: f.start))


def find_claims(text: str, field: CopyField, item: int, locale: Locale) -> tuple[Claim, ...]:
    """The typed claims of one text, unsupported as long as nobody has asked the facts. Soft ones need no support."""
    return tuple(
        Claim(text[f.start : f.end], field, f.start, f.end, f.kind, f.kind is ClaimKind.SOFT, item=item)
        for f in find_findings(text, locale)
    )
