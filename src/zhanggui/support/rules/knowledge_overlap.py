"""Articles that say the same twice, or say it differently. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from zhanggui.kernel.retrieval.tokens import fold
from zhanggui.support.models.knowledge import Article, Overlap
from zhanggui.support.rules.answer_words import concepts, content_words, pairs_of_letters

SAME_TITLE = 0.8
SAME_BODY = 0.75
_COMMON = 200  # words in more articles than this pair nobody up
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_UNIT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(%|days?|hours?|weeks?|months?|years?|working days?"
    r"|元|天|日|个工作日|小时|周|个月|年|折|cny|usd|eur)?"
)
_YES = re.compile(r"^\W*(?:yes|sure|of course|可以|支持|能|是的|有)", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no\b|sorry|unfortunately|不可以|不支持|不能|没有|无法|抱歉)", re.IGNORECASE)


def overlaps(articles: Sequence[Article]) -> list[Overlap]:
    """Pairs of articles in one language on the same matter, the most alike first.

    A pair is a duplicate where the texts are alike and the figures agree; a contradiction where the titles ask the same
    and the bodies give other figures for the same unit, or one says yes and the other no.
    """
    found = [one for first, second in _neighbours(articles) if (one := _compared(first, second)) is not None]
    return sorted(found, key=lambda one: (one.kind, -one.likeness, one.first, one.second))


def _neighbours(articles: Sequence[Article]) -> Iterator[tuple[Article, Article]]:
    """Pairs that share a rare word of their titles or bodies; each pair once."""
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(articles):
        for word in {*content_words(one.title), *content_words(one.body)}:
            by_word[word].append(place)
    seen: set[tuple[int, int]] = set()
    for places in by_word.values():
        if len(places) > _COMMON:
            continue
        for at, first in enumerate(places):
            seen.update((first, second) for second in places[at + 1 :])
    for first, second in sorted(seen):
        if articles[first].locale == articles[second].locale:
            yield articles[first], articles[second]


def _compared(first: Article, second: Article) -> Overlap | None:
    titles, bodies = _likeness(first.title, second.title), _likeness(first.body, second.body)
    same_matter = titles >= SAME_TITLE or (
        titles >= 0.5 and concepts(first.title) == concepts(second.title) != frozenset()
    )
    differ = _differing_figures(first.body, second.body)
    if same_matter and differ:
        shown = f"{differ[0]} / {differ[1]}"
        return Overlap(
            "contradiction",
            first.id,
            second.id,
            titles,
            f"同一问题，数字不同：{shown}",
            f"same matter, other figures: {shown}",
        )
    if same_matter and _opposite(first.body, second.body):
        return Overlap(
            "contradiction",
            first.id,
            second.id,
            titles,
            "同一问题，一个说可以，一个说不可以",
            "one says yes, the other no",
        )
    if bodies >= SAME_BODY and not differ:
        return Overlap("duplicate", first.id, second.id, bodies, "内容几乎相同", "they say nearly the same")
    return None


def _likeness(first: str, second: str) -> float:
    """Dice coefficient of pairs of letters; 1 for equal texts."""
    if fold(first).strip() == fold(second).strip():
        return 1.0
    a, b = pairs_of_letters(first), pairs_of_letters(second)
    return 2 * len(a & b) / max(1, len(a) + len(b))


def _differing_figures(first: str, second: str) -> tuple[str, str] | None:
    """Figures of one unit that the two texts give differently, or None."""
    one, other = _by_unit(first), _by_unit(second)
    for unit in sorted(one.keys() & other.keys()):
        if unit and one[unit].isdisjoint(other[unit]):
            return " ".join([*sorted(one[unit]), unit]), " ".join([*sorted(other[unit]), unit])
    return None


def _by_unit(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for number, unit in _UNIT.findall(fold(text)):
        found[str(unit).rstrip("s")].add(str(number).replace(",", ""))
    return found


def _opposite(first: str, second: str) -> bool:
    return bool((_YES.match(first) and _NO.match(second)) or (_NO.match(first) and _YES.match(second)))
