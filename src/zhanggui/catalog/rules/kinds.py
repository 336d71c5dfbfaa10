"""What a text says that a product is: `this leather bag`, 这款短裙. Only where the text names the product itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.findings import Finding
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import CJK

# Where the product speaks of itself: a determiner, at most five words of description, then the noun.
_SELF_EN = re.compile(
    r"\b(?:this|these|our|introducing (?:the|our)|(?:is|are) (?:a|an)(?: pair of)?)\s+((?:[\w'’/-]+\s+){0,5}?[\w'’-]+)"
    r"(?=\s*(?:[.,;:!?)]|$|\b(?:is|are|has|have|with|from|by|in|for|of|that|which|features?|comes?|made|offers?|"
    r"brings?|and|will|adds?|makes?|gives?|provides?|combines?|measures?|includes?)\b))",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(r"[,|(–:]|\s-\s|\s(?:in|with|for|by|from|of|set|pack|combo)\b", re.IGNORECASE)
_SELF_ZH = re.compile(r"(?:这|此|本)(?:款|条|件|双|只|个|套|台|支|瓶|顶|枚|把|张)([^，。！？；、\n]{1,24})")
_ENDS_ZH = (
    "采用|选用|使用|是|为|以|具有|拥有|有|融合|设计|搭配|在|让|能|可|带|由|将|不仅|既|非常|很|适合|展现|运用|整体|"
    "经典|简约|的|，|。|！|？|；|、|$"
)
_BROAD = frozenset({"garment", "furniture", "jewel"})


@dataclass(frozen=True, slots=True)
class _Kinds:
    entails: dict[str, frozenset[str]]
    names: dict[str, frozenset[str]]
    any_english: re.Pattern[str]
    any_chinese: re.Pattern[str]
    last_chinese: re.Pattern[str]


@cache
def _kinds() -> _Kinds:
    parents: dict[str, set[str]] = {}
    english: dict[str, set[str]] = {}
    chinese: dict[str, set[str]] = {}
    for line in str(table("kinds")["kinds"]).splitlines():
        head, en, zh = (part.strip() for part in line.split("|"))
        name, _, above = head.partition("<")
        parents[name.strip()] = set(above.split())
        for form in en.split(";"):
            english.setdefault(form.strip(), set()).add(name.strip())
        for form in zh.split():
            chinese.setdefault(form.lower(), set()).add(name.strip())
    forms = sorted((re.escape(form).replace(r"\ ", r"[\s-]+") for form in english), key=len, reverse=True)
    zh = "|".join(sorted(map(re.escape, chinese), key=len, reverse=True))
    return _Kinds(
        {name: _closed(name, parents) for name in parents},
        {_plain(form): frozenset(names) for form, names in (*english.items(), *chinese.items())},
        re.compile(rf"(?<![a-z-])(?:{'|'.join(forms)})(?:e?s)?(?![a-z-])", re.IGNORECASE),
        re.compile(zh, re.IGNORECASE),
        re.compile(rf"(?:{zh})(?={_ENDS_ZH})", re.IGNORECASE),
    )


def _closed(name: str, parents: dict[str, set[str]]) -> frozenset[str]:
    above = parents[name]
    return frozenset({name}.union(*(_closed(one, parents) for one in above))) if above else frozenset({name})


def _named(written: str) -> frozenset[str]:
    """The kinds that one noun, as a text writes it, can mean."""
    form, names = _plain(written), _kinds().names
    return names.get(form) or names.get(form.removesuffix("s")) or names.get(form.removesuffix("es")) or frozenset()


def _plain(form: str) -> str:
    return re.sub(r"[\s-]+", " ", form.lower())


@lru_cache(maxsize=4096)
def kinds_in(text: str) -> frozenset[str]:
    """Every kind that a text names.

    >>> sorted(kinds_in("Running sneakers"))
    ['sneaker']
    """
    known = _kinds()
    words = [match.group() for match in known.any_english.finditer(text)]
    words += [match.group() for match in known.any_chinese.finditer(text)] if CJK.search(text) else []
    return frozenset(name for word in words for name in _named(word))


def find_kinds(text: str) -> Iterator[Finding]:
    """Where a text calls the product itself by a kind: the last noun of the phrase says what it is."""
    known = _kinds()
    for match in _SELF_EN.finditer(text):
        for noun in known.any_english.finditer(match.group(1)):
            if noun.end() == len(match.group(1)):
                start = match.start(1) + noun.start()
                yield Finding(start, match.end(1), ClaimKind.PRODUCT, phrase=noun.group())
    for match in _SELF_ZH.finditer(text) if CJK.search(text) else ():
        nouns = list(known.last_chinese.finditer(match.group(1)))
        if nouns:
            start = match.start(1) + nouns[0].start()
            yield Finding(start, start + len(nouns[0].group()), ClaimKind.PRODUCT, phrase=nouns[0].group())


def kind_of_title(title: str) -> Finding | None:
    """The noun that ends the first part of an English title, which names the product: `Mulberry Bag in Blue`."""
    first = _TITLE_ENDS.split(title, maxsplit=1)[0].rstrip()
    nouns = [noun for noun in _kinds().any_english.finditer(first) if noun.end() == len(first)]
    return Finding(nouns[-1].start(), nouns[-1].end(), ClaimKind.PRODUCT, phrase=nouns[-1].group()) if nouns else None


def is_a(noun: str, known: frozenset[str]) -> bool:
    """Whether a product of the `known` kinds may be called by a noun: by a kind of its own, a wider, or a narrower one.

    Knowing no kind at all contradicts nothing.

    >>> is_a("shoes", frozenset({"sneaker"})), is_a("bag", frozenset({"ring"}))
    (True, False)
    """
    entails = _kinds().entails
    names = _named(noun)
    wider = frozenset(above for one in known for above in entails[one])
    definite = known - _BROAD or known
    return not known or not names or bool(names & wider) or any(entails[name] & definite for name in names)
