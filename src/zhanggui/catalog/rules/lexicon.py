"""The words of shops as concepts in two languages: what each entails, and where a text mentions them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import CJK, Word, has_cjk, joined, stem, words_of

_TABLES = ("lexicon_substance", "lexicon_place", "lexicon_people", "lexicon_feature", "lexicon_soft")
_SWALLOW = "-"
_COLOUR_CHARACTERS = {
    "红": "red", "橙": "orange", "黄": "yellow", "绿": "green", "蓝": "blue", "紫": "purple",
    "黑": "black", "白": "white", "灰": "gray", "粉": "pink", "棕": "brown", "褐": "brown",
}  # fmt: skip
_BARE_COLOUR = re.compile(
    r"(?:(?<=[深浅暗亮淡纯正])[红橙黄绿蓝紫黑白灰粉棕褐](?!领|瓷|牙|菜|豆|茶|酒|糖))"
    r"|[红橙黄绿蓝紫黑白灰粉棕褐](?=衬衫|衬衣|裙|裤|毛衣|卫衣|外套|西装|风衣|T恤|t恤|鞋|底|边|格|花|条纹|相间|色|"
    r"[红橙黄绿蓝紫黑白灰粉棕]色?(?:相间|撞色|拼|配|搭|条|格|两|双))"
    r"|(?<=[红橙黄绿蓝紫黑白灰粉棕])[红橙黄绿蓝紫黑白灰粉棕](?=色|相间|撞色|拼|配|搭|条|格|两|双)"
)


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea with everything that it entails (itself included).

    `never` marks what no attribute can prove; `all_of` names ideas that together say the same (black and white).
    """

    id: str
    kind: ClaimKind
    entails: frozenset[str]
    never: bool = False
    all_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept named in a text, at characters `start`..`end`."""

    start: int
    end: int
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Surface forms to concepts: English by stems, first stem to (stems, ids); Chinese by first character."""

    concepts: dict[str, Concept]
    english: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
    chinese: dict[str, list[tuple[str, tuple[str, ...]]]]
    stems: frozenset[str]

    def get(self, key: str) -> Concept:
        """The concept with this key (`kind:id`)."""
        return self.concepts[key]


@dataclass(frozen=True, slots=True)
class _Line:
    kind: ClaimKind
    id: str
    parents: tuple[str, ...]
    never: bool
    joint: bool
    english: tuple[str, ...]
    chinese: tuple[str, ...]


def _lines() -> Iterator[_Line]:
    for name in _TABLES:
        for kind, block in table(name).items():
            for line in str(block).splitlines():
                head, english, chinese = (*line.split("|"), "", "")[:3]
                if not head.strip():
                    continue
                label, _, parents = head.strip().partition("<")
                label = label.strip()
                yield _Line(
                    ClaimKind(kind),
                    label.rstrip(" !"),
                    tuple(parents.removeprefix("&").split()),
                    label.endswith("!"),
                    parents.startswith("&"),
                    tuple(form.strip() for form in english.split(";") if form.strip()),
                    tuple(chinese.split()),
                )


