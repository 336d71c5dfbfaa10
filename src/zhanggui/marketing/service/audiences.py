"""Audiences: the shop's words, requests read, members counted, overlap and places compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.llm import Models, load_prompt
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, minor_digits, new_id
from zhanggui.marketing.models.audiences import FIELDS, CustomerFacts, Definition, Happening, Reading, Vocabulary
from zhanggui.marketing.models.customers import CustomerRecord, PastOrder
from zhanggui.marketing.models.events import HAPPENINGS, StoredEvent
from zhanggui.marketing.rules.audience_grammar import read_request
from zhanggui.marketing.rules.audiences import belongs, definition_json, parse_definition
from zhanggui.marketing.store.campaigns import AudienceStore, SavedAudience
from zhanggui.marketing.store.customers import CustomerStore
from zhanggui.marketing.store.events import EventStore

TASK = "audience"
_PROMPT = Path(__file__).parents[1] / "prompts" / "audience.md"
_ZONES: Mapping[str, str] = {"zh-CN": "Asia/Shanghai", "en": "UTC"}
# How far back audiences look at what people looked at.
_EVENTS_BACK = timedelta(days=400)
_NUMBERS = ("lifetime_value", "churn_risk", "value_rank", "days_since_last", "days_since_first")


def zone_of(locale: Locale) -> tzinfo:
    """The calendar that "last month" goes by."""
    return ZoneInfo(_ZONES[locale])


@dataclass(frozen=True, slots=True)
class Counted:
    """Who an audience means now. `opted_out` fit it but refused personalisation, so they are not in it.

    `places` compares the audience's places with all customers': place -> (share in the audience, share of all).
    """

    members: tuple[CustomerRecord, ...]
    opted_out: int
    of: int
    places: Mapping[str, tuple[float, float]]


class _ModelCondition(BaseModel):
    model_config = ConfigDict(extra="forbid")
    field: Literal[
        "bought", "viewed", "carted", "orders", "spent", "average_order", "lifetime_value", "value_rank", "churn_risk",
        "days_since_last", "days_since_first", "place", "tag", "segment", "accepts",
    ]  # fmt: skip
    op: Literal["in", "not-in", ">", ">=", "<", "<=", "="]
    values: list[str | float] = Field(max_length=10)
    last_days: int | None = Field(None, ge=1, le=3650)
    words: str = Field(max_length=200)


class _ModelReading(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conditions: list[_ModelCondition] = Field(max_length=8)
    not_understood: str = Field("", max_length=200)


class AudienceReader:
    """Reads requests: by grammar; where that asks back and a model is at hand, by the model, checked word for word."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def read(self, merchant_id: str, request: str, vocabulary: Vocabulary) -> Reading:
        """A definition or a question. What the model says counts only when every condition quotes words of the request,
        names values that the shop has, and passes the checks of a definition. Call it outside any transaction."""
        reading = read_request(request, vocabulary)
        if reading.definition is not None or not self._models.available(TASK):
            return reading
        variables: JsonObject = {
            "request": request[:1_000],
            "fields": ", ".join(FIELDS),
            "values": ", ".join(sorted(set(vocabulary.words.values()))[:300]),
        }
        try:
            answer = self._models.ask(
                merchant_id, load_prompt(_PROMPT), variables, _ModelReading, max_tokens=400, seed=0
            )
            definition = _trusted(answer.value, request, vocabulary)
        except ZhangguiError:
            return reading
        return reading if definition is None else Reading(definition, by="model")


def _trusted(said: _ModelReading, request: str, vocabulary: Vocabulary) -> Definition | None:
    """The model's definition, or None where anything is not borne out by the request and the shop's own values."""
    if said.not_understood.strip() or not said.conditions:
        return None
    left = request.lower()
    groups: list[Any] = []
    for one in said.conditions:
        words = one.words.strip().lower()
        if not words or words not in request.lower():
            return None
        left = left.replace(words, " ")
        if FIELDS[one.field] in ("happening", "choice") and one.field not in ("segment", "accepts"):
            prefix = "" if FIELDS[one.field] == "happening" else f"{one.field}:"
            if not {f"{prefix}{value}" for value in one.values} <= set(vocabulary.words.values()):
                return None
        content: dict[str, Any] = {"field": one.field, "op": one.op, "values": one.values}
        if one.last_days is not None:
            content["window"] = {"kind": "last", "count": one.last_days, "unit": "day"}
        groups.append({"any": [content]})
    # Words that no condition quotes must mean nothing: the grammar finds nothing strange in what is left.
    rest = read_request(left, vocabulary)
    if rest.question is None or rest.question.kind != "nothing-said":
        return None
    return parse_definition({"all": groups})


