"""A plain template writer of true sentences, English and Chinese, that notes where each attribute's value stands."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Line = dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """A true sentence; characters `start`..`end` restate `value` of `attribute`, a fact of kind `kind`."""

    text: str
    start: int
    end: int
    attribute: str
    value: str
    kind: str
    language: str
    source: str


_EN_KINDS: tuple[tuple[str, str], ...] = (
    (r"^(?:colou?r|shade|.*\bcolou?r)$", "colour"),
    (r"(?:^|\b)(?:material|fabric)$|^material", "material"),
    (r"^brand$", "brand"),
    (r"origin|country", "origin"),
    (r"certif", "certification"),
    (r"^(?:pack of|number of .*|sales package|quantity in box|minimum order quantity)$", "count"),
)
_EN: dict[str, tuple[str, ...]] = {
    "colour": ("It comes in {v}.", "Available in a lovely {v} shade.", "The {a} is {v}.", "{a}: {v}", "Finished in {v} for a timeless look."),
    "material": ("Made of {v}.", "Crafted from {v} for everyday comfort.", "{a}: {v}", "The {a} is {v}, so it feels great.", "This piece is made from {v}."),
    "brand": ("A stylish choice from {v}.", "This item is by {v}.", "Brand: {v}", "Trust {v} for your daily needs."),
    "origin": ("Made in {v}.", "Country of origin: {v}"),
    "certification": ("Certification: {v}", "It comes with {v} certification."),
    "count": ("{a}: {v}", "You get {v} in the box.", "{a} - {v}."),
    "number": ("{a}: {v}", "The {a} is {v}.", "With a {a} of {v}, it fits neatly into your space.", "It measures {v} in {a}.", "- {a}: {v}"),
    "other": ("{a}: {v}", "The {a} is {v}.", "{a} - {v}", "• {a}: {v}"),
    "title": ("Discover the {v}.", "Meet the {v}, a great addition to your collection.", "{v} is designed with you in mind."),
    "promise": ("{v}.", "{a}: {v}", "Enjoy peace of mind: {v}."),
    "price": ("Yours for only {v} dollars.", "Price: {v}"),
}  # fmt: skip
_ZH: dict[str, tuple[str, ...]] = {
    "colour": ("{v}的设计经典耐看。", "采用{v}，简约大方。", "颜色为{v}。", "颜色：{v}", "这款{v}单品非常百搭。"),
    "material": ("采用{v}面料，手感舒适。", "材质：{v}", "{v}材质，质感出众。", "精选{v}，亲肤柔软。"),
    "brand": ("来自{v}的用心之作。", "品牌：{v}", "{v}出品，值得信赖。"),
    "origin": ("产地：{v}", "产自{v}。", "原产地为{v}。"),
    "certification": ("通过{v}。", "认证：{v}", "已获得{v}，使用安心。"),
    "count": ("一套共{v}。", "数量：{v}", "内含{v}。"),
    "number": ("{a}：{v}", "{a}为{v}。", "{a}达到{v}，日常够用。", "拥有{v}的{a}。"),
    "model": ("型号：{v}", "型号为{v}。", "{v}型号，细节到位。"),
    "other": ("{v}设计，时尚大方。", "{a}：{v}", "经典的{v}设计，凸显优雅气质。", "搭配{v}元素，更显俏皮。", "{v}的款式，上身好看。"),
}  # fmt: skip
_ZH_KINDS = {"颜色": "colour", "材质": "material", "品牌": "brand", "产地": "origin", "认证": "certification", "数量": "count", "型号": "model",
             "质保": "number", "净重": "number", "容量": "number", "尺寸": "number", "功率": "number", "重量": "number", "续航": "number", "电池容量": "number"}  # fmt: skip
_MEASURE = re.compile(r"^\s*\d+(?:\.\d+)?\s*[A-Za-z]{1,6}\s*$|^\d+(?:\.\d+)?\s*(?:cm|mm|inch|g|kg|ml|l|m|w|v)\b", re.IGNORECASE)


def kind_of(attribute: str, value: str) -> str:
    """The kind of claim that an English attribute's value makes, by its name."""
    name = attribute.strip().lower()
    for pattern, kind in _EN_KINDS:
        if re.search(pattern, name):
            return kind
    if name in {"warranty", "shipping", "return policy", "warranty summary"}:
        return "promise"
    return "number" if _MEASURE.match(value) else "other"


