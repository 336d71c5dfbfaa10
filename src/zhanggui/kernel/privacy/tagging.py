"""A small learnt tagger for English: what rules cannot say about names, places, organisations and loose addresses.

A linear-chain CRF (Lafferty, McCallum and Pereira 2001). Training lives in `evals/privacy_tagger.py`; here are the
features and the Viterbi decoding. `data/README.md` states what the weights were learnt from.
"""

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import orjson
from numpy.typing import NDArray

from zhanggui.kernel.privacy.gazetteer import word_list

Candidate = tuple[int, int, int, str]  # rank, start, end, type

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]|_")
_NATION = re.compile(r"(?i)(?:ese|ian|ians|ish|eans?|ans|ese|ch)$")
_COMPANY = frozenset(
    ["inc", "llc", "ltd", "group", "corp", "company", "co", "incorporated", "limited", "plc", "gmbh", "holdings", "and"]
)
_ROAD = re.compile(
    r"(?i)(?:street|st|avenue|ave|road|rd|lane|drive|court|place|square|terrace|way|boulevard|apt|suite|box|via|rue|ul|calle"
    r"|u|utca|út|[\w]*(?:strasse|straße|gasse|weg|gatan|vägen|katu|tie|vej|gade|gate|veien|straat|laan))$"
)
_LONGEST = 4000  # tokens decoded at once


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model: label names, transition scores (labels x labels), and for each feature its label scores."""

    labels: tuple[str, ...]
    transitions: NDArray[np.float32]
    features: Mapping[str, NDArray[np.float32]]
    vocabulary: frozenset[str]


def tokens_of(text: str) -> list[Token]:
    """Words, numbers and signs of a text in order."""
    return [Token(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)]


def features_of(
    text: str, words: Sequence[Token], rules: Iterable[Candidate], vocabulary: frozenset[str]
) -> list[list[str]]:
    """Feature names for each token. Words themselves count only when they are in the vocabulary of context words."""
    ruled = _ruled(words, rules)
    own = [_own(text, words, place, vocabulary) for place in range(len(words))]
    rows: list[list[str]] = []
    for place, (basic, kept) in enumerate(own):
        row = ["bias", *basic, *(f"r={kind}" for kind in ruled[place])]
        for step in (-3, -2, -1, 1, 2, 3):
            other = place + step
            if not 0 <= other < len(words):
                row.append(f"{step}:edge")
                continue
            near = own[other][1]
            row += [f"{step}:{name}" for name in (near if abs(step) < 3 else near[:1])]
        if place:
            row.append(f"-1|0:{own[place - 1][1][0]}|{kept[0]}")
            if place > 1:
                row.append(f"-2|-1:{own[place - 2][1][0]}|{own[place - 1][1][0]}")
        if place + 1 < len(words):
            row.append(f"0|1:{kept[0]}|{own[place + 1][1][0]}")
        rows.append(row)
    return rows


def _shape(word: str) -> str:
    if word.isdigit():
        return f"d{min(len(word), 7)}"
    if len(word) == 1 and not word.isalnum():
        return word
    if word.isupper():
        return "X" if len(word) == 1 else "XX" if len(word) < 4 else "XXXX"
    if word[0].isupper():
        return "XxX" if any(letter.isupper() for letter in word[1:]) else "Xx"
    return "x" if len(word) > 1 else "x1"


def _own(text: str, words: Sequence[Token], place: int, vocabulary: frozenset[str]) -> tuple[list[str], list[str]]:
    """(all features of a token itself, the few that its neighbours also see: the word or its shape comes first)."""
    token = words[place]
    word, low = token.text, token.text.lower()
    shape = _shape(word)
    name = f"w={low}" if low in vocabulary else f"s={shape}"
    lists = _listed(word, low)
    kept = [name, f"s={shape}", *lists]
    gap = text[words[place - 1].end : token.start] if place else "\n"
    basic = [name, f"s={shape}", *lists, "gap=" + ("n" if "\n" in gap else "s" if gap else "0")]
    if word[0].isalpha():
        basic += [f"e3={low[-3:]}", f"e2={low[-2:]}", f"b2={low[:2]}", f"len={min(len(low), 9)}"]
        if not word.isascii():
            basic.append("accent")
    return basic, kept


def _listed(word: str, low: str) -> list[str]:
    title = word[:1].upper() + word[1:].lower()
    found: list[str] = []
    if word in word_list("given_names") or title in word_list("given_names"):
        found.append("given")
    if title in word_list("countries"):
        found.append("place")
    if low in word_list("titles"):
        found.append("job")
    if low in _COMPANY:
        found.append("company")
    if _ROAD.match(low):
        found.append("road")
    if len(low) > 5 and _NATION.search(low) and any(place.lower()[:4] == low[:4] for place in word_list("countries")):
        found.append("nation")
    return found


def _ruled(words: Sequence[Token], rules: Iterable[Candidate]) -> list[list[str]]:
    marks: list[list[str]] = [[] for _ in words]
    starts = np.asarray([token.start for token in words])
    for rank, start, end, kind in rules:
        first, last = int(np.searchsorted(starts, start)), int(np.searchsorted(starts, end))
        for place in range(first, last):
            marks[place].append(f"{'B' if place == first else 'I'}-{kind}-{rank >= 8}")
    return marks


@cache
def english_weights() -> Weights | None:
    """The bundled model, or None when the package carries none."""
    path = files("zhanggui.kernel.privacy").joinpath("data", "tagger_en.json.gz")
    return read_weights(gzip.decompress(path.read_bytes())) if path.is_file() else None


def read_weights(content: bytes) -> Weights:
    """Weights from the JSON that `evals/privacy_tagger.py` writes."""
    raw = orjson.loads(content)
    labels = tuple(raw["labels"])
    features: dict[str, NDArray[np.float32]] = {}
    for name, pairs in raw["features"].items():
        row = np.zeros(len(labels), dtype=np.float32)
        for label, weight in pairs:
            row[label] = weight
        features[name] = row
    return Weights(labels, np.asarray(raw["transitions"], dtype=np.float32), features, frozenset(raw["vocabulary"]))


def tag(text: str, rules: Sequence[Candidate], weights: Weights) -> list[tuple[int, int, str]]:
    """The best labelling of a text as (start, end, type); `rules` are the candidates that patterns found."""
    found: list[tuple[int, int, str]] = []
    whole = tokens_of(text)
    for first in range(0, len(whole), _LONGEST):
        words = whole[first : first + _LONGEST]
        rows = features_of(text, words, rules, weights.vocabulary)
        found += spans_of(words, [weights.labels[label] for label in _viterbi(rows, weights)])
    return found


def _viterbi(rows: list[list[str]], weights: Weights) -> list[int]:
    none = np.zeros(len(weights.labels), dtype=np.float32)
    scores = none
    back: list[NDArray[np.int64]] = []
    for place, row in enumerate(rows):
        emitted = sum((weights.features[name] for name in row if name in weights.features), none)
        if place == 0:
            scores = emitted
            continue
        paths = scores[:, None] + weights.transitions
        back.append(paths.argmax(axis=0))
        scores = paths.max(axis=0) + emitted
    best = [int(scores.argmax())]
    for step in reversed(back):
        best.append(int(step[best[-1]]))
    return best[::-1]


def spans_of(words: Sequence[Token], labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """BIO labels as (start, end, type)."""
    found: list[tuple[int, int, str]] = []
    before = ""
    for token, label in zip(words, labels, strict=True):
        kind, joined = label[2:], label[0] == "I" and label[2:] == before
        before = kind
        if not kind:
            continue
        if joined:
            found[-1] = (found[-1][0], token.end, kind)
        else:
            found.append((token.start, token.end, kind))
    return found