def vocabulary_of(uow: UnitOfWork) -> Vocabulary:
    """The things, places and tags that the shop's customers have."""
    store = CustomerStore(uow)
    words: dict[str, str] = {}
    for orders in store.orders().values():
        for order in orders:
            words |= {thing.split(":", 1)[-1]: thing for thing in order.things}
    for events in EventStore(uow).by_customer(uow.clock.now() - _EVENTS_BACK).values():
        for event in events:
            words |= {thing.split(":", 1)[-1]: thing for thing in event.things}
    for customer in store.everybody():
        if customer.place:
            words[customer.place] = f"place:{customer.place}"
        words |= {tag: f"tag:{tag}" for tag in customer.tags}
    return Vocabulary({word: value for word, value in words.items() if len(word.strip()) > 1})


def facts_of_customer(
    record: CustomerRecord, orders: Sequence[PastOrder], events: Sequence[StoredEvent] = ()
) -> CustomerFacts:
    """What definitions may ask of a customer; amounts in major units."""
    measures = record.measures
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        value = measures.get(name)
        if isinstance(value, int | float):
            numbers[name] = float(value)
    segment = str(measures.get("segment") or "")
    return CustomerFacts(
        id=record.id,
        happenings=(
            *(Happening("bought", order.at, order.things, order.id) for order in orders),
            *(Happening(HAPPENINGS[one.kind], one.at, one.things, one.id) for one in events if one.kind in HAPPENINGS),
        ),
        orders=tuple((order.at, order.total_minor / 10 ** minor_digits(order.currency)) for order in orders),
        numbers=numbers,
        choices={
            "place": frozenset({record.place} if record.place else ()),
            "tag": frozenset(record.tags),
            "segment": frozenset({segment} if segment else ()),
            "accepts": frozenset(record.consents),
        },
    )


def count_audience(uow: UnitOfWork, definition: Definition, locale: Locale = "zh-CN") -> Counted:
    """Who is meant now."""
    store = CustomerStore(uow)
    orders, everybody = store.orders(), store.everybody()
    now, zone = uow.clock.now(), zone_of(locale)
    events = EventStore(uow).by_customer(now - _EVENTS_BACK) if _asks_events(definition) else {}
    facts = ((one, facts_of_customer(one, orders.get(one.id, ()), events.get(one.id, ()))) for one in everybody)
    fitting = [one for one, known in facts if belongs(definition, known, now, zone)]
    members = tuple(one for one in fitting if one.personalised)
    return Counted(members, len(fitting) - len(members), len(everybody), _places(members, everybody))


def _asks_events(definition: Definition) -> bool:
    return any(one.field in HAPPENINGS.values() for group in definition.groups for one in group)


def save_audience(uow: UnitOfWork, name: str, definition: object, *, request: str = "", audience_id: str = "") -> str:
    """Keep an audience; its id.

    Raises:
        BadInput: the name is empty, or the definition is not one.
    """
    if not 1 <= len(name.strip()) <= 120:
        raise BadInput(field="name", expected="1 to 120 characters", found=name)
    parsed = definition if isinstance(definition, Definition) else parse_definition(definition)
    identity = audience_id or new_id("aud")
    AudienceStore(uow).save(identity, name.strip(), request[:2_000], definition_json(parsed))
    return identity


def overlap(uow: UnitOfWork, first: str, second: str, locale: Locale = "zh-CN") -> tuple[int, int, int]:
    """How many are in the first audience, in the second, in both.

    Raises:
        NotFound: there is no such audience.
    """
    store = AudienceStore(uow)
    a, b = (
        {one.id for one in count_audience(uow, definition_of(store.get(name)), locale).members}
        for name in (first, second)
    )
    return len(a), len(b), len(a & b)


def definition_of(audience: SavedAudience) -> Definition:
    """The definition of a saved audience."""
    return parse_definition(audience.definition)


def _places(members: Sequence[CustomerRecord], everybody: Sequence[CustomerRecord]) -> dict[str, tuple[float, float]]:
    inside, all_of = Counter(one.place for one in members), Counter(one.place for one in everybody)
    common = [place for place, _ in all_of.most_common(10) if place]
    return {place: (inside[place] / max(1, len(members)), all_of[place] / max(1, len(everybody))) for place in common}