def _place(template: str, attribute: str, value: str) -> tuple[str, int]:
    before, _, after = template.partition("{v}")
    head = before.replace("{a}", attribute)
    return head + value + after.replace("{a}", attribute), len(head)


def _sentence(template: str, attribute: str, value: str, kind: str, language: str, source: str) -> Sentence:
    text, start = _place(template, attribute, value)
    return Sentence(text, start, start + len(value), attribute, value, kind, language, source)


def _sound(value: str) -> bool:
    return 0 < len(value) <= 60 and value.strip().lower() not in {"na", "n/a", "no", "yes", "none", "0"} and "\n" not in value


def english(line: Line, dice: random.Random, source: str, count: int = 5) -> Iterator[Sentence]:
    """True English sentences about one product, one attribute each."""
    pairs = [(name, value) for name, values in line["attributes"].items() for value in (values if isinstance(values, list) else [values])]
    pairs = [(name, value) for name, value in pairs if _sound(value)]
    dice.shuffle(pairs)
    for name, value in pairs[:count]:
        kind = kind_of(name, value)
        said = value if kind in {"brand", "other", "certification", "promise"} or dice.random() < 0.5 else value.lower()
        label = name if dice.random() < 0.5 else name.lower()
        yield _sentence(dice.choice(_EN[kind]), label, said, kind, "en", source)
    if line.get("brand"):
        yield _sentence(dice.choice(_EN["brand"]), "brand", line["brand"], "brand", "en", source)
    if line.get("title") and len(line["title"]) <= 80:
        yield _sentence(dice.choice(_EN["title"]), "title", line["title"], "title", "en", source)
    if line.get("price") and source == "dummyjson":
        yield _sentence(dice.choice(_EN["price"]), "price", str(line["price"]), "price", "en", source)


def chinese(line: Line, dice: random.Random, source: str, count: int = 5) -> Iterator[Sentence]:
    """True Chinese sentences about one product, one attribute each."""
    pairs = [(name, value) for name, values in line["attributes"].items() for value in (values if isinstance(values, list) else [values])]
    if line.get("brand"):
        pairs.append(("品牌", line["brand"]))
    pairs = [(name, value) for name, value in pairs if value != "见重量" and len(value) > 1]
    dice.shuffle(pairs)
    for name, value in pairs[:count]:
        kind = _ZH_KINDS.get(name, "other")
        yield _sentence(dice.choice(_ZH[kind]), name, value, kind, "zh-CN", source)


def human_clauses(line: Line, vocabulary: frozenset[str]) -> Iterator[Sentence]:
    """Clauses of the human ad text that restate an attribute and, as far as the set's own vocabulary of values can tell, nothing else."""
    values = {value: name for name, many in line["attributes"].items() for value in many}
    for clause in re.split(r"[，。！？；、!?,]", line.get("text", "")):
        if "<UNK>" in clause or not 5 <= len(clause) <= 40 or re.search(r"[0-9A-Za-z]", clause):
            continue
        named = sorted((word for word in vocabulary if word in clause), key=len, reverse=True)
        longest = [w for w in named if not any(w != o and w in o for o in named)]
        if longest and all(any(word in value for value in values) for word in longest):
            start = clause.index(longest[0])
            value = next(value for value in values if longest[0] in value)
            kind = _ZH_KINDS.get(values[value], "other")
            yield Sentence(clause, start, start + len(longest[0]), values[value], value, kind, "zh-CN", "advertisegen_dev (human)")
