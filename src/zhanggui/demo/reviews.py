"""Reviews composed from a grammar of lived details: each product has its own praise and complaint, each category,
language and topic its own pool, and the order of the parts varies, so that no two read like one form."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from zhanggui.demo.orders import Draft
from zhanggui.demo.parcels import Parcel
from zhanggui.demo.records import DemoProduct, Review
from zhanggui.demo.source import read, stream
from zhanggui.kernel.commerce import Attributes, OrderLine

_NOT_CHECKED = {
    "备注", "Note", "颜色", "Colour", "尺码", "Sizes", "质保", "Warranty", "保质期", "Shelf life",
    "认证", "Certification",
    "开封后使用期限", "Use after opening", "使用方法", "Use", "材质", "Material", "主要成分", "Key ingredients",
    "包装清单", "In the box", "适配", "Compatibility", "适用肤质", "Skin type", "保养", "Care", "数量", "Count",
}  # fmt: skip
Mood = Literal["positive", "neutral", "negative"]


@dataclass(frozen=True, slots=True)
class Pool:
    """One language's pieces."""

    openers_good: list[str]
    openers: list[str]
    positive: dict[str, list[str]]
    negative: dict[str, list[str]]
    neutral: list[str]
    scenes: list[str]
    logistics_good: list[str]
    logistics_bad: list[str]
    service_good: list[str]
    service_bad: list[str]
    price_good: list[str]
    price_bad: list[str]
    closers_good: list[str]
    closers_bad: list[str]
    closers_mid: list[str]
    joiners: list[str]
    turns: list[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The reviews data file."""

    zh: Pool
    en: Pool
    safety: list[str]


@dataclass(frozen=True, slots=True)
class Bought:
    """A delivered order line that may be reviewed."""

    draft: Draft
    line: OrderLine
    parcel: Parcel
    delivered_at: datetime


def make_reviews(
    seed: int, now: datetime, sold: list[tuple[Draft, Parcel]], products: dict[str, DemoProduct], count: int
) -> tuple[Review, ...]:
    """Up to `count` reviews of delivered goods (fewer when fewer were delivered), oldest first."""
    rng, grammar = stream(seed, "reviews"), read("reviews", Grammar)
    lines = [
        Bought(draft, line, parcel, parcel.story.delivered_at)
        for draft, parcel in sold
        for line in draft.lines
        if parcel.story.delivered_at and parcel.story.delivered_at < now - timedelta(days=2)
    ]
    made: list[Review] = []
    taken: set[str] = set()
    for bought in sorted(rng.sample(lines, min(count, len(lines))), key=lambda row: row.delivered_at):
        review = _review(rng, grammar, bought, products[bought.line.product_id], now, taken)
        taken.add(review.text)
        made.append(review)
    made.sort(key=lambda review: (review.written_at, review.order_id, review.sku))
    return tuple(replace(review, id=f"R{number:05d}") for number, review in enumerate(made, 1))


def _review(
    rng: random.Random, grammar: Grammar, bought: Bought, product: DemoProduct, now: datetime, taken: set[str]
) -> Review:
    mood = _mood(rng, bought)
    text, topics = _compose(rng, grammar, bought, product, mood)
    while text in taken:
        text, topics = _compose(rng, grammar, bought, product, mood)
    stars = {"positive": (5, 5, 5, 4), "neutral": (3, 3, 4), "negative": (1, 1, 2, 2)}[mood]
    written = min(now, bought.delivered_at + timedelta(seconds=int(rng.expovariate(1 / 9) * 86400) + 3600))
    return Review(
        id="",
        product_id=product.id,
        sku=bought.line.sku,
        order_id=bought.draft.id,
        customer_id=bought.draft.person.record.id,
        locale=bought.draft.person.profile.locale,
        rating=rng.choice(stars),
        text=text,
        written_at=written,
        sentiment=mood,
        topics=topics,
    )


def _mood(rng: random.Random, bought: Bought) -> Mood:
    """Late or damaged parcels make angry reviews more likely."""
    bad = 0.45 if bought.parcel.story.scenario != "normal" else 0.15
    draw = rng.random()
    return "negative" if draw < bad else "neutral" if draw < bad + 0.12 else "positive"


def _compose(
    rng: random.Random, grammar: Grammar, bought: Bought, product: DemoProduct, mood: Mood
) -> tuple[str, tuple[str, ...]]:
    zh = bought.draft.person.profile.locale == "zh-CN"
    pool = grammar.zh if zh else grammar.en
    topics: list[str] = []
    parts = _parts(rng, pool, bought, product, mood, topics)
    if mood == "negative" and product.id in grammar.safety and product.gripe.of("zh-CN" if zh else "en") in parts:
        topics.append("safety")
    closers = {"positive": pool.closers_good, "neutral": pool.closers_mid, "negative": pool.closers_bad}[mood]
    openers = pool.openers + (pool.openers_good * 2 if mood == "positive" else [])
    opener = rng.choice(openers) if rng.random() < 0.55 else ""
    text = opener + _join(rng, pool, parts, mood, zh)
    if rng.random() < 0.6:
        text += ("" if zh else " ") + rng.choice(closers)
    text = text.format_map(_slots(rng, bought, product, zh))
    return (text if zh else _sentence_case(text)), tuple(dict.fromkeys(topics))


def _parts(
    rng: random.Random, pool: Pool, bought: Bought, product: DemoProduct, mood: Mood, topics: list[str]
) -> list[str]:
    """One to four statements in varying order, the topics noted; a neutral one says something fair, then the fault."""
    locale = bought.draft.person.profile.locale
    if mood == "neutral":
        fair = rng.choice(pool.neutral if rng.random() < 0.6 else pool.positive[product.category])
        topics.append("product")
        return [fair, product.gripe.of(locale)] if rng.random() < 0.7 else [fair]
    own, general = product.gripe.of(locale), pool.negative[product.category]
    if mood == "positive":
        own, general = product.love.of(locale), pool.positive[product.category]
    parts = [own] if rng.random() < 0.72 else []
    parts += rng.sample(general, 1 if parts and rng.random() < 0.6 else 2)
    if mood == "positive" and rng.random() < 0.25:
        parts.append(rng.choice(pool.scenes))
    topics.append("product")
    extra = _extra(rng, pool, bought, mood)
    if extra:
        topics.append(extra[0])
        parts.append(extra[1])
        # A third of the angry ones are about nothing else.
        if mood == "negative" and rng.random() < 0.33:
            topics.remove("product")
            return [extra[1]]
    rng.shuffle(parts)
    return parts


def _extra(rng: random.Random, pool: Pool, bought: Bought, mood: Mood) -> tuple[str, str] | None:
    """A word on delivery, service or price; a troubled parcel is nearly always mentioned when angry."""
    good = mood == "positive"
    if bought.parcel.story.scenario != "normal" and mood == "negative" and rng.random() < 0.8:
        return "logistics", rng.choice(pool.logistics_bad)
    draw = rng.random()
    if draw < 0.14:
        return "logistics", rng.choice(pool.logistics_good if good else pool.logistics_bad)
    if draw < 0.25:
        return "service", rng.choice(pool.service_good if good else pool.service_bad)
    if draw < 0.32:
        return "price", rng.choice(pool.price_good if good else pool.price_bad)
    return None


def _join(rng: random.Random, pool: Pool, parts: list[str], mood: Mood, zh: bool) -> str:
    """The statements as running text; a neutral one turns half-way."""
    links = rng.sample(pool.joiners, len(pool.joiners))
    text = parts[0]
    for place, part in enumerate(parts[1:]):
        link = rng.choice(pool.turns) if mood == "neutral" else links[place % len(links)]
        text += link + (part if zh else _mid_sentence(part))
    return text + ("。" if zh else ".")


def _mid_sentence(text: str) -> str:
    """English without its opening capital, unless the first word has others or is I."""
    first = text.split(" ", 1)[0]
    return text if first == "I" or first[1:] != first[1:].lower() else text[0].lower() + text[1:]


def _slots(rng: random.Random, bought: Bought, product: DemoProduct, zh: bool) -> dict[str, str]:
    record = product.zh if zh else product.en
    name, value = rng.choice(_measurable(record.attributes))
    colour = next(iter(bought.line.options.values()))
    return {
        "name": product.name.zh if zh else product.name.en,
        "colour": colour if zh else colour.lower(),
        "fact": f"{name}{value}" if zh else f"{name.lower()} {value}",
    }


def _measurable(attributes: Attributes) -> list[tuple[str, str]]:
    """The short attributes that a buyer could check with scales, ruler or clock; any short one where there are none."""
    short = [(name, values[0]) for name, values in attributes.items() if len(values[0]) <= 24]
    plain = [row for row in short if row[0] not in _NOT_CHECKED]
    return [row for row in plain if any(letter.isdigit() for letter in row[1])] or plain or short


def _sentence_case(text: str) -> str:
    """Capital letters at the start and after a full stop."""
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". "))
