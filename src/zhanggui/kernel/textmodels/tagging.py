"""Find and type the spans of short texts (product word, brand, model): trained from a BIO file in a minute.

The model is a linear-chain field (`crf.py`) over hashed features (`spanfeatures.py`) that include a gazetteer of the
training entities, counted out of fold so that the field learns how far such a list can be trusted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.crf import Schedule, Weights, best_path, emissions, lay_out, train
from zhanggui.kernel.textmodels.spanfeatures import Encoded, Gazetteer, Hashes, Ints, encode, features

_BITS = 22  # feature hashes fall into 4M slots; a rare collision costs nothing
_BATCH = 512
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start`..`end` of a text and what they are."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text with its spans, in order, none over another."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """How to train a tagger: `folds` for counting the gazetteer, and the schedule of the field."""

    folds: int = 10
    schedule: Schedule = field(default_factory=Schedule)


def read_bio(path: Path) -> tuple[TaggedText, ...]:
    """Texts from a BIO file in UTF-8: one character and its tag a line (`鞋 I-HCCX`, a blank line after each text).

    An `I-` tag that continues nothing begins a span, as the usual scorers read it.

    Raises:
        BadInput: the file cannot be read or is not UTF-8, or a line (named by number) is not a character and a tag.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as broken:
        raise BadInput(field=path.name, expected="a readable file", found=str(broken.strerror)) from broken
    except UnicodeDecodeError as broken:
        raise BadInput(
            field=path.name, expected="UTF-8 text", found=f"bytes that are not, at {broken.start}"
        ) from broken
    texts: list[TaggedText] = []
    characters: list[str] = []
    tags: list[str] = []
    for row, line in enumerate([*lines, ""], start=1):
        line = line.rstrip("\r")
        if not line.strip():
            if characters:
                texts.append(TaggedText("".join(characters), spans_of(tags)))
                characters, tags = [], []
            continue
        character, _, tag = line.rpartition("\t" if "\t" in line else " ")
        if len(character) > 1 or not (tag == "O" or (tag[:2] in ("B-", "I-") and len(tag) > 2)):
            raise BadInput(field=path.name, expected="a character, a blank and O, B-x or I-x", found=line, row=row)
        characters.append(character or " ")
        tags.append(tag)
    return tuple(texts)


def spans_of(tags: Sequence[str]) -> tuple[Span, ...]:
    """The spans that BIO tags spell."""
    spans: list[Span] = []
    begin = -1
    for at, tag in enumerate([*tags, "O"]):
        goes_on = begin >= 0 and tag == f"I-{tags[begin][2:]}"
        if begin >= 0 and not goes_on:
            spans.append(Span(begin, at, tags[begin][2:]))
            begin = -1
        if tag != "O" and not goes_on:
            begin = at
    return tuple(spans)


