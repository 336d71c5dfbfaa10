"""What a shopping title is made of, by rules and word lists of our own, Chinese and English.

This is the reader that works out of the box; a tagger trained on a merchant's own labelled titles reads better and
comes in through `parts_of_spans`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

import rjieba
import yaml

from zhanggui.catalog.models import ClaimKind, TitleParts
from zhanggui.catalog.rules.lexicon import find_mentions
from zhanggui.catalog.rules.names import ordinary
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import CJK, stem
from zhanggui.catalog.rules.units import find_numbers
from zhanggui.kernel.types import Locale

MAX_TITLE = 2000
_HAN = "一-鿿"
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9/-]*[A-Za-z])(?=[A-Za-z0-9/-]*\d)[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*(?![A-Za-z0-9])"
)
_NO_CODE = re.compile(
    r"(?i)(?:[2-6]xl|\d{1,2}[gkd]|mp[34]|3c|a[3-5]|b5|[345]g|t-?shirt|20[12]\d.*|\d+(?:st|nd|rd|th)|\d+-?in-?\d+)"
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z&'.]*(?: [A-Za-z][A-Za-z&'.]*){0,2}")
_PAIR = re.compile(
    rf"(?P<latin>[A-Za-z][A-Za-z&'. ]{{1,20}})/(?P<han>[{_HAN}]{{2,6}})"
    rf"|(?P<first>[{_HAN}]{{2,6}})/(?P<then>[A-Za-z][A-Za-z&'.]+)"
)
_ENGLISH_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’&.+-]*")
_HEAD_ENDS = re.compile(r"\s(?:for|with|in|of|by|from|to|and|&|at)\s|[,|;:(\[/]|\s[-–—]\s", re.IGNORECASE)
_ATTRIBUTE_KINDS = frozenset(
    {ClaimKind.MATERIAL, ClaimKind.COLOUR, ClaimKind.FEATURE, ClaimKind.AUDIENCE, ClaimKind.ORIGIN, ClaimKind.SIZE}
)
_SMALL = frozenset(
    ("the", "and", "for", "with", "new", "set", "pack", "best", "this", "that", "your", "our", "all", "pair", "piece",
     "size", "color", "style", "woman", "man", "kid")
)  # fmt: skip
_ACTIVITIES = frozenset(
    ("running", "walking", "hiking", "cooking", "swimming", "training", "cycling", "camping", "fishing", "skipping",
     "sleeping", "ironing", "writing", "reading", "painting", "drawing", "gaming", "sewing", "dining", "washing",
     "cutting", "baking", "frying", "mixing", "serving", "wedding", "building", "climbing", "riding", "evening")
)  # fmt: skip
_LABELS = {
    "hccx": "product", "hppx": "brand", "xh": "model", "misc": "attribute", "product": "product",
    "product_word": "product", "brand": "brand", "model": "model", "attribute": "attribute",
}  # fmt: skip
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Words:
    words: dict[str, tuple[str, ...]]  # first character -> whole words, longest first
    endings: frozenset[str]
    excluded: frozenset[str]
    fillers: frozenset[str]
    english: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a shop's own catalogue already tells: its brands and its product words (last parts of its categories)."""

    brands: tuple[str, ...] = ()
    product_words: tuple[str, ...] = ()


@cache
def _lists() -> _Words:
    text = (files("zhanggui.catalog") / "models_data" / "product_words.yaml").read_text(encoding="utf-8")
    listed = {name: str(block).split() for name, block in cast(dict[str, Any], yaml.safe_load(text)).items()}
    return _Words(
        _by_first(listed["zh_words"]),
        frozenset(listed["zh_endings"]),
        frozenset(listed["zh_not"]),
        frozenset(listed["zh_fillers"]),
        frozenset(stem(word) for word in listed["en_words"]),
    )


def fillers() -> frozenset[str]:
    """Seller talk (包邮, 爆款) that no shopper searches for."""
    return _lists().fillers


def _by_first(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[0].lower(), []).append(word.lower())
    return {first: tuple(sorted(set(some), key=lambda word: (-len(word), word))) for first, some in found.items()}


def read_title(title: str, locale: Locale, known: KnownNames | None = None) -> TitleParts:
    """The parts of a title. Only its first 2,000 characters are read; an empty title has no parts."""
    title = title[:MAX_TITLE]
    known = known or KnownNames()
    brands = tuple(_brands(title, known, chinese=CJK.search(title) is not None))
    units = [(one.start, one.end) for one in find_numbers(title) if one.unit or one.counter]
    models = tuple(place for place in _codes(title) if not _inside(place, (*units, *brands)))
    taken = (*brands, *models)
    chinese = locale == "zh-CN" or CJK.search(title) is not None
    words = tuple(_chinese_words(title, known, taken) if chinese else _english_words(title, known, taken))
    mentions = [
        (one.start, one.end)
        for one in find_mentions(title)
        if any(concept.kind in _ATTRIBUTE_KINDS for concept in one.concepts)
    ]
    attributes = _apart([*units, *mentions], (*taken, *words))
    return _parts(title, {"product": words, "brand": brands, "model": models, "attribute": attributes}, chinese)