def _closure(parents: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    """Every id with all that it entails, itself included."""
    closed: dict[str, frozenset[str]] = {}
    for start in parents:
        seen, waiting = {start}, [start]
        while waiting:
            for parent in parents.get(waiting.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        closed[start] = frozenset(seen)
    return closed


def english_key(form: str) -> tuple[str, ...]:
    """The stems of an English surface form, in order."""
    return tuple(word.stem for word in words_of(form))


def _key(line: _Line) -> str:
    return f"{line.kind}:{line.id}"


def _parents(lines: list[_Line]) -> dict[str, set[str]]:
    parents: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        parents[line.id].update(line.parents)
        for parent in line.parents:
            parents.setdefault(parent, set())
    return parents


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, built once. An id under two kinds (gold: a metal, a colour) is one idea with two kinds."""
    lines = list(_lines())
    closed = _closure(_parents(lines))
    concepts = {
        _key(line): Concept(line.id, line.kind, closed[line.id], line.never, line.parents if line.joint else ())
        for line in lines
        if line.id != _SWALLOW
    }
    english: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    chinese: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        for form in line.english:
            english[english_key(form)][_key(line)] = None
        for form in line.chinese:
            chinese[form.lower()][_key(line)] = None
    by_stem: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    for stems, keys in english.items():
        if stems:
            by_stem[stems[0]].append((stems, _specific(_without_swallow(tuple(keys)), concepts)))
    by_character: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for form, keys in chinese.items():
        by_character[form[0]].append((form, _specific(_without_swallow(tuple(keys)), concepts)))
    for entries in (*by_stem.values(), *by_character.values()):
        entries.sort(key=lambda entry: -len(entry[0]))
    return Lexicon(concepts, dict(by_stem), dict(by_character), frozenset(s for stems in english for s in stems))


def _specific(keys: tuple[str, ...], concepts: dict[str, Concept]) -> tuple[str, ...]:
    """Only the narrowest ideas of a form: 双排扣 is a double-breasted front, and a button only through it."""
    ids = {key: concepts[key] for key in keys if key in concepts}
    return tuple(
        key for key in keys if key not in ids or not any(
            other.id != ids[key].id and ids[key].id in other.entails for other in ids.values()
        )
    )  # fmt: skip


def _without_swallow(keys: tuple[str, ...]) -> tuple[str, ...]:
    """No keys at all where one of them says that the form claims nothing."""
    return () if any(key.endswith(":" + _SWALLOW) for key in keys) else keys


def find_mentions(text: str, words: tuple[Word, ...] | None = None, *, bare_colours: bool = False) -> list[Mention]:
    """Every concept that the text mentions, longest surface form first, left to right.

    `bare_colours` also reads a lone 黑 or 白 as a colour: right for an attribute's value, wrong inside a sentence.
    """
    found = list(_english_mentions(text, words_of(text) if words is None else words))
    if has_cjk(text):
        chinese = list(_chinese_mentions(text.lower()))
        chinese += _colour_mentions(text, bare_colours)
        taken = bytearray(len(text))
        for mention in chinese:
            if mention.concepts:
                taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
        found = [m for m in found if not any(taken[m.start : m.end])] + chinese
    return sorted((m for m in found if m.concepts), key=lambda m: m.start)


def _english_mentions(text: str, words: tuple[Word, ...]) -> Iterator[Mention]:
    known = lexicon()
    at = 0
    while at < len(words):
        step = 1
        for stems, keys in known.english.get(words[at].stem, ()):
            size = len(stems)
            window = words[at : at + size]
            if len(window) == size and all(w.stem == s for w, s in zip(window, stems, strict=True)) and all(
                joined(text, a.end, b.start) for a, b in pairwise(window)
            ):  # fmt: skip
                yield Mention(window[0].start, window[-1].end, tuple(known.concepts[key] for key in keys))
                step = size
                break
        at += step


def _chinese_mentions(text: str) -> Iterator[Mention]:
    known = lexicon()
    at = 0
    while at < len(text):
        step = 1
        for form, keys in known.chinese.get(text[at], ()):
            if text.startswith(form, at) and _whole(text, at, form):
                yield Mention(at, at + len(form), tuple(known.concepts[key] for key in keys))
                step = len(form)
                break
        at += step


def _whole(text: str, at: int, form: str) -> bool:
    """Whether a form that begins or ends in Latin letters is not the middle of a longer Latin word."""
    if CJK.match(form[0]) is None and at and text[at - 1].isascii() and text[at - 1].isalnum():
        return False
    end = at + len(form)
    ascii_tail = form[-1].isascii() and form[-1].isalnum()
    return not (ascii_tail and end < len(text) and text[end].isascii() and text[end].isalnum())


def _colour_mentions(text: str, bare: bool) -> list[Mention]:
    known = lexicon()
    spots = [(m.start(), m.group()) for m in _BARE_COLOUR.finditer(text)]
    if bare and len(text) <= 4:
        spots += [(at, character) for at, character in enumerate(text) if character in _COLOUR_CHARACTERS]
    return [
        Mention(at, at + 1, (known.concepts["colour:" + _COLOUR_CHARACTERS[character]],)) for at, character in spots
    ]


__all__ = ["Concept", "Lexicon", "Mention", "english_key", "find_mentions", "lexicon", "stem"]
