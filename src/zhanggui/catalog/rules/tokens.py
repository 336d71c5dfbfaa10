"""Words, stems, clauses and scripts of a text in Chinese or English."""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][a-z]+)?|\d+(?:\.\d+)?")
_SEPARATES = re.compile(r"[.,;:!?()\[\]\n|。，；：！？、（）]")
_CLAUSE = re.compile(r"(?<=[。！？；\n!?;])|(?<=[.])(?=\s|$)|(?<=[，,、])")
CJK = re.compile(r"[㐀-䶿一-鿿]")
_REACH = 120  # characters: no clause that matters to a claim is longer
_SPELLINGS = {
    "colour": "color", "coloured": "colored", "grey": "gray", "jewellery": "jewelry", "aluminium": "aluminum",
    "fibre": "fiber", "centre": "center", "polyster": "polyester", "women": "woman", "womens": "woman",
    "men": "man", "mens": "man", "children": "child", "babies": "baby", "ladies": "lady", "feet": "foot",
    "multicolour": "multicolor", "multicoloured": "multicolored", "woolen": "wool", "woollen": "wool",
    "wooden": "wood", "mould": "mold", "moulded": "molded", "tyre": "tire", "mettalic": "metallic",
    "golden": "gold", "silvery": "silver", "clothes": "clothing", "knives": "knife", "shelves": "shelf",
    "scarves": "scarf", "mice": "mouse", "gms": "g", "pcs": "piece", "pc": "piece",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word of Latin letters or a number, with its place and stem."""

    text: str
    start: int
    end: int
    stem: str


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Fold case, possessive, plural and British spelling: enough for two spellings of one noun to meet."""
    folded = word.lower().replace("’", "'")
    if folded.endswith("'s"):
        folded = folded[:-2]
    folded = folded.replace("'", "")
    folded = _SPELLINGS.get(folded, folded)
    if len(folded) > 4 and folded.endswith("ies"):
        return folded[:-3] + "y"
    if len(folded) > 4 and folded.endswith(("shes", "ches", "xes", "sses", "zes")):
        return folded[:-2]
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith(("ss", "us", "is")):
        folded = folded[:-1]
    return _SPELLINGS.get(folded, folded)


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[Word, ...]:
    """Every Latin word and number of the text, in order."""
    return tuple(Word(m.group(), m.start(), m.end(), stem(m.group())) for m in _WORD.finditer(text))


def stems_of(text: str) -> frozenset[str]:
    """The set of stems of the text's Latin words and numbers."""
    return frozenset(stem(match) for match in _WORD.findall(text))


def joined(text: str, left: int, right: int) -> bool:
    """Whether nothing but blanks, hyphens or slashes stands between two offsets: the words form one phrase."""
    return right - left <= 3 and not _SEPARATES.search(text, left, right)


def has_cjk(text: str) -> bool:
    """Whether the text holds a Chinese character."""
    return CJK.search(text) is not None


def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets of the clause (between commas, stops and line ends) around `start`..`end`, 120 characters at most."""
    left, right = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _CLAUSE.finditer(text, left, right):
        if match.start() <= start:
            left = match.start()
        elif match.start() >= end:
            right = match.start()
            break
    return left, right
