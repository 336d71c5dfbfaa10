"""Hashed n-grams of characters and words of many texts at once, in numpy, with the place of every one of them.

Rolling polynomial hashes modulo 2^64 (Karp & Rabin 1987) with mixed characters (the finaliser of SplitMix64, Steele et
al. 2014): the hash of any stretch is a difference of two prefix sums, so n-grams of one length cost a few array
operations whatever the number of texts. Hashing into slots follows Weinberger et al. 2009, without signs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import rjieba

from zhanggui.kernel.types import Locale

Longs = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

BITS = 22
SLOTS = 2 << BITS  # half for characters, half for words
MAX_CHARACTERS = 20_000  # of a longer text only the beginning is read
_CHUNK_CHARACTERS = 120_000
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_OTHER, _WORD, _HAN = 0, 1, 2
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a language: characters `low`..`high` (`within` words only, with their edges), words 1..`words`."""

    low: int
    high: int
    within: bool
    words: int


GRAMS: dict[Locale, Grams] = {
    "zh-CN": Grams(low=1, high=4, within=False, words=2),
    "en": Grams(low=3, high=5, within=True, words=2),
}


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every n-gram found: its `text` number, `slot`, and its `start` and `end` in that text."""

    text: Ints
    slot: Ints
    start: Ints
    end: Ints


def language(text: str) -> Locale:
    """Chinese when more than a tenth of the letters are Han characters (one Han character weighs as much as a word)."""
    han = letters = 0
    for character in text[:400]:
        if "\u3400" <= character <= "\u9fff":
            han += 1
        elif character.isalpha():
            letters += 1
    return "zh-CN" if han * 10 > letters + han else "en"


def occurrences(texts: Sequence[str]) -> Iterator[Occurrences]:
    """All n-grams of the texts, some texts at a time; text numbers count over the whole sequence."""
    for first, last in _chunks(texts):
        numbers: dict[Locale, list[int]] = {"zh-CN": [], "en": []}
        for number in range(first, last):
            numbers[language(texts[number])].append(number)
        for locale, mine in numbers.items():
            if mine:
                yield _of_language([texts[number][:MAX_CHARACTERS] for number in mine], np.array(mine), locale)


def counts(texts: Sequence[str]) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The same n-grams counted: arrays of text number, slot and how often, in parts; each text is in one part only."""
    for found in occurrences(texts):
        keys = np.sort(found.text * SLOTS + found.slot)
        if len(keys) == 0:
            continue
        edges = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        often = np.diff(np.append(edges, len(keys)))
        unique = keys[edges]
        yield unique // SLOTS, unique % SLOTS, often


def words(text: str) -> list[tuple[int, int]]:
    """Start and end of every word of a text (Chinese by dictionary, others by their letters), in order."""
    text = text[:MAX_CHARACTERS]
    if language(text) == "en":
        return [found.span() for found in _WORDS.finditer(text)]
    spans: list[tuple[int, int]] = []
    start = 0
    for word in cast(list[str], cast(Any, rjieba).cut(text.encode("utf-8", "replace").decode())):
        if any(character.isalnum() for character in word):
            spans.append((start, start + len(word)))
        start += len(word)
    return spans


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for number, text in enumerate(texts):
        size += min(len(text), MAX_CHARACTERS) + 1
        if size > _CHUNK_CHARACTERS:
            yield first, number + 1
            first, size = number + 1, 0
    if first < len(texts):
        yield first, len(texts)


