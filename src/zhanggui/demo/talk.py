"""What is asked and answered: chats with the shop, questions on product pages, the knowledge base, the search log."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate

from zhanggui.demo.orders import Draft
from zhanggui.demo.parcels import Parcel
from zhanggui.demo.people import Person
from zhanggui.demo.products import vocabulary
from zhanggui.demo.records import Article, ChatMessage, Conversation, DemoProduct, Question, SearchQuery
from zhanggui.demo.source import bilingual, local_day, read, stream
from zhanggui.kernel.types import Locale, Money

Sold = tuple[Draft, Parcel | None]
_SENDERS = {"c": "customer", "b": "bot", "s": "staff"}


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of chat: the state of order it needs, how it ends, its lines in both languages."""

    topic: str
    needs: str
    outcome: str
    mood: str
    zh: list[str]
    en: list[str]


@dataclass(frozen=True, slots=True)
class TalkFile:
    """The talk data file."""

    scenarios: list[Scene]
    ask: dict[str, dict[str, list[str]]]
    unknown: dict[str, list[str]]
    no_answer: str
    answer: str
    missing: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the knowledge file; `until` is how many days before the end of the story it stopped being true."""

    id: str
    topic: str
    q: str
    a: str
    until: int = 0


def make_articles(today: date, first: date) -> tuple[Article, ...]:
    """The knowledge base; an outdated entry ends on the day on which its successor begins."""
    return tuple(
        Article(
            entry.id,
            entry.topic,
            bilingual(entry.q),
            bilingual(entry.a),
            first,
            today - timedelta(days=entry.until) if entry.until else None,
        )
        for entry in read("knowledge", list[Entry])
    )


def make_conversations(
    seed: int, now: datetime, sold: Sequence[Sold], products: Mapping[str, DemoProduct], count: int
) -> tuple[Conversation, ...]:
    """`count` chats of the last sixty days, oldest first, every scenario in turn."""
    rng, scenes = stream(seed, "conversations"), read("talk", TalkFile).scenarios
    recent = [row for row in sold if now - timedelta(days=60) < row[0].placed_at < now - timedelta(hours=12)]
    groups = _by_state(recent or list(sold[-200:]))
    made: list[Conversation] = []
    for number in range(count if groups["any"] else 0):
        scene = scenes[number % len(scenes)]
        choices = groups[scene.needs] or groups["any"]
        made.append(_conversation(rng, scene, rng.choice(choices), products, now))
    made.sort(key=lambda talk: (talk.messages[0].at, talk.customer_id, talk.topic))
    return tuple(replace(talk, id=f"T{number:04d}") for number, talk in enumerate(made, 1))


def _by_state(sold: Sequence[Sold]) -> dict[str, list[Sold]]:
    groups: dict[str, list[Sold]] = defaultdict(list)
    for draft, parcel in sold:
        row = (draft, parcel)
        groups["any"].append(row)
        if draft.cancelled:
            continue
        if parcel is None or not parcel.shipment.events:
            groups["waiting"].append(row)
        elif parcel.story.delivered_at:
            groups["delivered"].append(row)
        elif parcel.story.scenario == "stuck":
            groups["stuck"].append(row)
        elif parcel.story.scenario in ("normal", "late", "damaged", "customs"):
            groups["moving"].append(row)
    return groups


def _conversation(
    rng: random.Random, scene: Scene, row: Sold, products: Mapping[str, DemoProduct], now: datetime
) -> Conversation:
    draft, parcel = row
    locale = draft.person.profile.locale
    slots = _slots(draft, parcel, products, locale)
    earliest = draft.placed_at
    if parcel and scene.needs != "waiting" and parcel.shipment.events:
        earliest = parcel.story.delivered_at or parcel.shipment.events[-1].at
    # The chat begins after the fact it is about and ends before now.
    gap = max(0.0, (now - earliest).total_seconds() - 3600)
    at = earliest + timedelta(seconds=int(min(gap, rng.expovariate(1 / 86400) + 600)))
    messages: list[ChatMessage] = []
    for line in scene.zh if locale == "zh-CN" else scene.en:
        who, _, words = line.partition(": ")
        text = rng.choice(words.split(" | ")).format_map(slots)
        messages.append(ChatMessage(at, _SENDERS[who], text))
        at = min(now, at + timedelta(seconds=rng.randrange(4, 9) if who == "c" else rng.randrange(20, 240)))
    return Conversation(
        "", draft.person.record.id, locale, scene.topic, draft.id, tuple(messages), scene.outcome, scene.mood
    )


def _slots(draft: Draft, parcel: Parcel | None, products: Mapping[str, DemoProduct], locale: Locale) -> dict[str, str]:
    product = products[draft.lines[0].product_id]
    carriers = {"yunque": "云雀速运 / Skylark Express", "yibei": "驿北快递 / Yibei Parcel"}
    shipment = parcel.shipment if parcel else None
    last = shipment.events[-1].text if shipment and shipment.events else ("待揽收" if locale == "zh-CN" else "waiting")
    since = local_day(shipment.events[-1].at if shipment and shipment.events else draft.placed_at)
    day = max(local_day((shipment.promised_at if shipment else None) or draft.placed_at), since + timedelta(days=1))
    return {
        "order": draft.id,
        "sku_name": product.name.of(locale),
        "number": shipment.tracking_number if shipment else "",
        "carrier": bilingual(carriers.get(shipment.carrier if shipment else "", "海燕国际 / Petrel International")).of(
            locale
        ),
        "status": last,
        "paid": str(Money(draft.total, "CNY").major) + (" 元" if locale == "zh-CN" else " CNY"),
        "place": draft.person.record.addresses[0].city,
        "day": f"{day.month}月{day.day}日" if locale == "zh-CN" else f"{day:%d %B}",
        "since": f"{since.month}月{since.day}日" if locale == "zh-CN" else f"{since:%d %B}",
        "gripe": product.gripe.of(locale),
        "love": product.love.of(locale),
    }


def make_questions(
    seed: int, now: datetime, people: Sequence[Person], products: Sequence[DemoProduct], count: int
) -> tuple[Question, ...]:
    """Questions on product pages; one in seven cannot be answered from the product's data."""
    rng, words = stream(seed, "questions"), read("talk", TalkFile)
    names = {key: bilingual(text) for key, text in vocabulary().attributes.items()}
    times = sorted(now - timedelta(seconds=rng.randrange(3600, 200 * 86400)) for _ in range(count))
    made: list[Question] = []
    for number, at in enumerate(times, 1):
        person, product = rng.choice(people), rng.choice(products)
        locale = person.profile.locale
        tongue, record = ("zh", product.zh) if locale == "zh-CN" else ("en", product.en)
        key = rng.choice([key for key in names if names[key].of(locale) in record.attributes and key != "note"])
        attribute = names[key].of(locale)
        ways = words.ask[tongue].get(key, words.ask[tongue]["_any"])
        text = rng.choice(ways).format(name=product.name.of(locale), attr=attribute)
        mark = "；" if locale == "zh-CN" else "; "
        answer = (
            bilingual(words.answer).of(locale).format(attr=attribute, value=mark.join(record.attributes[attribute]))
        )
        if rng.random() < 1 / 7:
            text, answer, attribute = rng.choice(words.unknown[tongue]), bilingual(words.no_answer).of(locale), ""
        made.append(Question(f"Q{number:04d}", product.id, person.record.id, locale, text, answer, attribute, at))
    return tuple(made)


