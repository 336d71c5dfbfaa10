"""Past exchanges from rows of any usual shape, their dialogues, and the cases within them. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from zhanggui.kernel.errors import BadInput
from zhanggui.support.models.replies import Case, Exchange

MOST_CHARACTERS = 2_000  # of a turn or reply; the rest says nothing about which reply fits
MOST_TURNS = 40  # of a context, the latest
_BLANK_BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f])[^\S\t]+|[^\S\t]+(?=[^\x00-\x7f])")
_SEPARATORS = re.compile(r"\t|\n|\|\|\||__eo[tu]__|<eo[tu]>|\[SEP\]")
_CONTEXT = ("context", "history", "turns", "dialogue", "dialog", "messages", "conversation", "question", "query")
_REPLY = ("reply", "response", "answer", "utterance", "output", "target")
_CANDIDATES = ("candidates", "options", "responses", "replies")
_LABEL = ("label", "right", "correct", "gold", "y", "index")
_RIGHT = {"1", "true", "yes", "right", "correct", "positive", "y", "1.0"}
_WRONG = {"0", "false", "no", "wrong", "incorrect", "negative", "n", "0.0", "-1"}
_LONG_TURN = 16  # characters from which a turn tells its dialogue
_LONG_PAIR = 14  # the same for two turns that follow each other
_COMMON = 12  # what stands in more exchanges is a phrase of the shop and tells no dialogue


def fold_turn(text: str) -> str:
    """One spelling of a turn: blanks between Chinese words dropped, lower case, no edges."""
    return _BLANK_BESIDE_HAN.sub("", text[:MOST_CHARACTERS].strip()).lower()


def fold_context(turns: Iterable[str]) -> tuple[str, ...]:
    """The latest turns that say anything, each in one spelling."""
    return tuple(turn for turn in map(fold_turn, turns) if turn)[-MOST_TURNS:]


def read_exchanges(rows: Iterable[object]) -> list[Exchange]:
    """Exchanges of rows; wrong replies join the right one of the same context.

    A row is a list of cells (`label, turn..., reply`, or `turn..., reply` where no label of 0 and 1 comes first) or an
    object: `context` (turns, messages with `content`, or one text cut at tabs) with `reply` (or `response`, ...) and
    perhaps `label`, or with `candidates` and `label` (the right one's place, a 0/1 for each, or its text).

    Raises:
        BadInput: a row of another shape, or no right reply at all; names the row.
    """
    right: dict[tuple[str, ...], list[str]] = {}
    wrong: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            found = _of_object(cast(Mapping[str, object], row), number)
        else:
            found = _of_cells(cast(Sequence[str], row), number)
        for context, reply, fits in found:
            if not context or not reply:
                continue
            if fits:
                right.setdefault(context, []).append(reply)
            else:
                wrong[context].append(reply)
    if not right:
        raise BadInput(field="train", expected="rows with a context and its right reply", found="none")
    return [
        Exchange(context, reply, tuple(other for other in dict.fromkeys(wrong[context]) if other not in replies))
        for context, replies in right.items()
        for reply in dict.fromkeys(replies)
    ]


Found = list[tuple[tuple[str, ...], str, bool]]


def _of_cells(cells: Sequence[str], number: int) -> Found:
    kept = [cell.strip() for cell in cells]
    while kept and not kept[-1]:
        kept.pop()
    labelled = len(kept) >= 3 and kept[0] in ("0", "1")
    turns = kept[1:] if labelled else kept
    if len(turns) < 2:
        raise BadInput(row=number, field="row", expected="label, turns and reply between tabs", found=str(kept)[:120])
    return [(fold_context(turns[:-1]), fold_turn(turns[-1]), not labelled or kept[0] == "1")]


def _of_object(row: Mapping[str, object], number: int) -> Found:
    low = {str(name).lower(): value for name, value in row.items()}
    context = fold_context(_turns(_first(low, _CONTEXT), number))
    candidates = _first(low, _CANDIDATES)
    reply, label = _first(low, _REPLY), _first(low, _LABEL)
    if isinstance(candidates, list):
        texts = [_text(item) for item in cast(list[object], candidates)]
        places = _places(texts, reply if label is None else label, number)
        return [(context, fold_turn(text), place in places) for place, text in enumerate(texts)]
    if not isinstance(reply, str):
        raise BadInput(row=number, field="reply", expected="text, or `candidates` with `label`", found=_brief(reply))
    return [(context, fold_turn(reply), label is None or _is_right(label, number))]


def _first(row: Mapping[str, object], names: Sequence[str]) -> object:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _turns(value: object, number: int) -> list[str]:
    if isinstance(value, str):
        return [turn for turn in _SEPARATORS.split(value) if turn.strip()]
    if isinstance(value, list):
        return [_text(item) for item in cast(list[object], value)]
    raise BadInput(row=number, field="context", expected="a list of turns", found=_brief(value))


def _text(item: object) -> str:
    if isinstance(item, Mapping):
        said = _first(cast(Mapping[str, object], item), ("content", "text", "value", "utterance"))
        return said if isinstance(said, str) else ""
    return item if isinstance(item, str) else "" if item is None else str(item)


def _places(texts: Sequence[str], label: object, number: int) -> set[int]:
    if isinstance(label, list):
        marks = cast(list[object], label)
        if len(marks) == len(texts):
            return {place for place, mark in enumerate(marks) if _is_right(mark, number)}
    elif isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(texts):
        return {label}
    elif isinstance(label, str):
        same = {place for place, text in enumerate(texts) if fold_turn(text) == fold_turn(label)}
        if same:
            return same
        if label.isdigit() and int(label) < len(texts):
            return {int(label)}
    found = _brief(cast(object, label))
    raise BadInput(row=number, field="label", expected="the place of the right candidate", found=found)


def _is_right(label: object, number: int) -> bool:
    word = str(label).strip().lower()
    if word in _RIGHT or word in _WRONG:
        return word in _RIGHT
    raise BadInput(row=number, field="label", expected="1 for right or 0 for wrong", found=_brief(label))


def _brief(value: object) -> str:
    return "nothing" if value is None else repr(value)[:120]


def dialogues(exchanges: Sequence[Exchange]) -> list[int]:
    """The number of each exchange's dialogue: exchanges that share a long turn, or two turns in a row, are of one.

    Phrases that a shop says again and again tell nothing and are passed over.
    """
    parent = list(range(len(exchanges)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    seen: dict[str, list[int]] = defaultdict(list)
    for place, exchange in enumerate(exchanges):
        turns = (*exchange.context, exchange.reply)
        marks = {turn for turn in exchange.context if len(turn) >= _LONG_TURN}
        pairs = pairwise(turns)
        marks |= {f"{first}\n{second}" for first, second in pairs if len(first) + len(second) >= _LONG_PAIR}
        for mark in marks:
            seen[mark].append(place)
    for places in seen.values():
        if len(places) <= _COMMON:
            for place in places[1:]:
                parent[root(place)] = root(places[0])
    return [root(place) for place in range(len(exchanges))]


def cases(exchanges: Sequence[Exchange], numbers: Sequence[int]) -> list[Case]:
    """Every different reply in its place: the last of each exchange and, the speakers taking turns, those before it."""
    found: dict[tuple[str, str, str], Case] = {}
    for exchange, number in zip(exchanges, numbers, strict=True):
        turns = (*exchange.context, exchange.reply)
        for end in range(len(turns) - 1, 0, -2):
            key = (turns[end - 2] if end > 1 else "", turns[end - 1], turns[end])
            found.setdefault(key, Case(turns[:end], turns[end], number))
    return list(found.values())
