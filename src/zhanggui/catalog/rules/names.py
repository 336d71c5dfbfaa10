"""Names in copy that no dictionary knows: brands, makers, model codes, sizes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.lexicon import find_mentions, lexicon
from zhanggui.catalog.rules.soft import soft_english
from zhanggui.catalog.rules.tables import table, words
from zhanggui.catalog.rules.tokens import Word, stem, words_of
from zhanggui.catalog.rules.units import find_numbers

_CODE = re.compile(r"[A-Za-z0-9]+(?:[./_\-+&:][A-Za-z0-9]+)*")
_CUE_WORDS = ("by ", "from ", "trust ", "choose ", "brand")
_MIXED = re.compile(r"\d.*[A-Za-z]|[A-Za-z].*\d")
_PART = re.compile(r"[-/.xX×:&+]")
_SIZE = re.compile(
    r"(?:\bsizes?\b(?: is| are|:)?|尺码[:：为是]?|码数[:：]?)\s*"
    r"(?P<first>(?:XXS|XS|S|M|L|XL|XXL|XXXL|[2-6]XL|small|medium|large|均码)\b)"
    r"|(?<![A-Za-z0-9])(?P<alone>XXS|XS|XL|XXL|XXXL|[2-6]XL)(?![A-Za-z0-9])|(?P<free>\bfree size\b|\bone size\b|均码)",
    re.IGNORECASE,
)
_NOT_PAI = re.compile(r"(?:品|名|大|招|金|王|吊|标|铭|车|门|打|杂|老|洗|正|纸|扑克)$")


@cache
def _shapes() -> dict[str, re.Pattern[str]]:
    data = table("names")
    return {
        "cue": re.compile(str(data["cue"])),
        "low_cue": re.compile(str(data["low_cue"]), re.IGNORECASE),
        "zh": re.compile(str(data["zh"])),
    }


@cache
def _pieces(kind: str) -> tuple[str, ...]:
    return tuple(str(table("names")[kind]).split())


@dataclass(frozen=True, slots=True)
class Name:
    """A word or a code that names something in particular."""

    start: int
    end: int
    text: str
    kind: ClaimKind


@lru_cache(maxsize=65536)
def ordinary(word: str) -> bool:
    """Whether a word is plain English: in the dictionary, in the lexicon, or built from such a word."""
    folded = stem(word)
    if _plain(folded):
        return True
    for suffix in _pieces("suffixes"):
        base = folded.removesuffix(suffix)
        if (
            base != folded
            and len(base) >= (4 if len(suffix) < 3 else 3)
            and (
                _plain(base) or _plain(base + "e") or _plain(base + "y") or (base[-1] == base[-2] and _plain(base[:-1]))
            )
        ):
            return True
    rests = [folded.removeprefix(p) for p in _pieces("prefixes")] + [folded.removesuffix(h) for h in _pieces("heads")]
    return any(rest != folded and len(rest) >= 3 and _plain(rest) for rest in rests)


def _plain(folded: str) -> bool:
    return folded in words("words_en") or folded in lexicon().stems or folded in _pieces("acronyms")


@cache
def _brands() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    listed = table("brands")
    english = [str(name) for name in listed["en"]]
    loose = [name for name in english if not all(stem(part) in words("words_en") for part in re.split(r"[\s-]+", name))]
    strict = [name for name in english if name not in loose]
    loose_form = "|".join(sorted(map(re.escape, loose), key=len, reverse=True))
    strict_form = "|".join(sorted(map(re.escape, strict), key=len, reverse=True))
    chinese = "|".join(sorted((re.escape(str(name)) for name in listed["zh"]), key=len, reverse=True))
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:(?i:{loose_form})|{strict_form})(?![A-Za-z])")
    return pattern, re.compile(chinese), frozenset(str(word) for word in listed["zh_latin"])


@cache
def _brand_heads() -> frozenset[str]:
    """The first letters of the known brands, to pass over texts that name none."""
    return frozenset(words_of(str(name))[0].text[:3].lower() for name in table("brands")["en"])


def find_names(text: str, words_found: tuple[Word, ...], *, chinese: bool) -> list[Name]:
    """Brands, makers, model codes and sizes that the text names, left to right, not overlapping."""
    found = [*_sizes(text), *_codes(text), *_known_brands(text, words_found, chinese)]
    found += _chinese_names(text) if chinese else _cued(text)
    found += _strangers(text, words_found, chinese)
    taken, kept = bytearray(len(text)), list[Name]()
    for name in found:
        if not any(taken[name.start : name.end]):
            taken[name.start : name.end] = b"\x01" * (name.end - name.start)
            kept.append(name)
    return sorted(kept, key=lambda name: name.start)


def _sizes(text: str) -> Iterator[Name]:
    for match in _SIZE.finditer(text):
        group = next(key for key, value in match.groupdict().items() if value)
        yield Name(match.start(group), match.end(group), match.group(group), ClaimKind.SIZE)


def is_code(token: str) -> bool:
    """Whether a token of letters and digits is a code (SH.DF-14), not a measure (500ml), a chain (8x10) or `2-in-1`."""
    if token.isalpha() or token.isdigit() or not _MIXED.search(token):
        return False
    numbers = find_numbers(token)
    if (
        numbers
        and numbers[0].start == 0
        and numbers[-1].end == len(token)
        and (numbers[-1].unit or numbers[-1].counter)
    ):
        return False
    parts = [part for part in _PART.split(token) if part]
    return not all(
        part.isdigit() or (part.isalpha() and part.islower() and ordinary(part)) or _measure(part) for part in parts
    )


def _measure(part: str) -> bool:
    numbers = find_numbers(part)
    if re.fullmatch(r"\d+(?:st|nd|rd|th|s|x|d)", part, re.IGNORECASE):
        return True
    return (
        len(numbers) == 1 and numbers[0].end == len(part) and (numbers[0].unit is not None or bool(numbers[0].counter))
    )


def _codes(text: str) -> Iterator[Name]:
    for match in _CODE.finditer(text):
        if is_code(match.group()):
            yield Name(match.start(), match.end(), match.group(), ClaimKind.MODEL)


def _known_brands(text: str, words_found: tuple[Word, ...], chinese: bool) -> Iterator[Name]:
    latin, hanzi, _ = _brands()
    heads = {word.text[:3].lower() for word in words_found}
    for match in latin.finditer(text) if not heads.isdisjoint(_brand_heads()) else ():
        yield Name(match.start(), match.end(), match.group(), ClaimKind.BRAND)
    for match in hanzi.finditer(text) if chinese else ():
        yield Name(match.start(), match.end(), match.group(), ClaimKind.BRAND)


def _cued(text: str) -> Iterator[Name]:
    for match in _shapes()["cue"].finditer(text):
        group = "name" if match.group("name") else "before"
        name = match.group(group).rstrip(".")
        if name.lower() not in {"this", "the", "our", "its", "a", "each", "every", "your", "top"}:
            yield Name(match.start(group), match.start(group) + len(name), name, ClaimKind.BRAND)
    lowered = text.lower()
    for match in _shapes()["low_cue"].finditer(text) if any(cue in lowered for cue in _CUE_WORDS) else ():
        name = match.group("name").rstrip(".")
        if (
            (not soft_english(name.lower().split()) or (name.istitle() and " " in name))
            and not name.endswith("ing")
            and not _means_something(name)
        ):
            yield Name(match.start("name"), match.start("name") + len(name), name, ClaimKind.BRAND)


def _means_something(name: str) -> bool:
    """Whether a candidate name is really a cloth, a colour, a place: a word of the lexicon that is judged as such."""
    return any(concept.kind is not ClaimKind.SOFT for mention in find_mentions(name) for concept in mention.concepts)


def _chinese_names(text: str) -> Iterator[Name]:
    for match in _shapes()["zh"].finditer(text):
        group = next(key for key, value in match.groupdict().items() if value)
        if group == "pai" and _NOT_PAI.search(match.group("pai")):
            continue
        yield Name(match.start(group), match.end(group), match.group(group), ClaimKind.BRAND)


def _strangers(text: str, words_found: tuple[Word, ...], chinese: bool) -> Iterator[Name]:
    """Words of Latin letters that no list knows: runs of them become one name."""
    _, _, allowed = _brands()
    start = end = -1
    for word in words_found:
        if not word.text[0].isalpha():
            continue
        known = (word.text.lower() in allowed or len(word.text) == 1) if chinese else _familiar(word.text)
        if known:
            continue
        if start >= 0 and not text[end : word.start].strip(" &'-"):
            end = word.end
            continue
        if start >= 0:
            yield Name(start, end, text[start:end], ClaimKind.BRAND)
        start, end = word.start, word.end
    if start >= 0:
        yield Name(start, end, text[start:end], ClaimKind.BRAND)


def _familiar(word: str) -> bool:
    return len(word) <= 2 or ordinary(word.replace("’", "'").split("'")[0])
