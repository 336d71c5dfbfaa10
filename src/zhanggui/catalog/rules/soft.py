"""Subjective and empty words: a phrase made only of them asserts nothing that a fact could prove."""

from functools import cache

from zhanggui.catalog.rules.tables import table


@cache
def _soft_words() -> tuple[frozenset[str], tuple[str, ...]]:
    data = table("soft_words")
    return frozenset(str(data["en"]).split()), tuple(sorted(str(data["zh"]).split(), key=len, reverse=True))


def soft_english(phrase_words: list[str]) -> bool:
    """Whether a phrase holds nothing but subjective or empty words."""
    soft, _ = _soft_words()
    return all(word in soft or word.removesuffix("ly") in soft for word in phrase_words)


def soft_chinese(phrase: str) -> bool:
    """Whether a Chinese phrase is made of subjective and empty words only."""
    _, soft = _soft_words()
    rest = phrase
    for word in soft:
        rest = rest.replace(word, "")
        if not rest:
            return True
    return not rest.strip("的了地得和与及又也很更最十分非常一款种件条个上下")
