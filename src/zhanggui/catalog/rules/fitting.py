"""Bring a copy within a channel's limits without cutting a word in two; limits are data in data/channels.yaml."""

import re
from dataclasses import replace
from typing import cast

from zhanggui.catalog.models import Channel, ListingCopy
from zhanggui.catalog.rules.compliance import display_units
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import words_of

_SENTENCE_END = re.compile(r"[。！？；.!?;](?=\s|$|[^\d])")
_BREAK = re.compile(r"[\s，、,;；|/]+")
_JOINED = re.compile(r"(?<=[a-z]{2}[.!?])(?=[A-Z][a-z]* )")
_BETWEEN = re.compile(r"(?<=[。！？])|(?<=[.!?])(?=\s)")
_FIGURE = re.compile(r"(?:\s*(?:[x×*]|by))?\s*\d[\d.,]*\s*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def fit_channel(copy: ListingCopy, channel: Channel) -> ListingCopy:
    """The copy with forbidden characters taken out, repeated title words dropped and long texts shortened.

    Titles end at a word, texts at a sentence where one ends in time. What fits is left alone, but a description's
    sentences are told apart by a space, and one that the next says again with more is dropped.
    """
    rules = cast(dict[str, object], table("channels")["channels"][channel])
    forbidden = str(rules["forbidden_characters"])

    def fitted(name: str, text: str, *, whole_words: bool) -> str:
        text = _CONTROL.sub("", text)
        if name == "title":
            text = " ".join("".join(character for character in text if character not in forbidden).split())
        rule = cast(dict[str, object] | None, rules.get(name))
        if not rule:
            return text
        return _shortened(text, int(str(rule["limit"])), units=rule["measure"] == "units", whole_words=whole_words)

    repeats = rules["title_word_repeats"]
    title = copy.title if repeats is None else _without_repeats(copy.title, int(str(repeats)))
    return replace(
        copy,
        title=fitted("title", title, whole_words=True),
        bullets=tuple(fitted("bullets", bullet, whole_words=False) for bullet in copy.bullets),
        description=fitted("description", without_stutter(copy.description), whole_words=False),
        keywords=tuple(_CONTROL.sub("", word) for word in copy.keywords),
        seo_title=fitted("seo_title", copy.seo_title, whole_words=True),
        seo_description=fitted("seo_description", copy.seo_description, whole_words=False),
    )


def without_stutter(text: str) -> str:
    """A text without sentences that the next one begins with, word for word, and with a space after each English one.

    >>> without_stutter("It is red.It is red, and soft.")
    'It is red, and soft.'
    """
    pieces = _BETWEEN.split(_JOINED.sub(" ", text))
    kept = [
        piece
        for piece, following in zip(pieces, [*pieces[1:], ""], strict=True)
        if len(stem := piece.strip().rstrip("。.！!")) < 2 or not following.strip().startswith(stem)
    ]
    return "".join(kept).lstrip()


def _size(text: str, units: bool) -> int:
    return display_units(text) if units else len(text)


def _shortened(text: str, limit: int, *, units: bool, whole_words: bool) -> str:
    if _size(text, units) <= limit:
        return text
    kept = text
    while _size(kept, units) > limit:
        kept = kept[: len(kept) - max(1, (_size(kept, units) - limit) // 2)]
    if not whole_words:
        ends = [match.end() for match in _SENTENCE_END.finditer(kept)]
        if ends and ends[-1] > len(kept) // 3:
            return kept[: ends[-1]].rstrip()
    if text[len(kept) : len(kept) + 1].strip() and kept[-1:].isascii() and text[len(kept)].isascii():
        breaks = [match.start() for match in _BREAK.finditer(kept)]
        if breaks:
            kept = kept[: breaks[-1]]
    return kept.rstrip(" ,，、;；-–|/&+:：")


def _without_repeats(title: str, allowed: int) -> str:
    counts: dict[str, int] = {}
    kept, end = "", 0
    for word in words_of(title):
        counts[word.stem] = counts.get(word.stem, 0) + 1
        if counts[word.stem] > allowed and word.text[0].isalpha():
            kept = _FIGURE.sub("", kept + title[end : word.start])  # a figure means nothing without its unit
        else:
            kept += title[end : word.end]
        end = word.end
    return " ".join((kept + title[end:]).split())
