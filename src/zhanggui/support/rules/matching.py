"""Pairs of questions from rows of any usual shape, and what can be counted of a pair without any training. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, cast

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import tokens

MOST_CHARACTERS: Final = 1_000
_A = ("a", "sentence1", "question1", "text_a", "texta", "s1", "q1", "sentence_a", "first", "left", "query")
_B = ("b", "sentence2", "question2", "text_b", "textb", "s2", "q2", "sentence_b", "second", "right", "candidate")
_LABEL = ("same", "label", "is_duplicate", "duplicate", "target", "y", "match", "score")
_SAME = {"1", "true", "yes", "same", "duplicate", "match", "entailment", "y", "1.0"}
_OTHER = {"0", "false", "no", "different", "other", "not_duplicate", "n", "0.0"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NOT = re.compile(r"不|没|无法|未|别|勿|\bnot?\b|n['’]t\b|\bnever\b|\bcannot\b", re.IGNORECASE)
# What a question asks for; two questions about the same thing that ask for different ones differ.
_ASKS: Final = (
    r"怎么|怎样|如何|咋|\bhow\b(?!\s+(?:much|many|long))",
    r"为什么|为何|为啥|怎么回事|什么原因|\bwhy\b",
    r"什么时候|何时|几号|几点|多久|哪天|多长时间|\bwhen\b|\bhow long\b",
    r"多少|几个|几次|\bhow (?:much|many)\b",
    r"哪里|在哪|哪儿|\bwhere\b",
    r"可以|能不能|能否|可不可以|是否|能.{0,8}[吗么嘛]|\b(?:can|could|may|is it possible)\b",
    r"是什么|什么是|什么意思|啥意思|\bwhat (?:is|does|are)\b",
    r"哪个|哪些|\bwhich\b",
    r"谁|\bwho\b",
)
_ASKING: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _ASKS)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions; `same` is what people said of them, where they did."""

    a: str
    b: str
    same: bool | None = None


def fold_question(text: str) -> str:
    """One spelling: runs of blanks, masks (`***`) and case evened."""
    return re.sub(r"\*+", "*", " ".join(text[:MOST_CHARACTERS].split())).lower()


def read_pairs(rows: Iterable[object]) -> list[Pair]:
    """Labelled pairs of rows: cells `a, b, label` (or `label, a, b`; a head row is passed over) or objects.

    Raises:
        BadInput: a row of another shape, or without a label; names the row.
    """
    pairs: list[Pair] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            pairs.append(_of_object(cast(Mapping[str, object], row), number))
            continue
        cells = [cell.strip() for cell in cast(Sequence[str], row)]
        pair = _of_cells(cells)
        if pair is None and number > 1:
            raise BadInput(row=number, field="row", expected="a, b and 1 or 0 between tabs", found=str(cells)[:120])
        if pair is not None:
            pairs.append(pair)
    return pairs


def _of_object(row: Mapping[str, object], number: int) -> Pair:
    low = {str(name).lower(): value for name, value in row.items()}
    texts: list[str] = []
    for name, names in (("a", _A), ("b", _B)):
        value = next((low[one] for one in names if isinstance(low.get(one), str)), None)
        if not isinstance(value, str):
            raise BadInput(row=number, field=name, expected="a question", found="nothing")
        texts.append(fold_question(value))
    label = next((low[one] for one in _LABEL if low.get(one) is not None), None)
    same = _label(label)
    if same is None:
        raise BadInput(row=number, field="same", expected="true or false", found=repr(label)[:80])
    return Pair(texts[0], texts[1], same)


def _of_cells(cells: Sequence[str]) -> Pair | None:
    if len(cells) >= 3:
        if _label(cells[-1]) is not None:
            return Pair(fold_question(cells[-3]), fold_question(cells[-2]), _label(cells[-1]))
        if _label(cells[0]) is not None:
            return Pair(fold_question(cells[1]), fold_question(cells[2]), _label(cells[0]))
    return None


def _label(value: object) -> bool | None:
    word = str(value).strip().lower()
    return True if word in _SAME else False if word in _OTHER else None


NAMES: Final = (
    "edit", "longest", "words", "contained", "length", "numbers", "negation", "asks", "asks_other", "start", "end",
)  # fmt: skip


def counted(pair: Pair) -> list[float]:
    """What is plain to see of a pair, in the order of `NAMES`; the same when the questions change places."""
    a, b = pair.a, pair.b
    blocks = SequenceMatcher(None, min(a, b), max(a, b), autojunk=False).get_matching_blocks()
    shared, longest = sum(block.size for block in blocks), max(block.size for block in blocks)
    own, other = set(tokens(a)), set(tokens(b))
    both, least = len(own & other), max(1, min(len(own), len(other)))
    asks_a, asks_b = _asked(a), _asked(b)
    return [
        2 * shared / max(1, len(a) + len(b)),
        longest / max(1, min(len(a), len(b))),
        both / max(1, len(own | other)),
        both / least,
        min(len(a), len(b)) / max(1, len(a), len(b)),
        float(set(_NUMBER.findall(a)) == set(_NUMBER.findall(b))),
        float(len(_NOT.findall(a)) % 2 == len(_NOT.findall(b)) % 2),
        len(asks_a & asks_b) / max(1, len(asks_a | asks_b)),
        float(bool(asks_a) and bool(asks_b) and not asks_a & asks_b),
        float(a[:2] == b[:2]),
        float(a[-2:] == b[-2:]),
    ]


def _asked(text: str) -> set[int]:
    return {number for number, pattern in enumerate(_ASKING) if pattern.search(text)}
