"""Hard claims of a copy that no fact of the product supports: words by group, numbers, codes, names, parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from evals.copy_checker.numbers import TOPICS, Amount, amounts, unit_in_name

Line = dict[str, Any]
_NO = re.compile(r"\s*(?:no|none|na|n/a|not applicable|without|false|否|无|不支持|不含)\s*", re.IGNORECASE)
_DENIED = re.compile(r"(?:\b(?:not|no|non|without|never|isn't)\b|不|无|没有|非)[\s-]*(?:a |an |any )?$", re.IGNORECASE)
_CODE = re.compile(r"(?<![A-Za-z0-9-])(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{2,}")
_MEASURE = re.compile(r"\d+-[A-Za-z-]+(?:\d+)?")  # 3-year, 4-in-1: the number is checked as a number
_MAKER = re.compile(r"\b(?:by|from) ((?:[A-Z][\w&'-]*\s?)+)")
_NAME = re.compile(r"(?<![\w'’-])[A-Z][a-z]{2,}[\w'’-]*")
_PARTS = "sole|upper|lining|strap|dial|frame|lens|handle|lid|collar|sleeve|cuff|hood|band|buckle|cover|blade|base"
_PART_AFTER = re.compile(rf"\s*({_PARTS})\b", re.IGNORECASE)
_PART_BEFORE = re.compile(
    rf"\b({_PARTS})s?\s*(?:is|are|in|of|made of|made from|:|material:|color:)?\s*$", re.IGNORECASE
)
_CALENDAR = frozenset(
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
)
_CALENDAR |= {"November", "December", "Sunday", "Monday", "English", "Chinese", "Christmas", "Valentine", "Diwali"}
_SWALLOWED = "fallen"


@dataclass(frozen=True, slots=True)
class Hit:
    """A hard claim without support: where, which sort, its words, why."""

    place: str
    kind: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    key: str
    proves: frozenset[str]


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, _Word]]:
    groups = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    forms: dict[str, _Word] = {}
    for kind, block in groups.items():
        for line in block.splitlines():
            head, _, listed = line.partition(":")
            key, _, parents = head.partition(">")
            word = _Word(
                kind, f"{kind}:{key.strip()}", frozenset(f"{kind}:{p}" for p in [key.strip(), *parents.split()])
            )
            for form in listed.split(","):
                forms.setdefault(form.strip().lower(), word)
    ordered = sorted((form for form in forms if form), key=len, reverse=True)
    parts = [_form_pattern(form) for form in ordered]
    return re.compile("|".join(parts), re.IGNORECASE), forms


def _form_pattern(form: str) -> str:
    if re.search(r"[\u4e00-\u9fff]", form):
        return re.escape(form)
    words = re.sub(r"(?<=\d)(?=[a-z])", r"\\s?", re.escape(form).replace(r"\ ", r"[\s-]+"))  # 18k is written 18 K too
    return r"(?<![a-z])" + words + r"(?:e?s)?(?![a-z])"


def _plain(text: str) -> str:
    """The text with typographic hyphens and quotes made plain; the same length."""
    return text.translate(str.maketrans("‐‑–—’‘", "----''"))


def _mentions(text: str) -> Iterator[tuple[re.Match[str], _Word]]:
    pattern, forms = _lexicon()
    for match in pattern.finditer(text):
        key = re.sub(r"(?<=\d) (?=[a-z])", "", re.sub(r"[\s-]+", " ", match.group().lower()))
        word = forms.get(key) or forms.get(key.removesuffix("s")) or forms.get(key.removesuffix("es"))
        if word is not None and word.kind != _SWALLOWED:
            yield match, word


class Facts:
    """What a line says, read once: which words it proves, its numbers, its letters."""

    def __init__(self, line: Line) -> None:
        self.pairs = list(pairs_of(line))
        self.proved: dict[str, set[str]] = {}
        self.denied: set[str] = set()
        self.amounts: list[tuple[Amount, str]] = []
        for name, value in self.pairs:
            self._read(name, value)
        text = " \n".join(f"{name} {value}" for name, value in self.pairs).lower()
        self.letters = re.sub(r"[^a-z0-9\u4e00-\u9fff\n]", "", text)
        self.words = set(re.findall(r"[a-z]+", text))

    def _read(self, name: str, value: str) -> None:
        told = _plain(f"{name}: {value}\n{value} {name}").lower()  # `Fit: Regular` says regular fit too
        no = _NO.fullmatch(value) is not None
        for match, word in _mentions(told):
            if no or _DENIED.search(told[: match.start()]):
                self.denied.add(word.key)
                continue
            for key in word.proves:
                self.proved.setdefault(key, set()).add(told)
        unit = unit_in_name(name)
        for one in amounts(value):
            measured = amounts(f"{value[one.start : one.end]} {unit}")[0] if unit and not one.kind else one
            self.amounts.append((Amount(0, 0, measured.value, measured.kind, one.topic), told))
        self.amounts += [(one, told) for one in amounts(name)]

    def has_name(self, name: str) -> bool:
        """Whether the letters of a name or code stand in the facts."""
        return re.sub(r"[^a-z0-9]", "", name.lower().removesuffix("'s")) in self.letters

    def supports(self, one: Amount) -> bool:
        """Whether a fact holds this amount, for the same dimension where both name one."""
        return any(_equal(one, known) and _same_topic(one, known, told) for known, told in self.amounts)


def pairs_of(line: Line) -> Iterator[tuple[str, str]]:
    """Every (name, value) that may be claimed of a product."""
    for name in ("title", "brand", "category"):
        if line.get(name):
            yield name, str(line[name])
    if line.get("price") is not None:
        yield "price", f"{line['price']} {line.get('currency', '')}"
    for name, value in line.get("attributes", {}).items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)


def _equal(claimed: Amount, known: Amount) -> bool:
    if claimed.kind and known.kind:
        return claimed.kind == known.kind and abs(claimed.value - known.value) <= 0.011 * abs(known.value)
    return (claimed.kind == "" and abs(claimed.value - known.value) < 1e-9) or (
        claimed.kind == "" and known.kind != "" and _shown(known, claimed.value)
    )  # fmt: skip


def _shown(known: Amount, value: float) -> bool:
    """28 x 30 cm: a number whose unit stands behind the next one."""
    return any(abs(value * scale - known.value) < 1e-9 for scale in (0.001, 0.01, 0.0254, 0.3048, 86400.0, 2592000.0))


def _same_topic(claimed: Amount, known: Amount, told: str) -> bool:
    if not claimed.topic:
        return True
    topics = {name for name, pattern in TOPICS.items() if pattern.search(told)}
    return not topics or claimed.topic in topics


def unsupported(copy: dict[str, Any], line: Line) -> list[Hit]:
    """Every hard claim of a copy (`title`, `bullets`, `description`, `keywords`) without a fact that says so."""
    facts = Facts(line)
    hits: list[Hit] = []
    for place, text in places(copy):
        plain = _plain(text)
        hits += [*_words(place, plain, facts), *_numbers(place, plain, facts), *_codes(place, plain, facts)]
        if place.startswith(("bullet", "description")):
            hits += [*_names(place, plain, facts), *_makers(place, plain, facts)]
    return hits


def places(copy: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of a copy with the place where it stands."""
    yield "title", copy["title"]
    for at, bullet in enumerate(copy["bullets"]):
        yield f"bullet {at + 1}", bullet
    yield "description", copy["description"]
    for at, word in enumerate(copy["keywords"]):
        yield f"keyword {at + 1}", word


