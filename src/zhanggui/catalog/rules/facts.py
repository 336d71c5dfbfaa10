"""What is known about a product, read once: its attributes' numbers, concepts and words, ready to be asked for evidence."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from zhanggui.catalog.models import Fact, ProductFacts
from zhanggui.catalog.rules.lexicon import Mention, find_mentions, lexicon
from zhanggui.catalog.rules.tokens import stems_of
from zhanggui.catalog.rules.units import Number, find_numbers
from zhanggui.kernel.errors import BadInput

_YES = re.compile(r"^\s*(?:yes|y|true|1|included|available|supported|是|有|支持|含|带)\s*(?:$|[,，(（;])", re.IGNORECASE)
_NO = re.compile(r"^\s*(?:no|n|none|na|n/a|nil|not?\b.{0,20}|false|0|without|无|没有|否|不支持|不含|不带|不)\s*(?:na)?\s*$", re.IGNORECASE)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|no|non|without|isn't|aren't|never|nor|neither|lacks?|doesn't|cannot)\b(?:[\s-]+(?:a|an|the|any|be|is|fully|contain|have|include|made|of|completely))*[\s-]*$)"
    r"|(?:\b(?:free (?:of|from))\s+(?:\w+\s){0,2}$)|(?:(?:不含有?|没有|不是|并非|不带|不支持|不具备?|不能|未|无|非|不)\s*$)",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bnot (?:only|just)\b[\s\w]*$", re.IGNORECASE)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|above|prior|earlier|all|any|instructions?|rules?|prompts?|facts?|attributes?)\b"
    r"|\b(?:previous|prior|above|system|developer) (?:instructions?|prompts?|messages?)\b"
    r"|\byou (?:are now|must (?:now )?(?:write|say|claim|state|output|include)|should (?:write|say|claim|state))\b"
    r"|\b(?:please )?(?:write|say|state|claim|output|reply|pretend|advertise|describe)\b.{0,20}(?:\bthat\b|\"|“|\s'|100\s?%|\bcures?\b|\bbest\b|\bguarantee|\bonly\b.{0,10}:)"
    r"|\bact as\b|\bas an ai\b|<\|[a-z_]+\|>|\[/?inst\]|^\s*(?:system|assistant|user)\s*:|###\s*(?:instruction|system)"
    r"|(?:忽略|无视|忘记|不要理会|跳过|绕过).{0,12}(?:指令|说明|规则|要求|内容|提示|设定|限制|属性)"
    r"|(?:请|务必|必须|一定要|你要|你应该|应当).{0,6}(?:写|输出|声称|宣称|生成|回答|注明|宣传|说成|描述为|告诉)"
    r"|你(?:现在|从现在起)?是.{0,12}(?:助手|模型|机器人|文案|AI)|系统提示|提示词|(?:写|输出|声称)[:：]",
    re.IGNORECASE | re.DOTALL,
)
_UNIT_IN_NAME = re.compile(r"[(（\[]\s*([^)）\]]{1,12})\s*[)）\]]|\bin\s+(\w{1,12})$", re.IGNORECASE)
_SQUEEZE = re.compile(r"[^0-9a-z一-鿿]+")


@dataclass(frozen=True, slots=True)
class Known:
    """One fact, read: `words` are stems of name and value together, `squeezed` is the value's letters and digits only."""

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
    squeezed: str
    facts: ProductFacts


def squeeze(text: str) -> str:
    """Letters, digits and Chinese characters only, lower case."""
    return _SQUEEZE.sub("", text.lower())


def negated(text: str, start: int) -> bool:
    """Whether the words right before offset `start` deny what follows (not, no, without, 不, 无 ...)."""
    before = text[max(0, start - 40) : start]
    return _NEGATED_BEFORE.search(before) is not None and _ONLY.search(before) is None


def looks_like_an_order(text: str) -> bool:
    """Whether an attribute's text tries to instruct a model instead of describing a product."""
    return _ORDER.search(text) is not None


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


def _full(value: str) -> bool:
    return re.search(r"100\s*[%％]|纯|\bpure\b", value, re.IGNORECASE) is not None


def _numbers(name: str, value: str) -> tuple[Number, ...]:
    """The value's numbers; one without a unit takes the unit that the attribute's name shows: `Weight (g)`."""
    numbers = find_numbers(value)
    match = _UNIT_IN_NAME.search(name)
    if not match or not numbers:
        return tuple(numbers)
    probe = find_numbers(f"1 {match.group(1) or match.group(2)}")
    unit = probe[0].unit if probe else None
    return tuple(
        n if n.unit or n.counter else Number(n.start, n.end, n.value, n.digits, unit, "", "", n.group) for n in numbers
    )


def read_fact(fact: Fact) -> Known:
    """Read one fact: yes and no values turn the attribute's name into what is asserted or denied."""
    mentions = find_mentions(fact.value, bare_colours=True)
    said, denied = _concepts(fact.value, mentions)
    _with_pure(fact.value, said)
    named = find_mentions(fact.attribute)
    if _NO.match(fact.value):
        denied.update(c.id for m in named for c in m.concepts)
    elif _YES.match(fact.value) or (fact.value[:1].isdigit() and not fact.attribute.lower().startswith(("brand", "model"))):
        said.update(i for m in named for c in m.concepts for i in c.entails)
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
        "\n".join(known.squeezed for known in sound),
        facts,
    )


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    raise BadInput(field=key, expected="text", found=repr(value))


def _category(data: Mapping[str, object]) -> tuple[str, ...]:
    value = data.get("category")
    if isinstance(value, (list, tuple)):
        return tuple(_scalar("category", part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return tuple(part.strip() for part in re.split(r"\s*>>?\s*", _text(data, "category")) if part.strip())


def _price(data: Mapping[str, object]) -> str:
    value = data.get("price")
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or value != value:
        raise BadInput(field="price", expected="a number", found=repr(value))
    return str(value).strip()


def _scalar(field: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int, float)):
        return str(value).strip()
    raise BadInput(field=field, expected="text, a number, or a list of them", found=repr(value))


def _attributes(value: object) -> tuple[Fact, ...]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise BadInput(field="attributes", expected="an object of name to value or values", found=repr(value))
    found: list[Fact] = []
    for name, values in value.items():  # pyright: ignore[reportUnknownVariableType]
        label = str(name)  # pyright: ignore[reportUnknownArgumentType]
        many: Sequence[object] = values if isinstance(values, (list, tuple)) else (values,)  # pyright: ignore[reportUnknownVariableType]
        found += [Fact(label, _scalar(f"attributes.{label}", one)) for one in many if one is not None]
    return tuple(fact for fact in found if fact.value)


def facts_of(product: Mapping[str, object]) -> ProductFacts:
    """The facts of one input line `{id, title?, category?, brand?, price?, currency?, attributes: {name: value or [values]}}`.

    A category may be one path (`a > b`) or a list. Unknown fields are ignored.

    Raises:
        BadInput: a field has the wrong type; names the field.
    """
    return ProductFacts(
        title=_text(product, "title"),
        category=_category(product),
        brand=_text(product, "brand"),
        facts=_attributes(product.get("attributes")),
        price=_price(product),
        currency=_text(product, "currency"),
    )