def make_searches(
    seed: int, now: datetime, people: Sequence[Person], products: Sequence[DemoProduct], count: int
) -> tuple[SearchQuery, ...]:
    """The search log of the last ninety days: popular words often, mistypings, and things the shop does not sell."""
    rng, missing = stream(seed, "searches"), read("talk", TalkFile).missing
    weights = list(accumulate(product.demand for product in products))
    times = sorted(now - timedelta(seconds=rng.randrange(600, 90 * 86400)) for _ in range(count))
    makers: list[Callable[[Locale, DemoProduct], str]] = [
        lambda locale, product: rng.choice(product.searches[0 if locale == "zh-CN" else 1]),
        lambda locale, product: product.name.of(locale),
        lambda locale, product: _mistyped(rng, rng.choice(product.searches[0 if locale == "zh-CN" else 1])),
    ]
    made: list[SearchQuery] = []
    for at in times:
        person, product = rng.choice(people), rng.choices(products, cum_weights=weights)[0]
        locale = person.profile.locale
        if rng.random() < 0.06:
            text = rng.choice(missing["zh" if locale == "zh-CN" else "en"])
            made.append(SearchQuery(at, person.record.id, locale, text, 0))
            continue
        kind = rng.choices((0, 1, 2), (0.68, 0.2, 0.12))[0]
        text = makers[kind](locale, product)
        found = 0 if kind == 2 and rng.random() < 0.6 else rng.randrange(1, 12)
        clicked = product.id if found and rng.random() < 0.55 else ""
        made.append(SearchQuery(at, person.record.id, locale, text, found, clicked))
    return tuple(made)


def _mistyped(rng: random.Random, text: str) -> str:
    """One letter doubled, lost or swapped with its neighbour."""
    place = rng.randrange(max(1, len(text) - 1))
    kind = rng.randrange(3)
    if kind == 0:
        return text[:place] + text[place] + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]
