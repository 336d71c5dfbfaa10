"""A tokenizer of our own, trained on the shop's texts: Han characters alone, other words in pieces, places kept.

Pieces of words are learnt by byte-pair merges (Sennrich et al. 2016) over the words' counts and found again by the
greedy longest match of WordPiece (Devlin et al. 2019): a piece that goes on in a word begins with `##`.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final

from zhanggui.kernel.errors import BadInput

SPECIALS: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, MASK = range(5)
_HAN: Final = "\u3400-\u9fff\uf900-\ufaff"
_WORDS: Final = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}])[^\W_])+|\S")
_LONGEST_WORD: Final = 40
_MOST_WORDS: Final = 40_000  # different words that merges are learnt from, the most frequent ones
_MOST_CACHED: Final = 100_000
_GLUE: Final = "##"
_NO_BLANK_BEFORE: Final = set(",.!?;:%)]}'’…，。！？；：、）】》”")
_NO_BLANK_AFTER: Final = set("([{'’（【《“")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text's tokens: `ids`, and where each begins and ends in the text; special tokens have empty places."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Tokenizer:
    """Words of a vocabulary; make one by `Tokenizer.train` or from the list that `pieces` gives."""

    pieces: tuple[str, ...]
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _known: dict[str, tuple[tuple[int, int, int], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.pieces[: len(SPECIALS)] != SPECIALS or len(set(self.pieces)) != len(self.pieces):
            expected = f"different pieces that begin with {' '.join(SPECIALS)}"
            raise BadInput(field="tokenizer", expected=expected, found=" ".join(self.pieces[:8]))
        object.__setattr__(self, "_numbers", {piece: number for number, piece in enumerate(self.pieces)})
        object.__setattr__(self, "_known", {})

    def __len__(self) -> int:
        return len(self.pieces)

    @classmethod
    def train(cls, texts: Iterable[str], size: int = 6000) -> "Tokenizer":
        """At most `size` pieces that spell the texts in few tokens; the same texts give the same pieces.

        Raises:
            BadInput: no room for anything beside the special pieces, or no text.
        """
        if size < len(SPECIALS) + 1:
            raise BadInput(field="size", expected=f"more than {len(SPECIALS)}", found=str(size))
        words: Counter[str] = Counter()
        for text in texts:
            words.update(word for word, _, _ in _split(text))
        if not words:
            raise BadInput(field="text", expected="texts to learn a vocabulary from", found="none")
        letters: Counter[str] = Counter()
        for word, often in words.items():
            for symbol in _symbols(word):
                letters[symbol] += often
        ranked = sorted(letters, key=lambda letter: (-letters[letter], letter))
        # Two thirds at most for single characters: rare Han characters must not push out all merges.
        pieces = [*SPECIALS, *ranked[: max(1, (size - len(SPECIALS)) * 2 // 3)]]
        merged = _merges(words, size - len(pieces))
        return cls(tuple(dict.fromkeys([*pieces, *merged])))

    def encode(self, text: str, most: int) -> Encoded:
        """`[CLS] text [SEP]` in at most `most` tokens; of a longer text the beginning (2/3) and the end are kept."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        # A token takes a character at least; blanks are counted generously.
        for word, start, end in _split(_outer(text, most * 12)):
            for number, first, last in self._cached(word):
                ids.append(number)
                spans.append((min(start + first, end), min(start + last, end)))
        room = most - 2
        if len(ids) > room:
            head = room * 2 // 3
            ids, spans = ids[:head] + ids[head - room :], spans[:head] + spans[head - room :]
        return Encoded((START, *ids, END), ((0, 0), *spans, (0, 0)))

    def _cached(self, word: str) -> tuple[tuple[int, int, int], ...]:
        known = self._known.get(word)
        if known is None:
            known = self.match(word)
            if len(self._known) < _MOST_CACHED:
                self._known[word] = known
        return known

    def match(self, word: str) -> tuple[tuple[int, int, int], ...]:
        """Pieces of one word as number, start and end: the longest known beginning, again and again."""
        found: list[tuple[int, int, int]] = []
        start = 0
        while start < len(word):
            lead = _GLUE if start else ""
            for end in range(min(len(word), start + _LONGEST_WORD), start, -1):
                number = self._numbers.get(lead + word[start:end])
                if number is not None:
                    break
            else:
                return ((UNKNOWN, 0, len(word)),)
            found.append((number, start, end))
            start = end
        return tuple(found)

    def decode(self, ids: Sequence[int]) -> str:
        """The text that tokens spell: no blanks between Han characters, none inside words."""
        text = ""
        for number in ids:
            piece = self.pieces[number] if number < len(self.pieces) else SPECIALS[UNKNOWN]
            if piece in SPECIALS:
                continue
            if piece.startswith(_GLUE):
                text += piece[len(_GLUE) :]
            elif text and _blank_between(text[-1], piece[0]):
                text += " " + piece
            else:
                text += piece
        return text