@dataclass(frozen=True, slots=True)
class _Laid:
    """Texts laid end to end with blanks around each: simplified characters, the text of each, prefix sums of hashes."""

    codes: npt.NDArray[np.uint32]
    kinds: npt.NDArray[np.uint8]
    place: Ints  # which of the texts a character belongs to
    numbers: Ints  # what these texts are called
    starts: Ints
    sums: Longs
    powers: Longs

    @classmethod
    def of(cls, texts: Sequence[str], numbers: Ints) -> "_Laid":
        joined = " " + "  ".join(texts) + " "
        raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        simple, kind = _tables()
        low = np.minimum(raw, 0xFFFF)
        codes = np.where(raw < 0x10000, simple[low], raw).astype(np.uint32)
        kinds = np.where(raw < 0x10000, kind[low], _OTHER).astype(np.uint8)
        lengths = np.array([len(text) + 2 for text in texts])
        powers = _powers(_BASE, len(codes))
        sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(_mixed(codes.astype(np.uint64)) * powers, out=sums[1:])
        starts = np.cumsum(lengths) - lengths
        return cls(codes, kinds, np.repeat(np.arange(len(texts)), lengths), numbers, starts, sums, powers)

    def words(self, locale: Locale) -> tuple[Ints, Ints]:
        """Where words start and end, over all texts."""
        if locale == "en":
            inside = np.concatenate(([False], self.kinds != _OTHER, [False]))
            turns = np.flatnonzero(inside[1:] != inside[:-1])
            return turns[::2], turns[1::2]
        text = self.codes.tobytes().decode("utf-32-le", "replace")
        cut = cast(Any, rjieba).cut(text)  # no types
        lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
        end = np.cumsum(lengths)
        start = end - lengths
        real = self.kinds[start] != _OTHER
        return start[real], end[real]

    def hashes(self, start: Ints, end: Ints, salt: int) -> Longs:
        """Hash of each stretch, the same wherever it stands."""
        back = _powers(_INVERSE, len(self.codes))
        return _mixed((self.sums[end] - self.sums[start]) * back[start] + np.uint64(salt * 0x51ED27))


def _of_language(texts: Sequence[str], numbers: Ints, locale: Locale) -> Occurrences:
    laid, grams = _Laid.of(texts, numbers), GRAMS[locale]
    blank = np.concatenate(([0], np.cumsum(laid.codes == 32)))
    starts: list[Ints] = []
    ends: list[Ints] = []
    slots: list[Longs] = []
    for length in range(grams.low, grams.high + 1):
        start = np.arange(max(0, len(laid.codes) - length + 1))
        end = start + length
        good = laid.place[start] == laid.place[end - 1]
        if grams.within:
            good &= blank[end - 1] == blank[np.minimum(start + 1, end - 1)]
        elif length == 1:
            good &= laid.codes[start] != 32
        start, end = start[good], end[good]
        starts.append(start)
        ends.append(end)
        slots.append(laid.hashes(start, end, length) >> np.uint64(64 - BITS))
    start, end = laid.words(locale)
    for run in range(1, grams.words + 1):
        first, last = start[: len(start) - run + 1], end[run - 1 :]
        near = laid.place[first] == laid.place[last - 1] if len(first) else np.zeros(0, dtype=bool)
        single = laid.hashes(start, end, 97)
        key = single[: len(first)] if run == 1 else single[: len(first)] * np.uint64(3) + single[run - 1 :]
        starts.append(first[near])
        ends.append(last[near])
        slots.append((_mixed(key)[near] >> np.uint64(64 - BITS)) | np.uint64(1 << BITS))
    start, end = np.concatenate(starts), np.concatenate(ends)
    own = laid.place[start]
    offset = laid.starts[own] + 1
    return Occurrences(laid.numbers[own], np.concatenate(slots).astype(np.int64), start - offset, end - offset)


def _mixed(values: Longs) -> Longs:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def _all_powers(base: int) -> Longs:
    size = _CHUNK_CHARACTERS * 3 + 2 * MAX_CHARACTERS
    factors = np.full(size, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


def _powers(base: int, size: int) -> Longs:
    return _all_powers(base)[:size]


@cache
def _tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Of each character of the basic plane the simple form (lower case, half width, one blank) and the kind."""
    simple = np.arange(0x10000, dtype=np.uint32)
    kind = np.zeros(0x10000, dtype=np.uint8)
    kind[0x3400:0xA000] = _HAN
    for code in [*range(0x3000), *range(0xFE00, 0x10000)]:
        plain = unicodedata.normalize("NFKC", chr(code)).lower() if code >= 0x80 else chr(code).lower()
        if plain.isspace() or not plain.isprintable():
            plain = " "
        simple[code] = ord(plain) if len(plain) == 1 else code
        if plain.isalnum() or plain in "'’":
            kind[code] = _WORD
    simple[0x3000], simple[0x2019] = 32, 39
    return simple, kind
