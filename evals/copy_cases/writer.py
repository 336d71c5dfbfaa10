"""A plain template writer of true sentences, English and Chinese, that notes where each attribute's value stands."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Line = dict[str, Any]
WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
_MORE = re.compile(WORDS["more"])  # read off the tuning half: by these a human clause asserts more than it restates


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
_MEASURE = re.compile(
    r"^\s*\d+(?:\.\d+)?\s*[A-Za-z]{1,6}\s*$|^\d+(?:\.\d+)?\s*(?:cm|mm|inch|g|kg|ml|l|m|w|v)\b", re.IGNORECASE
)


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
    return (
        0 < len(value) <= 60
        and value.strip().lower() not in {"na", "n/a", "no", "yes", "none", "0"}
        and "\n" not in value
    )


def english(line: Line, dice: random.Random, source: str, count: int = 5) -> Iterator[Sentence]:
    """True English sentences about one product, one attribute each."""
    pairs = [
        (name, value)
        for name, values in line["attributes"].items()
        for value in (values if isinstance(values, list) else [values])
    ]
    pairs = [(name, value) for name, value in pairs if _sound(value)]
    dice.shuffle(pairs)
    for name, value in pairs[:count]:
        kind = kind_of(name, value)
        said = value if kind in {"brand", "other", "certification", "promise"} or dice.random() < 0.5 else value.lower()
        label = name if dice.random() < 0.5 else name.lower()
        yield _sentence(dice.choice(WORDS["sentences"]["en"][kind]), label, said, kind, "en", source)
    if line.get("brand"):
        yield _sentence(dice.choice(WORDS["sentences"]["en"]["brand"]), "brand", line["brand"], "brand", "en", source)
    if line.get("title") and len(line["title"]) <= 80:
        yield _sentence(dice.choice(WORDS["sentences"]["en"]["title"]), "title", line["title"], "title", "en", source)
    if line.get("price") and source == "dummyjson":
        yield _sentence(
            dice.choice(WORDS["sentences"]["en"]["price"]), "price", str(line["price"]), "price", "en", source
        )


def chinese(line: Line, dice: random.Random, source: str, count: int = 5) -> Iterator[Sentence]:
    """True Chinese sentences about one product, one attribute each."""
    pairs = [
        (name, value)
        for name, values in line["attributes"].items()
        for value in (values if isinstance(values, list) else [values])
    ]
    if line.get("brand"):
        pairs.append(("品牌", line["brand"]))
    pairs = [(name, value) for name, value in pairs if value != "见重量" and len(value) > 1]
    dice.shuffle(pairs)
    for name, value in pairs[:count]:
        kind = WORDS["chinese_kinds"].get(name, "other")
        yield _sentence(dice.choice(WORDS["sentences"]["zh-CN"][kind]), name, value, kind, "zh-CN", source)


_HUES = "红橙黄绿蓝紫黑白灰粉棕金银"


def _says_more(clause: str, told: str) -> bool:
    rest = clause
    for word in sorted(re.split(r"\W+", told), key=len, reverse=True):
        rest = rest.replace(word, "") if word else rest
    return _MORE.search(rest) is not None or any(hue in rest for hue in _HUES)


def human_clauses(line: Line, vocabulary: frozenset[str]) -> Iterator[Sentence]:
    """Clauses of the human ad text that restate an attribute and, as far as plain word lists can tell, nothing else."""
    values = {value: name for name, many in line["attributes"].items() for value in many}
    for clause in re.split(r"[，。！？；、!?,]", line.get("text", "")):
        told = " ".join(values)
        if (
            "<UNK>" in clause
            or _says_more(clause, told)
            or not 5 <= len(clause) <= 40
            or re.search(r"[0-9A-Za-z]", clause)
        ):
            continue
        named = sorted((word for word in vocabulary if word in clause), key=lambda word: (-len(word), word))
        longest = [w for w in named if not any(w != o and w in o for o in named)]
        if longest and all(any(word in value for value in values) for word in longest):
            start = clause.index(longest[0])
            value = next(value for value in values if longest[0] in value)
            kind = WORDS["chinese_kinds"].get(values[value], "other")
            yield Sentence(
                clause, start, start + len(longest[0]), values[value], value, kind, "zh-CN", "advertisegen_dev (human)"
            )
