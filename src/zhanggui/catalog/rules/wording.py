"""Facts in the language that a copy is written in: attribute names and short values said in the other language."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from zhanggui.catalog.models import Fact, ProductFacts
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import has_cjk
from zhanggui.kernel.types import Locale

_LEXICON = ("lexicon_substance", "lexicon_people", "lexicon_feature")
_LIST = re.compile(r"\s*[,，、;；]\s*")


def localised(facts: ProductFacts, locale: Locale) -> ProductFacts:
    """The facts with names and values in `locale` where they stand in the other language and a word for them is known.

    In Chinese, an English value without a known word stays as it is; in English, a Chinese one is left out.
    The copy is still proved against the original facts.
    """
    wanted = _is_chinese if locale == "zh-CN" else _is_english
    told: list[Fact] = []
    for fact in facts.facts:
        value = fact.value if wanted(fact.value) else _said(fact.value, locale)
        if value:
            told.append(Fact(_name(fact.attribute, locale), value))
    title = facts.title if locale == "zh-CN" or not has_cjk(facts.title) else ""
    brand = facts.brand if locale == "zh-CN" or not has_cjk(facts.brand) else ""
    category = tuple(part for part in (_said(part, locale) for part in facts.category) if part)
    return replace(facts, title=title, brand=brand, category=category, facts=tuple(told))


def _is_chinese(text: str) -> bool:
    return has_cjk(text)


def _is_english(text: str) -> bool:
    return not has_cjk(text)


def _name(name: str, locale: Locale) -> str:
    chinese, english = _labels()
    if locale == "zh-CN":
        known = chinese.get(name.strip().lower()) or _values()[0].get(name.strip().lower())
        return name if has_cjk(name) else known or f"参数（{name.strip()}）"
    return english.get(name.strip(), "Detail") if has_cjk(name) else name


def _said(value: str, locale: Locale) -> str:
    """The value, each item of its list translated; "" when an English copy would have to hold Chinese words."""
    if has_cjk(value) == (locale == "zh-CN"):
        return value
    to_chinese, to_english = _values()
    words = to_chinese if locale == "zh-CN" else to_english
    parts = [words.get(part.strip().lower(), "") for part in _LIST.split(value)]
    if all(parts):
        return ("、" if locale == "zh-CN" else ", ").join(parts)
    return value if locale == "zh-CN" else ""


def _pairs(block: str) -> Iterator[tuple[list[str], list[str]]]:
    for line in block.splitlines():
        english, _, chinese = line.partition("=")
        yield [english.strip()], [part.strip() for part in chinese.split("|") if part.strip()]


@cache
def _labels() -> tuple[dict[str, str], dict[str, str]]:
    return _directions(_pairs(str(table("wording")["labels"])))


@cache
def _values() -> tuple[dict[str, str], dict[str, str]]:
    lines = (line.split("|") for name in _LEXICON for block in table(name).values() for line in str(block).splitlines())
    lexicon = (
        ([form.strip() for form in line[1].split(";") if form.strip()], line[2].split())
        for line in lines
        if len(line) == 3 and not line[0].startswith("-")
    )
    return _directions([*_pairs(str(table("wording")["values"])), *lexicon])


def _directions(pairs: Iterator[tuple[list[str], list[str]]] | list[tuple[list[str], list[str]]]) -> tuple[
    dict[str, str], dict[str, str]
]:  # fmt: skip
    """English (lower case) to the first Chinese form, and any Chinese form to the first English one."""
    chinese: dict[str, str] = {}
    english: dict[str, str] = {}
    for ours, theirs in pairs:
        if ours and theirs:
            for form in ours:
                chinese.setdefault(form.lower(), theirs[0])
            for form in theirs:
                english.setdefault(form, ours[0])
                english.setdefault(form.lower(), ours[0])
    return chinese, english
