"""Is a generated answer covered by its sources? Numbers, prices, dates and promises to the letter. Pure."""

import re
from collections.abc import Sequence

from zhanggui.kernel.retrieval.tokens import fold, tokens
from zhanggui.support.rules.answer_words import concepts, content_words

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12", "fourteen": "14", "fifteen": "15", "twenty": "20", "thirty": "30", "sixty": "60",
    "ninety": "90", "hundred": "100", "半": "0.5", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5",
    "六": "6", "七": "7", "八": "8", "九": "9", "十": "10", "百": "100", "千": "1000", "万": "10000",
}  # fmt: skip
_ZH_NUMBER = re.compile("[半一二两三四五六七八九十百千万]+(?=[天日个月年周小时分钟元块折件次期倍%％号点])")
_MONEY = re.compile(
    r"[$€£¥￥]|\b(?:usd|eur|gbp|cny|rmb|dollars?|euros?|pounds?|yuan)\b|元|块钱|美元|欧元", re.IGNORECASE
)
_MONTH = re.compile(
    r"\b(january|february|march|april|may(?=\s+\d)|june|july|august|september|october|november|december|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|today|tomorrow)\b|今天|明天|后天|周[一二三四五六日]|星期[一二三四五六日]",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(guarantee[ds]?|promise[ds]?|always|never|free|refund(?:ed)?|compensat\w+|immediately|certainly|definitely"
    r"|absolutely|unlimited|lifetime|full)\b|保证|承诺|一定|绝对|肯定|免费|全额|赔偿|赔付|补偿|立即|马上|终身|无条件|包邮|退款",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(not|no|never|cannot|can't|don't|doesn't|won't|isn't|aren't|without|unable)\b|不|没|无|勿|未", re.IGNORECASE
)
_LINK = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?\n]+|(?<=[a-z\d)])\.(?=\s|$)|$)", re.IGNORECASE)
_COVERED = 0.6


def unsupported(answer: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """What an answer says that its sources do not; empty when all is covered.

    Checked: numbers (also in words), currencies, days and months, words of promise, addresses and links to the letter;
    each sentence by the share of its content words and concepts; a denial only where the sources deny too.
    """
    source = "\n".join(quotes)
    found = [
        *_missing("number", _numbers(answer), _numbers(source)),
        *_missing("currency", _names(_MONEY, answer), _names(_MONEY, source)),
        *_missing("date", _names(_MONTH, answer), _names(_MONTH, source)),
        *_missing("promise", _names(_PROMISE, answer), _names(_PROMISE, source)),
        *_missing("link", _names(_LINK, answer), _names(_LINK, source)),
    ]
    told, known = frozenset(tokens(source)), concepts(source)
    for sentence in sentences(answer):
        words = content_words(sentence)
        share = sum(word in told for word in words) / max(1, len(words))
        if (words and share < _COVERED) or not concepts(sentence) <= known:
            found.append(f"sentence: {sentence[:80]}")
    if bool(_NOT.search(answer)) and not _NOT.search(source):
        found.append("denial")
    return tuple(found)


def sentences(text: str) -> list[str]:
    """Sentences of a text, without blanks around them."""
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def _missing(kind: str, said: set[str], known: set[str]) -> list[str]:
    return [f"{kind}: {one}" for one in sorted(said - known)]


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    return {fold(found.group()) for found in pattern.finditer(text)}


def _numbers(text: str) -> set[str]:
    low = fold(text)
    found = {number.replace(",", "") for number in _NUMBER.findall(low)}
    found |= {_WORD_NUMBERS[word] for word in re.findall(r"[a-z]+", low) if word in _WORD_NUMBERS}
    for word in _ZH_NUMBER.findall(text):
        found.add(_WORD_NUMBERS.get(word, word))
    return found