def _outer(text: str, most: int) -> str:
    # What lies between the kept ends is never read: a text of a megabyte costs no more than its ends.
    return text if len(text) <= 2 * most else text[:most] + " " * (len(text) - 2 * most) + text[-most:]


@lru_cache(maxsize=65_536)
def _simple(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


def _split(text: str) -> Iterator[tuple[str, int, int]]:
    """Words, Han characters and marks with their places; letters are simplified one by one so that places hold."""
    simple = text.lower() if text.isascii() else "".join(map(_simple, text))
    for found in _WORDS.finditer(simple):
        yield found.group(), found.start(), found.end()


def _symbols(word: str) -> list[str]:
    return [word[0], *(_GLUE + letter for letter in word[1:_LONGEST_WORD])]


def _joined(first: str, second: str) -> str:
    return first + second.removeprefix(_GLUE)


def _merges(words: Mapping[str, int], most: int) -> list[str]:
    """Pieces from merging the most frequent neighbours, `most` times or until none stands twice."""
    longer = sorted((word for word in words if len(word) > 1), key=lambda word: (-words[word], word))[:_MOST_WORDS]
    spelt = [_symbols(word) for word in longer]
    pairs: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, symbols in enumerate(spelt):
        for pair in pairwise(symbols):
            pairs[pair] += words[longer[number]]
            places[pair].add(number)
    # The heap holds old counts too: an entry counts only while it says what `pairs` says.
    heap = [(-often, pair) for pair, often in pairs.items()]
    heapify(heap)
    merged: list[str] = []
    while len(merged) < most and heap:
        often, best = heappop(heap)
        if pairs.get(best, 0) != -often:
            continue
        if -often < 2:
            break
        merged.append(_joined(*best))
        touched: set[tuple[str, str]] = set()
        for number in sorted(places.pop(best)):
            touched |= _merge_in(spelt, number, best, words[longer[number]], (pairs, places))
        pairs.pop(best, None)
        for pair in touched - {best}:
            if pair in pairs:
                heappush(heap, (-pairs[pair], pair))
    return merged


def _merge_in(
    spelt: list[list[str]],
    number: int,
    best: tuple[str, str],
    often: int,
    counted: tuple[Counter[tuple[str, str]], defaultdict[tuple[str, str], set[int]]],
) -> set[tuple[str, str]]:
    """Merge `best` in one word; the pairs whose counts changed."""
    pairs, places = counted
    symbols = spelt[number]
    for pair in pairwise(symbols):
        pairs[pair] -= often
        if pairs[pair] <= 0:
            del pairs[pair]
        if pair != best:
            places[pair].discard(number)
    joined: list[str] = []
    place = 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == best:
            joined.append(_joined(*best))
            place += 2
        else:
            joined.append(symbols[place])
            place += 1
    spelt[number] = joined
    for pair in pairwise(joined):
        pairs[pair] += often
        places[pair].add(number)
    return {*pairwise(symbols), *pairwise(joined)}


def _blank_between(before: str, after: str) -> bool:
    if before in _NO_BLANK_AFTER or after in _NO_BLANK_BEFORE:
        return False
    return not (_is_han(before) or _is_han(after))


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"