def parts_of_spans(title: str, spans: Iterable[tuple[int, int, str]], locale: Locale) -> TitleParts:
    """The parts from spans (start, end, label) of a trained tagger; labels as in `zh_product_ner`, or plain names."""
    places: dict[str, list[Place]] = {"product": [], "brand": [], "model": [], "attribute": []}
    for start, end, label in spans:
        places[_LABELS.get(label.lower(), "attribute")].append((start, end))
    return _parts(title, places, locale == "zh-CN" or CJK.search(title) is not None)


def _parts(title: str, places: dict[str, Any], chinese: bool) -> TitleParts:
    def texts(name: str) -> tuple[str, ...]:
        found: Sequence[Place] = places[name] if name == "product" else sorted(places[name])
        cut = (title[start:end].strip(" ,，/|-【】()（）") for start, end in found)
        return tuple({text.lower(): text for text in reversed([one for one in cut if one])}.values())[::-1]

    words, brands, models, attributes = (texts(name) for name in ("product", "brand", "model", "attribute"))
    keywords = keywords_from(words, brands, models, attributes, chinese=chinese)
    return TitleParts(words, brands, models, attributes, keywords)


def keywords_from(
    words: Sequence[str],
    brands: Sequence[str],
    models: Sequence[str],
    attributes: Sequence[str],
    *,
    chinese: bool,
    limit: int = 20,
) -> tuple[str, ...]:
    """What shoppers would type: product words, then with the brand, the model and single attributes before them."""
    gap = "" if chinese else " "
    main = list(words[:3])
    joined = [f"{brand}{gap}{word}" for brand in brands[:2] for word in main]
    joined += [f"{brand} {model}" for brand in brands[:1] for model in models[:2]] or list(models[:2])
    joined += [f"{one}{gap}{word}" for word in main[:2] for one in attributes[:6] if one.lower() not in word.lower()]
    every = (*words, *joined, *brands)
    return tuple({keyword.lower(): keyword for keyword in reversed(every) if keyword}.values())[::-1][:limit]


def _inside(place: Place, others: Iterable[Place]) -> bool:
    return any(place[0] < end and start < place[1] for start, end in others)


def _apart(places: Iterable[Place], taken: Sequence[Place]) -> tuple[Place, ...]:
    """The places that touch neither the taken ones nor a longer one of their own."""
    kept: list[Place] = []
    for place in sorted(set(places), key=lambda one: (one[0] - one[1], one[0])):
        if not _inside(place, (*taken, *kept)):
            kept.append(place)
    return tuple(kept)


@lru_cache(maxsize=64)
def _brand_pattern(brands: tuple[str, ...]) -> re.Pattern[str]:
    """Known brands; those in Latin letters only as whole words."""
    forms = sorted({brand for brand in brands if len(brand.strip()) > 1}, key=lambda brand: (-len(brand), brand))
    bounded = (
        re.escape(form) if CJK.search(form) else rf"(?<![A-Za-z]){re.escape(form)}(?![A-Za-z])" for form in forms
    )
    return re.compile("|".join(bounded) or r"(?!)", re.IGNORECASE)


def _brands(title: str, known: KnownNames, *, chinese: bool) -> Iterator[Place]:
    listed = table("brands")
    found: list[Place] = [match.span() for match in _brand_pattern(known.brands).finditer(title)]
    shipped = tuple(str(name) for name in (*listed["zh"], *listed["en"]))
    for match in _brand_pattern(shipped).finditer(title):
        capital = chinese or match.group()[0].isupper()
        if capital and not (match.group().islower() and ordinary(match.group())) and not _inside(match.span(), found):
            found.append(match.span())
    for match in _PAIR.finditer(title):
        name = (match.group("latin") or match.group("then")).strip()
        if not ordinary(name) and name.lower() not in listed["zh_latin"]:
            pair = (
                match.start(),
                match.start("han") + _first_word(match.group("han")) if match.group("han") else match.end(),
            )
            found = [place for place in found if not _inside(place, [pair])] + [pair]
    if not found and (place := _leading(title, listed["zh_latin"], chinese)):
        found.append(place)
    yield from found


def _first_word(text: str) -> int:
    return min(len(text), max(2, len(rjieba.cut(text)[0])))


