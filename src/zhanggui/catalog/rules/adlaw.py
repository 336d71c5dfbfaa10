"""Absolute terms under Art. 9(3) of the Advertising Law of China (广告法), judged in their context.

A bare word list is wrong since the SAMR enforcement guide (Notice 2023 No. 6): a term is excused where it does not
speak of the goods sold, orders the seller's own goods, gives guidance, states a fact that can be verified, or names
a standard grade. Each term found carries the exception that applies to it, or none.
"""

import re
from dataclasses import dataclass
from functools import cache

from zhanggui.catalog.rules.tables import table


@dataclass(frozen=True, slots=True)
class AbsoluteTerm:
    """An absolute term in a text; `exception` names the article that excuses it, empty when none does."""

    text: str
    start: int
    end: int
    exception: str
    reason: str
    reason_en: str


@cache
def _rules() -> tuple[re.Pattern[str], tuple[tuple[str, str, re.Pattern[str]], ...]]:
    data = table("adlaw")
    always = "|".join(sorted((re.escape(str(word)) for word in data["always"]), key=len, reverse=True))
    term = re.compile(rf"{always}|{data['pattern']}|{data['first']}")
    exceptions = tuple((str(e["name"]), str(e["zh"]), re.compile(str(e["pattern"]))) for e in data["exceptions"])
    return term, exceptions


def absolute_terms(text: str) -> tuple[AbsoluteTerm, ...]:
    """Every absolute term of a Chinese text with the exception that excuses it, if one does."""
    term, exceptions = _rules()
    found: list[AbsoluteTerm] = []
    terms = list(term.finditer(text))
    excuses: list[tuple[str, str] | None] = [None] * len(text)
    for name, why, pattern in exceptions if terms else ():
        for match in pattern.finditer(text):
            for at in range(match.start(), match.end()):
                excuses[at] = excuses[at] or (name, why)
    for match in terms:
        excuse = next((held for held in excuses[match.start() : match.end()] if held), None)
        reason = (
            f"「{match.group()}」：{excuse[1]}"
            if excuse
            else f"「{match.group()}」属于广告法第九条第三项禁用的绝对化用语"
        )
        english = (
            f"“{match.group()}” is excused: {excuse[0]}"
            if excuse
            else f"“{match.group()}” is an absolute term, which the Advertising Law of China (Art. 9.3) forbids"
        )
        exception = excuse[0] if excuse else ""
        found.append(AbsoluteTerm(match.group(), match.start(), match.end(), exception, reason, english))
    return tuple(found)
