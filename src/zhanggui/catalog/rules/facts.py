"""What is known about a product, read once: the numbers, concepts and words of its attributes, ready to be asked."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from zhanggui.catalog.models import ClaimKind, Fact, ProductFacts
from zhanggui.catalog.rules.lexicon import Mention, find_mentions, lexicon
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import has_cjk, stems_of
from zhanggui.catalog.rules.units import Number, find_numbers, unit_named

_YES = re.compile(
    r"^\s*(?:yes|y|true|1|included|available|supported|是|有|支持|含|带)\s*(?:$|[,，(（;])", re.IGNORECASE
)
_NO = re.compile(
    r"^\s*(?:no|n|none|na|n/a|nil|not?\b.{0,20}|false|0|without|无|没有|否|不支持|不含|不带|不)\s*(?:na)?\s*$",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|no|non|without|isn't|aren't|never|nor|neither|lacks?|doesn't|cannot)\b"
    r"(?:[\s-]+(?:a|an|the|any|be|is|fully|contain|have|include|made|of|completely))*[\s-]*$)"
    r"|(?:\b(?:free (?:of|from))\s+(?:\w+\s){0,2}$)"
    r"|(?:(?:不含有?|没有|不是|并非|不带|不支持|不具备?|不能|未|无|非|不)\s*$)",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bnot (?:only|just)\b[\s\w]*$", re.IGNORECASE)
_UNIT_IN_NAME = re.compile(r"[(（\[]\s*([^)）\]]{1,12})\s*[)）\]]|\bin\s+(\w{1,12})$", re.IGNORECASE)
_FREE_OF = re.compile(r"\bfree (?:of|from)\b|\bdoes not contain\b|\bwithout\b|不含|无添加", re.IGNORECASE)
_DENIES = re.compile(r"\s*(?:not?\b|non\b|never|without|不|无|未|没|非|否)", re.IGNORECASE)
_ASSERTING = frozenset({ClaimKind.FEATURE, ClaimKind.CARE, ClaimKind.PROMISE})
_UNNAMED = frozenset({"title", "category", "price"})
_SQUEEZE = re.compile(r"[^0-9a-z一-鿿]+")


@dataclass(frozen=True, slots=True)
class Known:
    """One fact, read: `words` are stems of name and value together, `squeezed` the value's letters and digits."""

    fact: Fact
    words: frozenset[str]
    value_words: frozenset[str]
    name_words: frozenset[str]
    numbers: tuple[Number, ...]
    positive: frozenset[str]
    negative: frozenset[str]
    own: frozenset[str]
    squeezed: str
    codes: frozenset[str]
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class FactIndex:
    """Every fact that may serve as evidence, by concept and by word; `quarantined` ones may not."""

    known: tuple[Known, ...]
    quarantined: tuple[Known, ...]
    positive: Mapping[str, tuple[Known, ...]]
    negative: Mapping[str, tuple[Known, ...]]
    by_word: Mapping[str, tuple[Known, ...]]
    labels: tuple[tuple[str, str], ...]
    facts: ProductFacts


def squeeze(text: str) -> str:
    """Letters, digits and Chinese characters only, lower case."""
    return _SQUEEZE.sub("", text.lower())


def negated(text: str, start: int) -> bool:
    """Whether the words right before offset `start` deny what follows (not, no, without, 不, 无 ...)."""
    before = text[max(0, start - 40) : start]
    return _NEGATED_BEFORE.search(before) is not None and _ONLY.search(before) is None


@cache
def _order() -> re.Pattern[str]:
    return re.compile(str(table("names")["order"]), re.IGNORECASE | re.DOTALL)


def looks_like_an_order(text: str) -> bool:
    """Whether an attribute's text tries to instruct a model instead of describing a product."""
    return _order().search(text) is not None


def _concepts(text: str, mentions: Sequence[Mention]) -> tuple[set[str], set[str]]:
    """The ids that a text asserts (with all that they entail) and those that it denies."""
    said: set[str] = set()
    denied: set[str] = set()
    for mention in mentions:
        for concept in mention.concepts:
            if negated(text, mention.start):
                denied.add(concept.id)
            else:
                said.update(concept.entails)
    return said, denied


def _with_pure(value: str, said: set[str]) -> None:
    """A cloth said to be 100 % of one thing is the pure thing."""
    if "100" in value or "纯" in value or "pure" in value.lower():
        known = lexicon().concepts
        said.update(f"pure-{base}" for base in list(said) if f"material:pure-{base}" in known and _full(value))


