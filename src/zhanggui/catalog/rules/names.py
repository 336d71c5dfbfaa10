"""Names in copy that no dictionary knows: brands, makers, model codes, sizes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.lexicon import find_mentions, lexicon
from zhanggui.catalog.rules.soft import soft_english
from zhanggui.catalog.rules.tables import table, words
from zhanggui.catalog.rules.tokens import Word, stem
from zhanggui.catalog.rules.units import find_numbers

_CODE = re.compile(r"[A-Za-z0-9]+(?:[./_\-+&:][A-Za-z0-9]+)*")
_PART = re.compile(r"[-/.xX×:&+]")
_SIZE = re.compile(
    r"(?:\bsizes?\b(?: is| are|:)?|尺码[:：为是]?|码数[:：]?)\s*(?P<first>(?:XXS|XS|S|M|L|XL|XXL|XXXL|[2-6]XL|small|medium|large|均码)\b)"
    r"|(?<![A-Za-z0-9])(?P<alone>XXS|XS|XL|XXL|XXXL|[2-6]XL)(?![A-Za-z0-9])|(?P<free>\bfree size\b|\bone size\b|均码)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:\b(?:by|from|brand(?:ed)?(?: name)?(?: is|:)?|from the house of|made by|manufactured by|product of)\s+)(?P<name>(?:[A-Z][\w'&.-]*)(?:\s+[A-Z][\w'&.-]*){0,3})"
    r"|(?P<before>(?:[A-Z][\w'&.-]*)(?:\s+[A-Z][\w'&.-]*){0,2})\s+brand\b"
)
_LOW_CUE = re.compile(
    r"(?:(?:^|[.!?;,]\s*|\b(?:is|are|comes?|product|item|quality|made|manufactured|offered|brought to you|sold|created|presented|classic|design|watch|choice|designed|produced)\s)by"
    r"|\b(?:choice|products?|quality|classic|pick|offering|creation|release|collection|masterpiece|addition|piece|item|one|range|brand|goodness|original|warranty) from"
    r"|\bfrom the house of|\b(?:trust|choose)|\bbrand(?: name)?(?: is|:))"
    r"\s+(?P<name>(?!(?:the|a|an|our|your|us|its|this|that|these|hand|design|using|experts?|skilled|artisans?|craftsmen|professionals?|machine|customers?|women|men|everyone|many|all|local|top|master|leading|any|in|from|between)\b)[A-Za-z][\w'&.-]*(?:\s(?!(?:for|is|in|to|with|and|that|has|are|this|of|brand|at|on|as|or|these|will|which|product)\b)[\w'&.-]+){0,3})"
    r"(?=\s(?:for|is|in|to|with|and|that|has|brand|at|product|on|as)\b|[.,!;]|\s*$)",
    re.IGNORECASE,
)
_ZH_BRAND = re.compile(r"(?:品牌[:：为是]\s*|来自品牌)(?P<name>[一-鿿A-Za-z]{2,8}?)(?=[，。；、,;.\s的]|$)|(?P<pai>[一-鿿]{2,4})牌(?=的|[一-鿿]{2}|，|。|$)|来自(?P<from>(?!大自然|自然|设计|手工|生活|内心|海洋|大海|森林|英伦|欧美|街头|中国风|传统|艺术|各地|世界|全球|于)[一-鿿]{2,6}?)(?=的|品牌|，|。|$)|(?:^|[，。！；])(?P<maker>[一-鿿]{2,5})(?:出品|荣誉出品|官方正品|官方旗舰|旗舰店|自制)")
_NOT_PAI = re.compile(r"(?:品|名|大|招|金|王|吊|标|铭|车|门|打|杂|老|洗|正|纸|扑克)$")
_SUFFIXES = ("ability", "iness", "ingly", "edly", "ness", "less", "like", "wear", "able", "ible", "ment", "ful", "ing", "est", "ies", "ied",
             "ish", "ity", "ize", "ise", "our", "ed", "er", "ly", "al", "y", "s")  # fmt: skip
_PREFIXES = ("un", "re", "non", "multi", "anti", "super", "ultra", "pre", "over", "under", "mid", "micro", "semi", "inter", "co", "eco", "hyper", "out")
_HEADS = tuple("proof wear band belt light pad top back stick cut free case cover holder bag cloth head hole stone skin shirt shoe bottom side cord lock plate wood screen print fit length style size width weight down board room stand rack strap cup tray".split())
_ACRONYMS = frozenset("tv diy uv ac dc pc cd dvd usb led lcd ok faq sku id eu us uk ce abs pvc rpm ph cpu gpu ram rom ssd hdd mp os io ii iii iv vi xl eg ie etc vs am pm st nd rd th aka hi ya lb oz fl sq ft na".split())


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
    for suffix in _SUFFIXES:
        base = folded.removesuffix(suffix)
        if base != folded and len(base) >= (4 if len(suffix) < 3 else 3) and (_plain(base) or _plain(base + "e") or _plain(base + "y") or (base[-1] == base[-2] and _plain(base[:-1]))):
            return True
    if any(folded.startswith(p) and len(folded) - len(p) >= 3 and _plain(folded[len(p) :]) for p in _PREFIXES):
        return True
    return any(folded.endswith(head) and len(folded) - len(head) >= 3 and _plain(folded.removesuffix(head)) for head in _HEADS)


def _plain(folded: str) -> bool:
    return folded in words("words_en") or folded in lexicon().stems or folded in _ACRONYMS


@cache
def _brands() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    listed = table("brands")
    english = [str(name) for name in listed["en"]]
    loose = [name for name in english if not all(stem(part) in words("words_en") for part in re.split(r"[\s-]+", name))]
    strict = [name for name in english if name not in loose]
    loose_form = "|".join(sorted(map(re.escape, loose), key=len, reverse=True))
    strict_form = "|".join(sorted(map(re.escape, strict), key=len, reverse=True))
    chinese = "|".join(sorted(map(re.escape, listed["zh"]), key=len, reverse=True))
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:(?i:{loose_form})|{strict_form})(?![A-Za-z])")
    return pattern, re.compile(chinese), frozenset(str(word) for word in listed["zh_latin"])


def find_names(text: str, words_found: list[Word], *, chinese: bool) -> list[Name]:
    """Brands, makers, model codes and sizes that the text names, left to right, not overlapping."""
    found = [*_sizes(text), *_codes(text), *_known_brands(text, chinese)]
    found += _chinese_names(text) if chinese else _cued(text)
    found += _strangers(text, words_found, chinese)
    kept: list[Name] = []
    for name in found:
        if not any(name.start < other.end and other.start < name.end for other in kept):
            kept.append(name)
    return sorted(kept, key=lambda name: name.start)


def _sizes(text: str) -> Iterator[Name]:
    for match in _SIZE.finditer(text):
        group = next(key for key, value in match.groupdict().items() if value)
        yield Name(match.start(group), match.end(group), match.group(group), ClaimKind.SIZE)


def is_code(token: str) -> bool:
    """Whether a token of letters and digits is a code (SH.DF-14), not a measure (500ml), a chain (8x10) or `2-in-1`."""
    if not any(c.isdigit() for c in token) or not any(c.isalpha() for c in token):
        return False
    numbers = find_numbers(token)
    if numbers and numbers[0].start == 0 and numbers[-1].end == len(token) and (numbers[-1].unit or numbers[-1].counter):
        return False
    parts = [part for part in _PART.split(token) if part]
    return not all(part.isdigit() or (part.isalpha() and part.islower() and ordinary(part)) or _measure(part) for part in parts)


def _measure(part: str) -> bool:
    numbers = find_numbers(part)
    if re.fullmatch(r"\d+(?:st|nd|rd|th|s|x|d)", part, re.IGNORECASE):
        return True
    return len(numbers) == 1 and numbers[0].end == len(part) and (numbers[0].unit is not None or bool(numbers[0].counter))


def _codes(text: str) -> Iterator[Name]:
    for match in _CODE.finditer(text):
        if is_code(match.group()):
            yield Name(match.start(), match.end(), match.group(), ClaimKind.MODEL)


def _known_brands(text: str, chinese: bool) -> Iterator[Name]:
    latin, hanzi, _ = _brands()
    for match in latin.finditer(text):
        yield Name(match.start(), match.end(), match.group(), ClaimKind.BRAND)
    for match in hanzi.finditer(text) if chinese else ():
        yield Name(match.start(), match.end(), match.group(), ClaimKind.BRAND)


def _cued(text: str) -> Iterator[Name]:
    for match in _CUE.finditer(text):
        group = "name" if match.group("name") else "before"
        name = match.group(group).rstrip(".")
        if name.lower() not in {"this", "the", "our", "its", "a", "each", "every", "your", "top"}:
            yield Name(match.start(group), match.start(group) + len(name), name, ClaimKind.BRAND)
    for match in _LOW_CUE.finditer(text):
        name = match.group("name").rstrip(".")
        if (not soft_english(name.lower().split()) or (name.istitle() and " " in name)) and not name.endswith("ing") and not find_mentions(name):
            yield Name(match.start("name"), match.start("name") + len(name), name, ClaimKind.BRAND)


def _chinese_names(text: str) -> Iterator[Name]:
    for match in _ZH_BRAND.finditer(text):
        group = next(key for key, value in match.groupdict().items() if value)
        if group == "pai" and _NOT_PAI.search(match.group("pai")):
            continue
        yield Name(match.start(group), match.end(group), match.group(group), ClaimKind.BRAND)


def _strangers(text: str, words_found: list[Word], chinese: bool) -> Iterator[Name]:
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
