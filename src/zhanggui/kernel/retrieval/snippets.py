"""The part of a text that a query is about. Pure."""

from bisect import bisect_left
from collections.abc import Iterable


def snippet(text: str, words: Iterable[str], size: int = 160) -> str:
    """The window of at most `size` characters that holds the most different query words, whole text when it fits."""
    if len(text) <= size:
        return text
    low = text.lower()
    places: list[tuple[int, str]] = []
    for word in set(words):
        place = low.find(word)
        while place >= 0 and len(places) < 500:
            places.append((place, word))
            place = low.find(word, place + len(word))
    if not places:
        return text[: size - 1].rstrip() + "…"
    places.sort()
    starts = [place for place, _ in places]
    ends = [bisect_left(starts, place + size - 20) for place in starts]
    best = max(range(len(places)), key=lambda i: (len({word for _, word in places[i : min(ends[i], i + 40)]}), -i))
    start = max(0, min(starts[best] - 20, len(text) - size))
    cut = text[start : start + size - 2].strip()
    return ("…" if start else "") + cut + ("…" if start + size - 2 < len(text) else "")
