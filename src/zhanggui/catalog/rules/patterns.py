"""Assertions of an open class (data/patterns.yaml): `made of ...`, `...-proof`, `comes with ...`, 采用…面料, 防…."""

import re
from collections.abc import Iterator
from functools import cache

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.findings import Finding
from zhanggui.catalog.rules.tables import table


@cache
def _patterns(language: str) -> tuple[tuple[ClaimKind, re.Pattern[str]], ...]:
    data = table("patterns")
    phrase, article = str(data["phrase"]), str(data["article"])
    return tuple(
        (
            ClaimKind(kind),
            re.compile(str(form).replace("{phrase}", phrase).replace("{article}", article), re.IGNORECASE),
        )
        for kind, form in data[language]
    )


@cache
def _soft_tail() -> re.Pattern[str]:
    return re.compile(str(table("patterns")["soft_tail"]), re.IGNORECASE)


def find_open(text: str, *, chinese: bool) -> Iterator[Finding]:
    """Every assertion of an open class, in the order of the patterns. `phrase` holds what the facts must know of."""
    for kind, pattern in _patterns("zh" if chinese else "en"):
        for match in pattern.finditer(text):
            group = "y" if "y" in pattern.groupindex and match.group("y") else "x"
            phrase = match.group(group)
            if not chinese and _soft_tail().search(phrase):
                continue
            top = kind is ClaimKind.SUPERLATIVE
            yield Finding(
                match.start(group), match.end(group), kind, phrase=phrase,
                banned="no attribute can prove a superlative" if top else "",
                banned_zh="没有属性能证明最高级说法" if top else "",
            )  # fmt: skip
