"""Planted lies: one true value of a sentence changed, or something added that no fact says. Own lists, own rules."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evals.copy_cases.writer import WORDS, Line, Sentence

_UNITS = ("cm", "mm", "inch", "m", "g", "kg", "ml", "L", "W", "V", "GB", "hours")
_ZH_UNITS = ("厘米", "毫米", "克", "千克", "毫升", "升", "瓦", "小时", "米")
_SAME = {
    "厘米": "cm",
    "毫米": "mm",
    "克": "g",
    "千克": "kg",
    "毫升": "ml",
    "升": "l",
    "瓦": "w",
    "小时": "hours",
    "米": "m",
    "inches": "inch",
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WITH_UNIT = re.compile(
    r"(\d+(?:\.\d+)?)(\s*)(inches|inch|cm|mm|kg|ml|mAh|cts?|carat|[gGLlmWwV]|毫升|厘米|千克|毫米|克|升|瓦|小时|件|年|个月)(?![A-Za-z])"
)


@dataclass(frozen=True)
class Lie:
    """A false sentence; the lie stands at `start`..`end`."""

    text: str
    start: int
    end: int
    kind: str
    language: str
    source: str
    how: str


def _told(line: Line) -> str:
    parts = [str(line.get(k) or "") for k in ("title", "brand", "category", "price")]
    parts += [f"{k} {v}" for k, v in line["attributes"].items()]
    return " ".join(parts).lower()


def _unsaid(options: tuple[str, ...] | list[str], told: str, dice: random.Random) -> str:
    """A value none of whose longer words the product's facts hold."""
    for value in dice.sample(list(options), len(options)):
        words = [
            w for w in re.findall(r"[a-z]{3,}|[一-鿿]{2,}", value.lower()) if w not in {"the", "and", "认证", "检测"}
        ]
        if words and not any(word in told or word.rstrip("s") in told for word in words) and not _near(value, told):
            return value
    return ""


def _near(value: str, told: str) -> bool:
    """Chinese: a colour or cloth whose first character stands in the facts might be a kind of what is there."""
    return bool(re.match(r"[一-鿿]", value)) and (value.rstrip("色")[-1:] in told or value[:2] in told)


def _swap(sentence: Sentence, value: str, how: str, kind: str = "") -> Lie:
    text = sentence.text[: sentence.start] + value + sentence.text[sentence.end :]
    return Lie(
        text,
        sentence.start,
        sentence.start + len(value),
        kind or sentence.kind,
        sentence.language,
        sentence.source,
        how,
    )


def change(sentence: Sentence, line: Line, dice: random.Random, peers: dict[str, list[str]]) -> Iterator[Lie]:
    """The lies that one true sentence allows: another number, unit, listed value, or another product's value."""
    said, told = sentence.text[sentence.start : sentence.end], _told(line)
    yield from _numbers(sentence, said, told, dice)
    lists = WORDS["lies"][sentence.language]
    if sentence.kind in lists and sentence.kind != "feature":
        value = _unsaid(lists[sentence.kind], told, dice)
        if value:
            yield _swap(
                sentence,
                value if sentence.language == "zh-CN" or dice.random() < 0.6 else value.lower(),
                "listed value",
            )
    others = peers.get(sentence.attribute.lower(), [])
    if sentence.kind in {"material", "colour", "brand", "origin", "certification", "model"} and others:
        value = _unsaid(dice.sample(others, min(12, len(others))), told, dice)
        if value:
            yield _swap(sentence, value, "another product's value")


def _numbers(sentence: Sentence, said: str, told: str, dice: random.Random) -> Iterator[Lie]:
    match = _NUMBER.search(said)
    if match and sentence.kind not in {"title", "brand"}:
        old = match.group()
        for _ in range(8):
            factor = dice.choice((0.5, 2, 3, 1.1, 0.8, 10))
            new = (
                f"{float(old) * factor:.{len(old.partition('.')[2])}f}"
                if dice.random() < 0.6
                else str(int(float(old)) + dice.randint(1, 9))
            )
            if (
                float(new) != float(old)
                and not re.search(rf"(?<![\d.]){re.escape(new)}(?![\d.])", told)
                and float(new) > 0
            ):
                kind = "count" if sentence.kind == "count" else "number"
                yield _swap(sentence, said[: match.start()] + new + said[match.end() :], "number", kind)
                break
    unit = _WITH_UNIT.search(said)
    if unit and unit.group(3) not in {"件", "年", "个月"}:
        options = _UNITS if sentence.language == "en" else _ZH_UNITS
        same = _SAME.get(unit.group(3).lower(), unit.group(3).lower())
        new = dice.choice([u for u in options if _SAME.get(u.lower(), u.lower()) != same])
        if not re.search(rf"{re.escape(unit.group(1))}\s*{re.escape(new.lower())}\b", told):
            yield _swap(sentence, said[: unit.start(3)] + new + said[unit.end(3) :], "unit", "unit")


def add(line: Line, language: str, source: str, dice: random.Random) -> Iterator[Lie]:
    """A sentence that adds what no fact says, of each kind."""
    lists, frames = WORDS["lies"][language], WORDS["added"][language]
    told = _told(line)
    for kind in dice.sample(list(frames), 3):
        value = _unsaid(lists[kind], told, dice)
        if value:
            frame = dice.choice(frames[kind])
            start = frame.index("{v}")
            yield Lie(
                frame.replace("{v}", value),
                start,
                start + len(value),
                f"added {kind}" if kind != "feature" else "added feature",
                language,
                source,
                "added",
            )


def with_source(lie: Lie, source: str) -> Lie:
    """The same lie, counted under another source."""
    return replace(lie, source=source)
