"""Made-up reviews from a list of words by what they say: training text for the shipped default."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.labels import NEGATIVE, NEUTRAL, POSITIVE
from zhanggui.kernel.types import Locale

Mood = Literal["positive", "negative"]
SECTIONS: Final = (
    "positive_strong", "positive", "negative_strong", "negative", "neutral",
    "intensifier", "negator", "subject", "filler", "turn",
)  # fmt: skip
_STRONG: Final = 0.3  # share of clauses that use a strong word
_NOISE: Final = 0.08  # share of labels drawn blindly: made-up text is easier than real text, so learn to be less sure
_DENIED: Final = 0.12  # share of clauses that deny a word of the other mood


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, by section."""

    locale: Locale
    sections: dict[str, tuple[str, ...]]


def read_lexicon(path: Path, locale: Locale) -> Lexicon:
    """Read `[section]` headings and items that commas or line ends part; `#` begins a line of remarks.

    Raises:
        BadInput: a heading is unknown or a section is missing.
    """
    found: dict[str, list[str]] = {}
    items: list[str] = []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            if line[1:-1] not in SECTIONS:
                raise BadInput(row=row, field=path.name, expected=f"one of {', '.join(SECTIONS)}", found=line)
            items = found.setdefault(line[1:-1], [])
        elif not line.startswith("#"):
            items += [item.strip() for item in line.split(",") if item.strip()]
    missing = [name for name in SECTIONS if not found.get(name)]
    if missing:
        raise BadInput(field=path.name, expected="all sections", found=f"without {', '.join(missing)}")
    return Lexicon(locale, {name: tuple(dict.fromkeys(words)) for name, words in found.items()})


def compose(lexicon: Lexicon, count: int, seed: int) -> tuple[list[str], list[str]]:
    """`count` made-up reviews and their sentiments: three positive and three negative for each neutral one."""
    rng = random.Random(seed)  # noqa: S311 - sampling of words, not a secret
    texts: list[str] = []
    labels: list[str] = []
    for _ in range(count):
        label = rng.choices((POSITIVE, NEGATIVE, NEUTRAL), (3, 3, 1))[0]
        texts.append(_review(rng, lexicon, label))
        labels.append(rng.choice((POSITIVE, NEGATIVE)) if rng.random() < _NOISE else label)
    return texts, labels


def _review(rng: random.Random, lexicon: Lexicon, label: str) -> str:
    fillers = [rng.choice(lexicon.sections["filler"]) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    if label == NEUTRAL:
        clauses = _undecided(rng, lexicon)
    else:
        mood: Mood = "positive" if label == POSITIVE else "negative"
        clauses = [_clause(rng, lexicon, mood) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        if len(clauses) >= 2 and rng.random() < 0.25:
            other: Mood = "negative" if mood == "positive" else "positive"
            clauses = [_clause(rng, lexicon, other), _turned(rng, lexicon, clauses[0]), *clauses[1:]]
    for filler in fillers:
        clauses.insert(rng.randrange(len(clauses) + 1), filler)
    return _joined(rng, lexicon, clauses)


def _undecided(rng: random.Random, lexicon: Lexicon) -> list[str]:
    hedges = [rng.choice(lexicon.sections["neutral"]) for _ in range(rng.choice((1, 1, 2)))]
    if rng.random() < 0.5:
        hedges = [_with_subject(rng, lexicon, hedges[0]), *hedges[1:]]
    if rng.random() < 0.5:
        return hedges
    good, bad = _clause(rng, lexicon, "positive"), _clause(rng, lexicon, "negative")
    first, second = (good, bad) if rng.random() < 0.5 else (bad, good)
    return [first, _turned(rng, lexicon, second), *hedges[:1]]


def _clause(rng: random.Random, lexicon: Lexicon, mood: Mood) -> str:
    if rng.random() < _DENIED:
        other = "negative" if mood == "positive" else "positive"
        words = _deniable(lexicon, other)
        # Denied praise is a complaint; a denied fault is praise only now and then.
        if words and (mood == "negative" or rng.random() < 0.3):
            return _with_subject(
                rng, lexicon, _glued(lexicon, rng.choice(lexicon.sections["negator"]), rng.choice(words))
            )
    word = rng.choice(lexicon.sections[f"{mood}_strong" if rng.random() < _STRONG else mood])
    if rng.random() < 0.25:
        word = _glued(lexicon, rng.choice(lexicon.sections["intensifier"]), word)
    return _with_subject(rng, lexicon, word) if rng.random() < 0.6 else word


def _deniable(lexicon: Lexicon, mood: str) -> Sequence[str]:
    words = lexicon.sections[mood]
    if lexicon.locale == "zh-CN":
        return [word for word in words if len(word) <= 2 and word[0] not in "不没无很太"]
    return [word for word in words if " " not in word]


def _with_subject(rng: random.Random, lexicon: Lexicon, words: str) -> str:
    return _glued(lexicon, rng.choice(lexicon.sections["subject"]), words)


def _turned(rng: random.Random, lexicon: Lexicon, clause: str) -> str:
    return _glued(lexicon, rng.choice(lexicon.sections["turn"]), clause)


def _glued(lexicon: Lexicon, *words: str) -> str:
    return ("" if lexicon.locale == "zh-CN" else " ").join(words)


def _joined(rng: random.Random, lexicon: Lexicon, clauses: list[str]) -> str:
    zh = lexicon.locale == "zh-CN"
    marks = ("，", "，", "，", "。", "！", " ", "") if zh else (", ", ". ", ". ", "! ", " and ")
    ends = ("。", "！", "", "", "~") if zh else (".", ".", "!", "")
    text = clauses[0]
    for clause in clauses[1:]:
        text += rng.choice(marks) + clause
    return text + rng.choice(ends)
