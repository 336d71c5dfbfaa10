"""Words of a text in any language: Chinese by dictionary, the rest by letters with a light English stem. Pure."""

import re
import unicodedata

import rjieba

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_PIECE = re.compile(f"(?P<han>[{_HAN}]+)|(?P<word>[^\\W_{_HAN}]+(?:(?:['’]|(?<=[0-9])\\.(?=[0-9]))[^\\W_{_HAN}]+)*)")
_LETTERS_THEN_DIGITS = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_LONGEST_WORD = 64
_KEEP_DOUBLE = frozenset("lsz")
_VOWEL = re.compile("[aeiouy]")


def fold(text: str) -> str:
    """One spelling for what looks the same: width and case evened, accents and stacked marks dropped (NFKD)."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in split if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).casefold()


def stem(word: str) -> str:
    """A light English stem: plural, -ing and -ed (after Harman 1991, "How effective is suffixing?", and Porter).

    Only ASCII letters are touched; the result is a key, not always a word.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        body = word[: -len(ending)]
        if word.endswith(ending) and len(body) >= 3 and _VOWEL.search(body):
            word = body
            break
    else:
        return word[:-1] if word.endswith("e") and len(word) > 4 else word
    if word[-1] == word[-2] and word[-1] not in _KEEP_DOUBLE:
        return word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def tokens(text: str) -> list[str]:
    """Search words in order.

    A Chinese run gives every dictionary word inside, so two-character words are found within longer ones; a mix such
    as `WiFi6` gives itself and its parts.
    """
    found: list[str] = []
    for piece in _PIECE.finditer(fold(text)):
        if piece.lastgroup == "han":
            found += [word for word in rjieba.cut_for_search(piece.group()) if word.strip()]
            continue
        word = piece.group().replace("’", "'").removesuffix("'s").replace("'", "")[:_LONGEST_WORD]
        parts = _LETTERS_THEN_DIGITS.findall(word)
        found.append(stem(word))
        if len(parts) > 1:
            found += [stem(part) for part in parts]
    return found


def letters(text: str) -> list[str]:
    """Overlapping pairs of letters: the fallback for words that no dictionary has, and for typing slips."""
    found: list[str] = []
    for piece in _PIECE.finditer(fold(text)):
        word = piece.group()[:2000]
        found += [word[place : place + 2] for place in range(len(word) - 1)] or [word]
    return found
