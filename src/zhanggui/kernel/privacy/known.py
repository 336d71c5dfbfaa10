"""Find values that the shop already knows, however they are spaced or cased. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from zhanggui.kernel.privacy.models import Known

_DIGITS = re.compile(r"\+?\(?[0-9](?:[ \-\u2010-\u2015.()/]{0,3}[0-9])+")
_SPACES = re.compile(r"\s+")
_NUMERIC = frozenset({"PHONE_NUMBER", "CREDIT_CARD", "CN_ID", "US_SSN", "QQ"})
_KEY = 3


class KnownValues:
    """An index of known values: looking a text through costs time by the text, not by how many values there are.

    Latin names are also found by each of their parts of three letters or more, with the capital they carry; numbers
    are compared by digits only, with or without the country's prefix; everything else by words, whatever the case.
    """

    def __init__(self, known: Iterable[Known]) -> None:
        self._digits: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._patterns: dict[str, dict[str, tuple[re.Pattern[str], str]]] = defaultdict(dict)
        for one in known:
            value = one.value.strip()
            if len(value) >= 2:
                self._add(value, one.type)

    def __bool__(self) -> bool:
        return bool(self._digits or self._patterns)

    def _add(self, value: str, kind: str) -> None:
        digits = re.sub(r"\D", "", value)
        if kind in _NUMERIC and len(digits) >= 5 and len(digits) >= len(value) // 2:
            self._digits[digits[-5:]].append((digits, kind))
        self._add_words(value, kind, re.IGNORECASE)
        if kind == "PERSON" and value.isascii():
            for part in value.split():
                if len(part) >= 3 and part[0].isupper():
                    self._add_words(part, kind, 0)

    def _add_words(self, value: str, kind: str, flags: int) -> None:
        words = [re.escape(word) for word in _SPACES.split(value)]
        start = r"(?<![^\W_])" if value[0].isascii() and value[0].isalnum() else ""
        end = r"(?![^\W_])" if value[-1].isascii() and value[-1].isalnum() else ""
        # Chinese letters touch Latin ones without a blank, so only Latin letters and digits count as neighbours.
        start, end = start.replace(r"[^\W_]", "[A-Za-z0-9]"), end.replace(r"[^\W_]", "[A-Za-z0-9]")
        pattern = re.compile(start + r"\s+".join(words) + end, flags)
        self._patterns[_key(value)].setdefault(value, (pattern, kind))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Every known value in a folded text, as (start, end, type); may overlap."""
        if self._digits:
            for run in _DIGITS.finditer(text):
                yield from self._match_digits(run.group(), run.start())
        if not self._patterns:
            return
        low = text.lower()
        if len(low) != len(text):  # a few letters change length in lower case; fall back to the letters themselves
            low = "".join(letter.lower()[0] for letter in text)
        for place in range(len(text)):
            for size in (_KEY, 2):
                for pattern, kind in self._patterns.get(low[place : place + size], {}).values():
                    if match := pattern.match(text, place):
                        yield match.start(), match.end(), kind

    def _match_digits(self, run: str, offset: int) -> Iterator[tuple[int, int, str]]:
        places = [place for place, letter in enumerate(run) if letter.isdigit()]
        digits = "".join(run[place] for place in places)
        for end in range(5, len(digits) + 1):
            for known, kind in self._digits.get(digits[end - 5 : end], ()):
                size = len(known)
                while size >= max(5, len(known) - 4) and not digits[:end].endswith(known[-size:]):
                    size -= 1
                if size >= max(5, len(known) - 4) and (size == len(known) or size >= 7):
                    start = places[end - size]
                    while start and run[start - 1] in "+(":
                        start -= 1
                    yield offset + start, offset + places[end - 1] + 1, kind


def _key(value: str) -> str:
    low = "".join(letter.lower()[0] for letter in value)
    return low[:_KEY] if len(low) >= _KEY and not _SPACES.search(low[:_KEY]) else low[:2]