class SpanTagger:
    """A trained tagger. Make one by `fit` or `load`; it does not change afterwards and may be shared by threads."""

    def __init__(
        self, labels: tuple[str, ...], weights: Weights, slots: npt.NDArray[np.int32], known: Gazetteer
    ) -> None:
        self.labels = labels
        self._weights, self._slots, self._known = weights, slots, known

    @classmethod
    def fit(cls, rows: Sequence[TaggedText], *, settings: TaggerSettings | None = None, seed: int = 0) -> "SpanTagger":
        """Train on texts with their spans; the same rows, settings and seed give the same tagger.

        Raises:
            BadInput: there are fewer texts than folds, or no span at all.
        """
        settings = settings or TaggerSettings()
        rows = [row for row in rows if row.text]
        labels = tuple(sorted({span.label for row in rows for span in row.spans}))
        texts = sorted({row.text for row in rows})
        if not labels or len(texts) < settings.folds:
            raise BadInput(
                field="training rows",
                expected=f"at least {settings.folds} different texts with spans",
                found=f"{len(texts)} texts with {len(labels)} kinds of span",
            )
        fold_of = dict(zip(texts, np.random.default_rng(seed).integers(0, settings.folds, len(texts)), strict=True))
        folds = [[row for row in rows if fold_of[row.text] == fold] for fold in range(settings.folds)]
        folds = [fold for fold in folds if fold]
        ordered = [row for fold in folds for row in fold]
        everything = encode([row.text for row in ordered])
        known = Gazetteer.build(everything, _span_table(ordered, labels), len(labels))
        hashed = np.concatenate([_fold_features(fold, known, labels) for fold in folds])
        numbers, slots = _number(hashed)
        gold = np.concatenate([_gold(row, labels) for row in ordered])
        tags = 2 * len(labels) + 1
        weights = train(numbers, gold, everything.lengths, labels=tags, schedule=settings.schedule, seed=seed)
        return cls(labels, weights, slots, known)

    def spans(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The spans of each text, in order."""
        found: list[tuple[Span, ...]] = []
        for at in range(0, len(texts), _BATCH):
            found += self._batch(texts[at : at + _BATCH])
        return found

    def _batch(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        found: list[tuple[Span, ...]] = [()] * len(texts)
        full = [at for at, text in enumerate(texts) if text]
        if not full:
            return found
        encoded = encode([texts[at] for at in full])
        numbers = self._slots[_slot(features(encoded, self._known))].astype(np.int64)
        weights = self._weights
        path = best_path(emissions(weights, numbers), weights.transition, weights.initial, lay_out(encoded.lengths))
        tags = ["O", *(f"{mark}-{label}" for label in self.labels for mark in "BI")]
        offset = 0
        for at, length in zip(full, encoded.lengths, strict=True):
            mine: list[int] = path[offset : offset + int(length)].tolist()
            found[at] = spans_of([tags[number] for number in mine])
            offset += int(length)
        return found

    def save(self, path: Path) -> None:
        """Write the tagger as one compressed numpy file (no pickled objects). A figure keeps half precision."""
        used = np.flatnonzero(self._slots)
        np.savez_compressed(
            path,
            head=np.frombuffer(json.dumps({"format": _FORMAT, "labels": self.labels}).encode(), np.uint8),
            emission=self._weights.emission.astype(np.float16),
            transition=self._weights.transition,
            initial=self._weights.initial,
            slots=used,
            numbers=self._slots[used],
            sizes=np.array([len(keys) for keys in self._known.keys]),
            keys=np.concatenate(self._known.keys),
            counts=np.concatenate(self._known.counts),
        )

    @classmethod
    def load(cls, path: Path) -> "SpanTagger":
        """Read what `save` wrote.

        Raises:
            BadInput: the file is something else, or of another format.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                head = json.loads(file["head"].tobytes())
                slots = np.zeros(1 << _BITS, np.int32)
                slots[file["slots"]] = file["numbers"]
                cuts = np.cumsum(file["sizes"])[:-1]
                known = Gazetteer(np.split(file["keys"], cuts), np.split(file["counts"], cuts))
                weights = Weights(file["emission"].astype(np.float32), file["transition"], file["initial"])
        except (OSError, ValueError, KeyError) as broken:
            raise BadInput(field=path.name, expected="a saved tagger", found=str(broken)) from broken
        if head.get("format") != _FORMAT:
            raise BadInput(field=path.name, expected=f"tagger format {_FORMAT}", found=str(head.get("format")))
        return cls(tuple(head["labels"]), weights, slots, known)


def _slot(hashed: Hashes) -> Ints:
    return (hashed >> np.uint64(64 - _BITS)).astype(np.int64)


def _number(hashed: Hashes) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Dense feature numbers from 1, and the table from slot to number."""
    slots = _slot(hashed)
    table = np.zeros(1 << _BITS, np.int32)
    used = np.unique(slots)
    table[used] = np.arange(1, len(used) + 1)
    return table[slots].astype(np.int64), table


def _span_table(rows: Sequence[TaggedText], labels: tuple[str, ...]) -> Ints:
    """[spans, 3]: place among all characters, length, kind."""
    table: list[tuple[int, int, int]] = []
    offset = 0
    for row in rows:
        table += [(offset + span.start, span.end - span.start, labels.index(span.label)) for span in row.spans]
        offset += len(row.text)
    return np.array(table, np.int64).reshape(-1, 3)


def _fold_features(fold: Sequence[TaggedText], known: Gazetteer, labels: tuple[str, ...]) -> Hashes:
    encoded: Encoded = encode([row.text for row in fold])
    return features(encoded, known.without(encoded, _span_table(fold, labels)))


def _gold(row: TaggedText, labels: tuple[str, ...]) -> Ints:
    """Label numbers of the characters: 0 outside, 2k + 1 where kind k begins, 2k + 2 inside it."""
    gold = np.zeros(len(row.text), np.int64)
    for span in row.spans:
        kind = labels.index(span.label)
        gold[span.start : span.end] = 2 * kind + 2
        gold[span.start] = 2 * kind + 1
    return gold
