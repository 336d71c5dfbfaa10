"""What a tagger sees of a text: characters, dictionary words, shapes, places, and the entities it has met before.

Everything is computed for a whole batch at once: texts stand one after another in flat arrays with a margin between
them, so a neighbour is a shifted array and a feature is a 64-bit hash of a few of them.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import rjieba

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
_MARGIN = 4
_LONGEST = 12  # of an entity in the gazetteer, characters
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_BEGIN_END = 8


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch of texts as flat arrays with margins (zeros) between the texts.

    Attributes:
        real: [characters] where the characters of the texts stand in the flat arrays, in order.
        lengths: [texts].
        columns: name -> [flat] codes: `c` character, `t` its type, `s` place in its word, `w` word, `p` part of speech;
            `pp`, `np`, `pw`, `nw` those of the word before and after.
    """

    real: Ints
    lengths: Ints
    columns: dict[str, Ints]


def fold(text: str) -> str:
    """Lower case and half width, one character for one, so that places stay where they were."""
    return "".join(map(_folded, text))


@lru_cache(maxsize=65536)
def _folded(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # half of a pair, from a broken file
        return "\ufffd"
    if 0xFF01 <= code <= 0xFF5E:
        character = chr(code - 0xFEE0)
    lower = character.lower()
    return lower if len(lower) == 1 else character


@lru_cache(maxsize=65536)
def _type(code: int) -> int:
    character = chr(code)
    if not code:
        return 0
    if character.isdigit():
        return 1
    if character.isascii() and character.isalpha():
        return 2
    if "\u3400" <= character <= "\u9fff":
        return 3
    if character.isspace():
        return 4
    return 5 if character in ',，、/+-*.（）()[]【】' else 6  # fmt: skip


@lru_cache(maxsize=65536)
def _code(word: str) -> int:
    return zlib.crc32(word.encode()) + 1


def _words(text: str) -> list[tuple[str, str]]:
    """Words with parts of speech; every character stands in exactly one of them."""
    found = rjieba.tag(text)
    return found if sum(len(word) for word, _ in found) == len(text) else [(character, "x") for character in text]


def encode(texts: Sequence[str]) -> Encoded:
    """The arrays of a batch. Empty texts are allowed and take no characters."""
    margin = ("\0" * _MARGIN, "")
    words: list[tuple[str, str]] = [margin]
    lengths = np.zeros(len(texts), np.int64)
    for number, text in enumerate(texts):
        folded = fold(text)
        lengths[number] = len(folded)
        words += _words(folded) if folded else []
        words.append(margin)
    sizes = np.array([len(word) for word, _ in words], np.int64)
    flat = "".join(word for word, _ in words)
    codes = np.frombuffer(flat.encode("utf-32-le"), np.uint32).astype(np.int64)
    within = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = np.repeat(sizes, sizes)
    place = np.where(size == 1, 1, np.where(within == 0, 2, np.where(within == size - 1, 4, 3)))
    pad = np.repeat(np.array([not tag and word[0] == "\0" for word, tag in words]), sizes)
    unique, numbers = np.unique(codes, return_inverse=True)
    columns = {
        "c": codes,
        "t": np.array([_type(int(code)) for code in unique], np.int64)[numbers],
        "s": place,
        "w": np.repeat(np.array([_code(word) for word, _ in words], np.int64), sizes),
        "p": np.repeat(np.array([_code(tag) for _, tag in words], np.int64), sizes),
    }
    ends = np.cumsum(sizes)
    begins = ends - sizes
    columns["pp"] = np.repeat(np.concatenate([[0], columns["p"][begins[:-1]]]), sizes)
    columns["np"] = np.repeat(np.concatenate([columns["p"][begins[1:]], [0]]), sizes)
    columns["pw"] = np.repeat(np.concatenate([[0], columns["w"][begins[:-1]]]), sizes)
    columns["nw"] = np.repeat(np.concatenate([columns["w"][begins[1:]], [0]]), sizes)
    for name in columns:
        columns[name] = np.where(pad, 0, columns[name])
    return Encoded(np.flatnonzero(~pad), lengths, columns)


def mix(*columns: npt.NDArray[np.generic]) -> Hashes:
    """One 64-bit hash for each row of the columns (multiply and fold, as in FxHash with an avalanche step)."""
    hashed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashed = (hashed ^ column.astype(np.uint64)) * _PRIME
        hashed ^= hashed >> _SHIFT
    return hashed


class Gazetteer:
    """Entities met in training: how often each string was each kind of entity, and how often it occurred at all.

    `keys[n]` are the sorted hashes of the strings with n + 1 characters, `counts[n]` is [strings, kinds + 1], the last
    column counting every occurrence.
    """

    def __init__(self, keys: list[Hashes], counts: list[Ints]) -> None:
        self.keys, self.counts = keys, counts

    @classmethod
    def build(cls, text: Encoded, spans: Ints, kinds: int) -> "Gazetteer":
        """From the spans [spans, 3] (place in `text.real`, length, kind) of the texts; longer ones are left out."""
        grams = _grams(text)
        keys = [np.unique(_entities(text, spans, size, gram)[0]) for size, gram in enumerate(grams, start=1)]
        return cls(keys, _counts(keys, text, spans, kinds))

    def without(self, text: Encoded, spans: Ints) -> "Gazetteer":
        """The gazetteer as it would be had these texts, a part of its own, not been there."""
        less = _counts(self.keys, text, spans, self.counts[0].shape[1] - 1)
        return Gazetteer(self.keys, [ours - theirs for ours, theirs in zip(self.counts, less, strict=True)])

    def look_up(self, text: Encoded) -> list[Ints]:
        """For each kind the longest known entity over each character, [flat, 3]: place in it 1-4 or 0, its share of the
        string's occurrences in quarters 1-4, how often it was met 1-3."""
        kinds = self.counts[0].shape[1] - 1
        flat = len(text.columns["c"])
        told = [np.zeros((flat, 3), np.int64) for _ in range(kinds)]
        for size, (places, hashed) in enumerate(_grams(text), start=1):
            if not len(self.keys[size - 1]) or not len(places):
                continue
            found = _find(self.keys[size - 1], hashed)
            at, which = places[found >= 0][::-1], found[found >= 0][::-1]
            for kind in range(kinds):
                _mark(told[kind], at, self.counts[size - 1][which], kind, size)
        return told


def _entities(text: Encoded, spans: Ints, size: int, gram: tuple[Ints, Hashes]) -> tuple[Hashes, Ints]:
    """Hashes and kinds of the spans of one length."""
    mine = spans[spans[:, 1] == size]
    return gram[1][np.searchsorted(gram[0], text.real[mine[:, 0]])], mine[:, 2]


def _counts(keys: list[Hashes], text: Encoded, spans: Ints, kinds: int) -> list[Ints]:
    """How often each key is each kind of entity in the texts, and how often it occurs in them."""
    counts: list[Ints] = []
    for size, gram in enumerate(_grams(text), start=1):
        known = keys[size - 1]
        table = np.zeros((len(known), kinds + 1), np.int64)
        if len(known):
            entities, kind = _entities(text, spans, size, gram)
            np.add.at(table, (np.searchsorted(known, entities), kind), 1)
            found = _find(known, gram[1])
            table[:, kinds] = np.bincount(found[found >= 0], minlength=len(known))
        counts.append(table)
    return counts


def _mark(table: Ints, at: Ints, counts: Ints, kind: int, size: int) -> None:
    """Write the matches of one length over shorter ones; of two that overlap the first in the text wins."""
    met = counts[:, kind]
    at, met, total = at[met > 0], met[met > 0], np.maximum(counts[met > 0, -1], 1)
    if not len(at):
        return
    place = np.full(size, 3) if size > 1 else np.ones(1, np.int64)
    if size > 1:
        place[0], place[-1] = 2, 4
    cells = (at[:, None] + np.arange(size)).ravel()
    share = 1 + np.minimum(3, met * 4 // total)
    table[cells, 0] = np.tile(place, len(at))
    table[cells, 1] = np.repeat(share, size)
    table[cells, 2] = np.repeat(np.minimum(3, met), size)


def _find(keys: Hashes, wanted: Hashes) -> Ints:
    """The row of each wanted hash among the sorted keys, -1 where there is none."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def _grams(text: Encoded) -> list[tuple[Ints, Hashes]]:
    """For each length up to the longest: where the strings of that length begin, and their hashes."""
    codes = text.columns["c"]
    places, hashed = text.real, mix(codes[text.real])
    grams = [(places, hashed)]
    for size in range(2, _LONGEST + 1):
        inside = codes[places + size - 1] != 0
        places, hashed = places[inside], hashed[inside]
        hashed = mix(hashed, codes[places + size - 1])
        grams.append((places, hashed))
    return grams


def features(text: Encoded, gazetteer: Gazetteer) -> Hashes:
    """[characters, templates]: one hash for each template at each character."""
    real, columns = text.real, text.columns

    def at(name: str, shift: int = 0) -> Ints:
        return columns[name][real + shift]

    character = {shift: at("c", shift) for shift in (-2, -1, 0, 1, 2)}
    kind = {shift: at("t", shift) for shift in (-2, -1, 0, 1, 2)}
    place = at("s")
    begin = np.arange(len(real)) - np.repeat(np.cumsum(text.lengths) - text.lengths, text.lengths)
    end = np.repeat(text.lengths, text.lengths) - 1 - begin
    templates: list[tuple[Ints, ...]] = [
        (np.ones(len(real), np.int64),),
        *((character[shift],) for shift in character),
        *((character[shift], character[shift + 1]) for shift in (-2, -1, 0, 1)),
        (character[-1], character[0], character[1]),
        (place,),
        (at("s", -1), place),
        (place, at("s", 1)),
        (at("w"),),
        (at("pw"), place),
        (at("nw"), place),
        (at("p"), place),
        (at("pp"), at("p"), place),
        (at("p"), at("np"), place),
        *((kind[shift],) for shift in (-1, 0, 1)),
        (kind[-1], kind[0], kind[1]),
        tuple(kind.values()),
        (np.minimum(begin, _BEGIN_END),),
        (np.minimum(end, _BEGIN_END),),
        *_met(gazetteer.look_up(text), real, place),
    ]
    numbered = (mix(np.full(len(real), number + 1), *columns) for number, columns in enumerate(templates))
    return np.stack(list(numbered), axis=1)


def _met(known: list[Ints], real: Ints, place: Ints) -> list[tuple[Ints, ...]]:
    """Templates over the gazetteer's answers, alone and together."""
    templates: list[tuple[Ints, ...]] = []
    for table in known:
        spot, share, often = table[real].T
        templates += [(spot, share), (spot, share, often), (spot, place)]
    templates.append(tuple(table[real, 0] for table in known))
    if len(known) > 1:
        templates.append((known[0][real, 0], known[0][real, 1], known[1][real, 0], known[1][real, 1]))
    templates += [(table[real - 1, 0], table[real, 0], table[real + 1, 0]) for table in known[:2]]
    return templates
