"""What a shopper is looking for, and which products fit, each with the reasons out of its own attributes. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhanggui.kernel.commerce import Product
from zhanggui.kernel.types import Money

_MOST = 3
_NUMBER = r"(\d{1,7}(?:\.\d{1,2})?)"
_BETWEEN = re.compile(
    rf"{_NUMBER}\s*(?:元|块|¥|\$)?\s*(?:-|~|到|至|—|–|and|to)\s*[¥$€£]?\s*{_NUMBER}\s*(?:元|块|之间|yuan|rmb|cny|"
    "dollars|usd)?",
    re.I,
)
_AT_MOST = re.compile(
    rf"{_NUMBER}\s*(?:元|块钱?|yuan|rmb|cny|dollars|usd)?\s*(?:以内|以下|之内|内|or less|max)"
    rf"|(?:不超过|不到|低于|最多|预算|under|below|less than|up to|at most|max(?:imum)?|budget(?: of| is)?)"
    rf"\s*(?:约|是|[:：])?\s*[¥$€£]?\s*{_NUMBER}",
    re.IGNORECASE,
)
_ABOUT = re.compile(rf"(?:about|around)\s*[¥$€£]?\s*{_NUMBER}|{_NUMBER}\s*(?:元|块)?\s*(?:左右|上下)", re.I)
_AT_LEAST = re.compile(
    rf"{_NUMBER}\s*(?:元|块)\s*(?:以上|起)|(?:over|above|more than|at least)\s*[¥$€£]?\s*{_NUMBER}", re.I
)
_FILLERS_ZH = re.compile(
    r"请问|你们|我们|麻烦|帮我|帮忙|推荐|有没有|有吗|有什么|想买|想要|我要|我想|给我|寻找|求推荐|求|一下|一款|一双"
    r"|一件|一个|一顶|一台|一只"
    r"|价格|预算|元|块钱|块|之间|左右|以内|以下|以上|之内|能够|可以|适合|比较|最好|谢谢|的|吗|呢|吧|啊|有|找|买|款"
    r"|要|想|我|和|与|或|个|了|能|用|在|不超过"
)
_FILLERS_EN = frozenset({
    "a", "an", "the", "for", "with", "and", "or", "of", "to", "in", "on", "i", "im", "need", "want", "looking",
    "look", "find", "me", "show", "recommend", "suggest", "do", "you", "have", "sell", "any", "some", "please",
    "under", "below", "less", "than", "up", "at", "most", "max", "budget", "around", "about", "dollars", "usd",
    "yuan", "rmb", "cny", "good", "best", "nice", "something", "that", "is", "are", "my", "can", "over", "above",
    "more", "between", "it", "would", "like", "buy", "get", "hi", "hello",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """What is looked for: words that a product should show, and bounds of its price in major units."""

    words: tuple[str, ...]
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a product fits: the word asked for, and the product's own attribute (or its title) that shows it."""

    word: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A product that fits, with reasons; `missing` are the words that nothing in its data shows."""

    product: Product
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    score: float


def need_in(text: str) -> Need:
    """What a message looks for."""
    least = most = None
    rest = text
    between = _BETWEEN.search(rest)
    if between:
        low, high = sorted(float(one) for one in between.groups())
        least, most, rest = low, high, _cut(rest, between)
    at_most = _AT_MOST.search(rest)
    if at_most:
        most, rest = _first(at_most), _cut(rest, at_most)
    at_least = _AT_LEAST.search(rest)
    if at_least:
        least, rest = _first(at_least), _cut(rest, at_least)
    about = _ABOUT.search(rest)
    if about:
        middle = _first(about)
        least, most, rest = middle * 0.7, middle * 1.3, _cut(rest, about)
    return Need(tuple(dict.fromkeys(_words(rest))), most, least)


def fitting(need: Need, products: Iterable[Product]) -> tuple[Fit, ...]:
    """At most three products that fit best: inside the price bounds, most words shown by their data; none made up.

    A product that shows nothing of what was asked, or costs more than was allowed, never fits.
    """
    fits = [fit for product in products if _affordable(need, product) and (fit := _fit(need, product)) is not None]
    fits.sort(key=lambda fit: (-fit.score, fit.product.price.minor if fit.product.price else 0, fit.product.id))
    if not fits:
        return ()
    best = fits[0].score
    return tuple(fit for fit in fits[:_MOST] if fit.score >= best * 0.6)


def _fit(need: Need, product: Product) -> Fit | None:
    if product.status != "active" or (product.variants and all(v.stock == 0 for v in product.variants)):
        return None
    reasons: list[Reason] = []
    missing: list[str] = []
    score = 0.0
    for word in need.words:
        reason = _shown(word, product)
        if reason is None:
            missing.append(word)
        else:
            reasons.append(reason)
            score += 1.5 if reason.attribute in ("title", "category") else 1.0
    if need.words and not reasons:
        return None
    if not need.words and need.most is None and need.least is None:
        return None
    return Fit(product, tuple(reasons), tuple(missing), score / max(1, len(need.words)))


def _shown(word: str, product: Product) -> Reason | None:
    folded = word.casefold()
    if _inside(folded, product.title):
        return Reason(word, "title", product.title)
    for level in product.category:
        if _inside(folded, level):
            return Reason(word, "category", level)
    for name, values in product.attributes.items():
        for value in values:
            # An attribute of that name counts only where its value does not say no.
            if _inside(folded, value) or (_inside(folded, name) and not _denies(value)):
                return Reason(word, name, value)
    for tag in product.tags:
        if _inside(folded, tag):
            return Reason(word, "tag", tag)
    return None


def _inside(word: str, text: str) -> bool:
    folded = text.casefold()
    if word.isascii():
        stem = word[:-1] if len(word) > 3 and word.endswith("s") else word
        return re.search(rf"(?<![a-z0-9]){re.escape(stem)}", folded) is not None
    if word in folded:
        return not re.search(rf"(?:不|非|无|没有){re.escape(word)}", folded)
    return False


def _denies(value: str) -> bool:
    return re.match(r"\s*(?:不|否|无|非|没有|no\b|not\b|none\b|0\b|false\b)", value, re.IGNORECASE) is not None


def _affordable(need: Need, product: Product) -> bool:
    if need.most is None and need.least is None:
        return True
    price: Money | None = product.price
    if price is None:
        return False
    amount = float(price.major)
    return (need.most is None or amount <= need.most) and (need.least is None or amount >= need.least)


def _words(text: str) -> list[str]:
    chinese = _FILLERS_ZH.sub(" ", re.sub(r"[A-Za-z0-9]+", " ", text))
    words = [piece for piece in re.split(r"[^\u3400-\u9fff]+", chinese) if piece]
    found: list[str] = []
    for piece in words:
        found.extend(_pieces(piece))
    english = re.findall(r"[a-z][a-z-]{1,}|\d+(?:mm|ml|l|kg|g|w|cm|mah)\b", text.casefold())
    return found + [word for word in english if word not in _FILLERS_EN and len(word) > 1]


def _pieces(piece: str) -> list[str]:
    """A run of characters as words: runs of up to four stay whole, longer ones are read from the end (the noun)."""
    if len(piece) <= 4:
        return [piece]
    return [piece[:-3], piece[-3:]] if len(piece) <= 7 else [piece[:2], piece[2:4], piece[-3:]]


def narrowed(words: Sequence[str], vocabulary: Iterable[str]) -> tuple[str, ...]:
    """Words as the shop writes them: a word that no product shows gives way to its longest part that some does."""
    known = [entry.casefold() for entry in vocabulary]

    def shown(word: str) -> bool:
        return any(_inside(word.casefold(), entry) for entry in known)

    kept: list[str] = []
    for word in words:
        if shown(word) or word.isascii():
            kept.append(word)
            continue
        spans = [word[i:j] for i in range(len(word)) for j in range(i + 2, len(word) + 1) if j - i < len(word)]
        parts = [span for span in sorted(spans, key=lambda span: (-len(span), -word.index(span))) if shown(span)]
        kept.append(parts[0] if parts else word)
        left = word.replace(parts[0], "") if parts else ""
        if parts and len(left) >= 2 and shown(left):
            kept.append(left)
    return tuple(dict.fromkeys(kept))


def _cut(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " + text[match.end() :]


def _first(match: re.Match[str]) -> float:
    return float(next(group for group in match.groups() if group))
