"""Numbers that identify people whatever the language: cards, identity numbers, phones. Pure.

A candidate is a run of digits with single spaces or dashes inside. The whole run is tried first, then every shorter
group of its parts, so `13800138000 510000` still gives the phone.
"""

import re
from collections.abc import Callable, Iterator

from zhanggui.kernel.privacy.checksums import card, chinese_id

Classify = Callable[[str, list[str], str], str]
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z_])(?:\+|(?<=[^\d])\()?[0-9](?:[ \-\u2010-\u2015.·()]{0,2}[0-9]){4,27}(?: ?[Xx])?(?![0-9A-Za-z])"
)
_PART = re.compile(r"[0-9]+[Xx]?")
_CN_MOBILE = re.compile(r"(?:00?86|86)?1[3-9][0-9]{9}")
_CN_LANDLINE = re.compile(r"(?:86)?0?(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_EXTENSION = re.compile(r"(?: ?(?:转|分机|x|ext\.?) ?[0-9]{1,6})(?![0-9])")
_PHONE_CUE = re.compile(
    r"(?:电话|座机|固话|手机|号码|联系方式|热线|分机|(?i:tel|phone|mobile|call))\W{0,3}\w{0,2}\W{0,2}$"
)
_CARD_CUE = re.compile(r"(?:卡号|银行卡|信用卡|储蓄卡|借记卡|账号|帐号|账户|卡)\W{0,3}\w{0,2}\W{0,2}$")


def classify_chinese(joined: str, parts: list[str], before: str) -> str:
    """The type of a digit group as a Chinese text means it, or "" when it is nobody's.

    Args:
        joined: digits only, with a final X where there was one.
        parts: the digit groups in order.
        before: up to 14 characters that precede it.
    """
    length = len(joined)
    if length in (15, 18) and chinese_id(joined):
        return "CN_ID"
    if not joined.isdigit():
        return ""
    if 11 <= length <= 15 and _CN_MOBILE.fullmatch(joined):
        return "PHONE_NUMBER" if len(parts) <= 4 else ""
    if 15 <= length <= 19 and (card(joined) or _CARD_CUE.search(before)):
        return "CREDIT_CARD"
    if _is_landline(joined, parts) or (7 <= length <= 8 and _PHONE_CUE.search(before)):
        return "PHONE_NUMBER"
    return ""


def _is_landline(joined: str, parts: list[str]) -> bool:
    """Area code 0xx or 0xxx and 7-8 digits, with an optional extension after a separator."""
    if len(parts) >= 2 and parts[0] in ("86", "0086"):
        parts = ["0" + parts[1].lstrip("0"), *parts[2:]]
        joined = "".join(parts)
    if joined[0] != "0" or len(parts) > 4:
        return False
    if len(parts) >= 3 and len(parts[-1]) <= 6 and len(joined) > 12:
        joined = "".join(parts[:-1])
    return 10 <= len(joined) <= 12 and bool(_CN_LANDLINE.fullmatch(joined))


def numbers(text: str, classify: Classify) -> Iterator[tuple[int, int, str]]:
    """Every digit group that `classify` gives a type to, as (start, end, type); longest groups first, no overlaps."""
    for candidate in _CANDIDATE.finditer(text):
        whole = candidate.group()
        parts = [(m.group(), candidate.start() + m.start(), candidate.start() + m.end()) for m in _PART.finditer(whole)]
        if whole[-1] in "Xx" and whole[-2] == " ":
            last, start, _ = parts[-1]
            parts[-1] = (f"{last}X", start, candidate.end())
        yield from _groups(text, parts, classify)


def _groups(text: str, parts: list[tuple[str, int, int]], classify: Classify) -> Iterator[tuple[int, int, str]]:
    first = 0
    while first < len(parts):
        for last in range(min(len(parts), first + 8), first, -1):
            words = [word for word, _, _ in parts[first:last]]
            start = parts[first][1]
            kind = classify("".join(words), words, text[max(0, start - 14) : start])
            if kind:
                end = parts[last - 1][2]
                extension = _EXTENSION.match(text, end) if kind == "PHONE_NUMBER" else None
                yield _with_plus(text, start), extension.end() if extension else end, kind
                first = last - 1
                break
        first += 1


def _with_plus(text: str, start: int) -> int:
    """Take a leading `+` or `(` into the span: it belongs to the phone number."""
    while start and text[start - 1] in "+(":
        start -= 1
    return start
