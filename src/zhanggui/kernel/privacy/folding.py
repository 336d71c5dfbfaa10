"""Fold a text so that patterns see plain digits and letters, and map what they find back to the original."""

import re
import unicodedata
from collections.abc import Sequence

# Full-width letters and digits, other scripts' digits, and characters that print as nothing.
_ODD = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff０-９Ａ-Ｚａ-ｚ＠．－＋＿＃／\u3000]|(?![0-9])\\d"
)
_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff"
)
_KEEP = frozenset("！，；：？（）")  # Chinese punctuation ends a phrase; patterns name it themselves


def _plain(letter: str) -> str:
    if letter in _KEEP:
        return letter
    if "！" <= letter <= "～":
        return chr(ord(letter) - 0xFEE0)
    if letter == "\u3000":
        return " "
    value = unicodedata.digit(letter, -1)
    return str(value) if value >= 0 and letter.isdigit() else letter


def fold(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each of its characters, the place in the original (one more entry for the end).

    Most texts need nothing: then the same string and a `range` come back.
    """
    if not _ODD.search(text):
        return text, range(len(text) + 1)
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if letter not in _INVISIBLE:
            letters.append(_plain(letter))
            places.append(place)
    places.append(len(text))
    return "".join(letters), places