def _words(place: str, text: str, facts: Facts) -> Iterator[Hit]:
    for match, word in _mentions(text):
        said = facts.proved.get(word.key, set())
        denied = _DENIED.search(text[: match.start()]) is not None
        if denied and word.key in facts.denied:
            continue
        if denied or not said:
            yield Hit(place, word.kind, match.group(), "no fact says so" if not denied else "no fact denies it")
        elif word.kind in ("material", "colour") and not _part_fits(text, match, said):
            yield Hit(place, "part", _around(text, match), "the facts say it of another part")


def _part_fits(text: str, match: re.Match[str], said: set[str]) -> bool:
    part = _PART_AFTER.match(text, match.end()) or _PART_BEFORE.search(text[: match.start()])
    if part is None:
        return True
    named = [told for told in said if part[1].lower() in told]
    return bool(named) or all(re.search(rf"\b(?:{_PARTS})", told) is None for told in said)


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 15) : match.end() + 15]


def _numbers(place: str, text: str, facts: Facts) -> Iterator[Hit]:
    codes = [match.span() for match in _CODE.finditer(text) if facts.has_name(match.group())]
    for one in amounts(text):
        shown = text[one.start : one.end]
        if any(start <= one.start and one.end <= end for start, end in codes):
            continue
        if not facts.supports(one) and not re.match(r"\d+(?:st|nd|rd|th)\b", text[one.start :]):
            yield Hit(place, "number", f"{shown} ({one.topic})" if one.topic else shown, "not among the figures")


def _codes(place: str, text: str, facts: Facts) -> Iterator[Hit]:
    for match in _CODE.finditer(text):
        measure = _MEASURE.fullmatch(match.group()) or any(one.kind for one in amounts(match.group()))
        if not measure and not facts.has_name(match.group()):
            yield Hit(place, "code", match.group(), "stands in no fact")


def _makers(place: str, text: str, facts: Facts) -> Iterator[Hit]:
    """By whom the thing is said to be made: a category is nobody."""
    told = " ".join(value for name, value in facts.pairs if name != "category")
    letters = re.sub(r"[^a-z0-9]", "", told.lower())
    for match in _MAKER.finditer(text):
        if re.sub(r"[^a-z0-9]", "", match[1].lower()) not in letters:
            yield Hit(place, "brand", match[1].strip(), "no brand says so")


def _names(place: str, text: str, facts: Facts) -> Iterator[Hit]:
    words = re.findall(r"[A-Za-z][\w'’-]*", text)
    if sum(word[0].isupper() for word in words) * 2 > len(words) + 2:
        return  # a line in title case: capitals say nothing
    for match in _NAME.finditer(text):
        before = text[: match.start()].rstrip()
        starts = not before or before[-1] in '.!?:;•-–"“(' or re.search(r"[\u4e00-\u9fff]$", before) is not None
        word = match.group().removesuffix("'s")
        known = facts.has_name(word) or word in _CALENDAR or word.lower() in facts.words
        if not starts and not known:
            yield Hit(place, "name", match.group(), "a name that stands in no fact")