def _leading(title: str, plain: Collection[str], chinese: bool) -> Place | None:
    """An unknown name in front: Latin letters in a Chinese title, capitalised unknown words in an English one."""
    start = len(title) - len(title.lstrip(" 【[(（"))
    match = _LATIN.match(title, start)
    if match is None:
        return None
    words = match.group().split()
    if chinese:
        word = words[0]
        free = len(word) > 2 and word.lower() not in plain and not title[start + len(word) :][:1].isdigit()
        return (start, start + len(word)) if free and not ordinary(word) else None
    size = 0
    for word in words:
        if not word[0].isupper() or ordinary(word) or stem(word) in _lists().english:
            break
        size += 1
    return (start, start + len(" ".join(words[:size]))) if size else None


def _codes(title: str) -> Iterator[Place]:
    for match in _CODE.finditer(title):
        if not _NO_CODE.fullmatch(match.group()) and len(match.group()) <= 24:
            yield match.span()


def _chinese_words(title: str, known: KnownNames, taken: Sequence[Place]) -> Iterator[Place]:
    lists = _lists()
    lower = title.lower() if len(title.lower()) == len(title) else title
    own = _by_first(word for word in known.product_words if len(word) > 1)
    found: list[Place] = []
    before: Place | None = None
    for start, end in _tokens(lower):
        place = (start, end)
        listed = _listed(lower, start, own) or _listed(lower, start, lists.words)
        if listed:
            place = (start, listed)
        elif not _is_thing(lower[start:end], lists):
            before = (start, end)
            continue
        elif lower[start:end] in lists.endings:
            place = _joined_to(lower, before, place, lists)
        if not listed and (place[1] - place[0] < 2 or _says_how(lower[place[0] : place[1]])):
            before = place
            continue
        if found and place[0] < found[-1][1]:
            place = (found[-1][0], max(place[1], found[-1][1])) if place[1] > found[-1][1] else found[-1]
            found.pop()
        if not _inside(place, taken):
            found.append(place)
        before = place
    yield from found


def _tokens(text: str) -> Iterator[Place]:
    start = 0
    for word in rjieba.cut(text):
        yield start, start + len(word)
        start += len(word)


def _listed(text: str, start: int, words: dict[str, tuple[str, ...]]) -> int:
    """Where the longest listed word that begins here ends, 0 when there is none."""
    for word in words.get(text[start : start + 1], ()):
        if text.startswith(word, start):
            return start + len(word)
    return 0


def _is_thing(word: str, lists: _Words) -> bool:
    """Whether a dictionary word ends like a thing (保温杯) and is no known exception (包邮)."""
    if word in lists.endings:
        return True
    if len(word) < 2 or word in lists.excluded or word in lists.fillers or CJK.match(word) is None:
        return False
    return any(word.endswith(ending) and len(word) > len(ending) for ending in lists.endings)


@lru_cache(maxsize=4096)
def _says_how(word: str) -> bool:
    """Whether the whole word is a material, a colour or the like (硅胶), not a thing."""
    return any(
        (one.start, one.end) == (0, len(word)) and any(concept.kind in _ATTRIBUTE_KINDS for concept in one.concepts)
        for one in find_mentions(word)
    )


def _joined_to(text: str, before: Place | None, place: Place, lists: _Words) -> Place:
    """A bare ending (布, 材料) with the word before it (蜡染布)."""
    if before is None or before[1] != place[0] or not _can_lead(text[before[0] : before[1]], lists):
        return place
    return before[0], place[1]


def _can_lead(word: str, lists: _Words) -> bool:
    return CJK.match(word) is not None and word not in lists.fillers and len(word) <= 3


def _english_words(title: str, known: KnownNames, taken: Sequence[Place]) -> Iterator[Place]:
    own = {stem(word.split()[-1]) for word in known.product_words if word.split()}
    spots = [match.span() for match in _ENGLISH_WORD.finditer(title) if not _inside(match.span(), taken)]
    things = _lists().english | own
    heads = [place for place in spots if stem(title[place[0] : place[1]].strip(".,")) in things]
    end = next((match.start() for match in _HEAD_ENDS.finditer(title) if match.start() > 3), len(title))
    first = [place for place in heads if place[0] < end]
    if not heads:
        head = [place for place in spots if place[0] < end and not title[place[0]].isdigit()]
        first = head[-1:]
    found: list[Place] = []
    for place in [*first[-1:], *heads]:
        wide = _with_modifier(title, place, spots)
        if not _inside(wide, found):
            found.append(wide)
    yield from found


def _with_modifier(title: str, place: Place, spots: Sequence[Place]) -> Place:
    """The thing with the plain noun before it (running shoes), unless that is a colour, a material or the like."""
    before = next((spot for spot in spots if spot[1] == place[0] - 1 and title[spot[1]] == " "), None)
    if before is None or not _is_plain(title[before[0] : before[1]]):
        return place
    return before[0], place[1]


def _is_plain(word: str) -> bool:
    known = word.isalpha() and len(word) > 2 and ordinary(word) and not word.endswith("ly")
    if word.lower().endswith("ing") and word.lower() not in _ACTIVITIES:
        return False
    return known and stem(word) not in _SMALL and not find_mentions(word)