def _free_of(value: str) -> set[str]:
    """What a product is free of, as concepts: `Free of: parabens, alcohol` is paraben-free and alcohol-free."""
    parts = [part.strip() for part in re.split(r"[,，、;/]|\band\b|和", value) if part.strip()]
    text = "; ".join(f"无{part}；不含{part}" if has_cjk(part) else f"{part} free" for part in parts)
    mentions = [m for m in find_mentions(text) if text[m.start : m.end].lower() not in value.lower()]
    return {i for m in mentions for c in m.concepts for i in c.entails}


def _full(value: str) -> bool:
    return re.search(r"100\s*[%％]|纯|\bpure\b", value, re.IGNORECASE) is not None


def _numbers(name: str, value: str) -> tuple[Number, ...]:
    """The value's numbers; one without a unit takes the unit that the attribute's name shows: `Weight (g)`."""
    numbers = find_numbers(value)
    match = _UNIT_IN_NAME.search(name)
    unit = unit_named(name)
    if match and not unit:
        probe = find_numbers(f"1 {match.group(1) or match.group(2)}")
        unit = probe[0].unit if probe else None
    if unit is None:
        return tuple(numbers)
    return tuple(
        n if n.unit or n.counter else Number(n.start, n.end, n.value, n.digits, unit, "", "", n.group) for n in numbers
    )


@lru_cache(maxsize=16384)
def read_fact(fact: Fact) -> Known:
    """Read one fact: yes and no values turn the attribute's name into what is asserted or denied."""
    mentions = find_mentions(fact.value, bare_colours=True)
    said, denied = _concepts(fact.value, mentions)
    _with_pure(fact.value, said)
    named = find_mentions(fact.attribute)
    if _FREE_OF.search(fact.attribute):
        said.update(_free_of(fact.value))
    if _NO.match(fact.value):
        denied.update(c.id for m in named for c in m.concepts)
        said.update(_free_of(fact.attribute))
    elif _YES.match(fact.value) or (
        fact.value[:1].isdigit() and not fact.attribute.lower().startswith(("brand", "model"))
    ):
        said.update(i for m in named for c in m.concepts for i in c.entails)
    elif not _DENIES.match(fact.value):
        said.update(
            i
            for m in named
            if m.end - m.start >= len(fact.attribute.strip()) - 1
            for c in m.concepts
            if c.kind in _ASSERTING
            for i in c.entails
        )
    value_words, name_words = stems_of(fact.value), stems_of(fact.attribute)
    codes = frozenset(squeeze(part) for part in re.split(r"[\s,;/|()]+", fact.value) if part)
    return Known(
        fact=fact,
        words=value_words | name_words,
        value_words=value_words,
        name_words=name_words,
        numbers=_numbers(fact.attribute, fact.value),
        positive=frozenset(said),
        negative=frozenset(denied),
        own=frozenset(c.id for m in mentions for c in m.concepts),
        squeezed=squeeze(fact.value),
        codes=codes,
        quarantined=looks_like_an_order(fact.value) or looks_like_an_order(fact.attribute),
    )


def every_fact(facts: ProductFacts) -> tuple[Fact, ...]:
    """Title, brand, category and price beside the attributes, as facts."""
    extra = [Fact("title", facts.title), Fact("brand", facts.brand)]
    extra += [Fact("category", part) for part in facts.category]
    if facts.price:
        extra.append(Fact("price", f"{facts.price} {facts.currency}".strip()))
    return tuple(fact for fact in (*extra, *facts.facts) if fact.value.strip())


def _labels(sound: tuple[Known, ...]) -> tuple[tuple[str, str], ...]:
    """Names by which copy may call an attribute, longer ones first, each with its first word in lower case."""
    names = sorted({known.fact.attribute for known in sound} - _UNNAMED, key=lambda name: (-len(name), name))
    return tuple((name, re.split(r"[\s_/()\-]+", name.strip().lower())[0]) for name in names)


@lru_cache(maxsize=512)
def index_facts(facts: ProductFacts) -> FactIndex:
    """Read every fact of a product once."""
    read = [read_fact(fact) for fact in every_fact(facts)]
    sound = tuple(known for known in read if not known.quarantined)
    positive: dict[str, list[Known]] = defaultdict(list)
    negative: dict[str, list[Known]] = defaultdict(list)
    by_word: dict[str, list[Known]] = defaultdict(list)
    for known in sound:
        for concept in known.positive:
            positive[concept].append(known)
        for concept in known.negative:
            negative[concept].append(known)
        for word in known.words:
            by_word[word].append(known)
    return FactIndex(
        sound,
        tuple(known for known in read if known.quarantined),
        {k: tuple(v) for k, v in positive.items()},
        {k: tuple(v) for k, v in negative.items()},
        {k: tuple(v) for k, v in by_word.items()},
        _labels(sound),
        facts,
    )
