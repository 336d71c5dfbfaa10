"""Checks of a whole copy that need no facts: law, channel limits, characters, repetition, language, voice, emptiness.

Check names are stable: `absolute-terms`, `medical`, `length`, `characters`, `promotion`, `title-repeats`, `repetition`,
`voice`, `language`, `empty`, `markup` (and `claims`, which prove.py adds). Superlatives of other languages are claims.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from zhanggui.catalog.models import Channel, CopyCheck, CopyField, ListingCopy, Voice
from zhanggui.catalog.rules.adlaw import absolute_terms
from zhanggui.catalog.rules.tables import table
from zhanggui.catalog.rules.tokens import has_cjk, words_of
from zhanggui.kernel.types import Locale

_MARKUP = re.compile(
    r"<\s*/?\s*[a-zA-Z][^>]{0,200}>|<!--|javascript\s*:|&(?:lt|gt|#\d+|#x[0-9a-f]+);|\bon(?:error|load|click)\s*=",
    re.IGNORECASE,
)
_LITTLE = frozenset({"a", "an", "the", "and", "or", "of", "with", "in", "on", "for", "to", "by", "from", "at", "is"})
_CJK_RUN = re.compile(r"[一-鿿]")
# What is said in English and in Chinese.
Said = tuple[str, str]
_FIELDS: dict[str, str] = {
    "title": "标题", "bullets": "卖点", "description": "描述", "keywords": "关键词",
    "seo_title": "SEO 标题", "seo_description": "SEO 描述",
}  # fmt: skip
_MEASURES = {"units": "个字节", "characters": "个字符"}
_ZH_REPEAT = re.compile(r"([一-鿿]{2,6})(?:[，、\s]*\1){2,}")


@dataclass(frozen=True, slots=True)
class TextPart:
    """One text of a copy with its place."""

    field: CopyField
    item: int
    text: str


def text_parts(copy: ListingCopy) -> tuple[TextPart, ...]:
    """Every non-empty text of the copy in reading order."""
    parts = [TextPart("title", 0, copy.title)]
    parts += [TextPart("bullets", at, text) for at, text in enumerate(copy.bullets)]
    parts.append(TextPart("description", 0, copy.description))
    parts += [TextPart("keywords", at, text) for at, text in enumerate(copy.keywords)]
    parts += [TextPart("seo_title", 0, copy.seo_title), TextPart("seo_description", 0, copy.seo_description)]
    return tuple(part for part in parts if part.text.strip())


def display_units(text: str) -> int:
    """Length as Taobao counts it: a 汉字 or another wide character is 2, everything else 1."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def check_copy(copy: ListingCopy, *, locale: Locale, channel: Channel, voice: Voice) -> tuple[CopyCheck, ...]:
    """Every check that needs no facts, each once, passed or failed with its reason."""
    parts = text_parts(copy)
    return (
        _absolute(parts),
        _medical(parts),
        _length(parts, channel),
        _characters(parts, channel),
        _promotion(parts, channel),
        _title_repeats(copy.title, channel),
        _repetition(parts),
        _voice(parts, voice),
        _language(parts, locale),
        _empty(copy),
        _markup(parts),
    )


def _report(name: str, problems: list[Said], fine: Said, *, blocking: bool = True) -> CopyCheck:
    said = problems[:5] or [fine]
    english, chinese = "; ".join(one for one, _zh in said), "；".join(zh for _en, zh in said)
    return CopyCheck(name, not problems, english, blocking, chinese)


def _quoted(field: str, words: str) -> Said:
    return f"{field}: “{words}”", f"{_FIELDS[field]}：“{words}”"


def _absolute(parts: tuple[TextPart, ...]) -> CopyCheck:
    terms = [term for part in parts if has_cjk(part.text) for term in absolute_terms(part.text)]
    problems = [(term.reason_en, term.reason) for term in terms if not term.exception]
    excused = ("; ".join(term.reason_en for term in terms), "；".join(term.reason for term in terms))
    return _report("absolute-terms", problems, excused if terms else ("no absolute term", "没有绝对化用语"))


@cache
def _medical_pattern() -> re.Pattern[str]:
    data = table("adlaw")
    return re.compile("|".join(map(re.escape, data["medical"])) + "|" + data["medical_en"], re.IGNORECASE)


def _medical(parts: tuple[TextPart, ...]) -> CopyCheck:
    found = [_quoted(part.field, m.group()) for part in parts for m in _medical_pattern().finditer(part.text)]
    return _report("medical", found, ("no medical claim", "没有医疗功效用语"))


def _length(parts: tuple[TextPart, ...], channel: Channel) -> CopyCheck:
    limits = table("channels")["channels"][channel]
    problems: list[Said] = []
    for part in parts:
        rule = limits.get(part.field)
        if not rule:
            continue
        size = display_units(part.text) if rule["measure"] == "units" else len(part.text)
        if size > rule["limit"]:
            measure, limit = str(rule["measure"]), rule["limit"]
            zh = f"{_FIELDS[part.field]}有 {size} {_MEASURES.get(measure, measure)}，{channel} 最多 {limit}"
            problems.append((f"{part.field} has {size} {measure}, {channel} allows {limit}", zh))
    return _report("length", problems, (f"within the limits of {channel}", f"符合 {channel} 的长度限制"))


def _characters(parts: tuple[TextPart, ...], channel: Channel) -> CopyCheck:
    forbidden = str(table("channels")["channels"][channel]["forbidden_characters"])
    problems = [
        (f"{p.field} has “{c}”", f"{_FIELDS[p.field]}含有“{c}”")
        for p in parts
        for c in dict.fromkeys(p.text)
        if p.field == "title" and c in forbidden
    ]
    problems += [
        (f"{part.field} has a control character U+{ord(c):04X}", f"{_FIELDS[part.field]}含有控制字符 U+{ord(c):04X}")
        for part in parts
        for c in dict.fromkeys(part.text)
        if (unicodedata.category(c) in {"Cc", "Co", "Cs"} and c not in "\n\t")
        or c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
    ]
    return _report("characters", problems, ("no forbidden character", "没有禁用字符"))


@cache
def _promotional() -> tuple[re.Pattern[str], tuple[str, ...]]:
    data = table("channels")["promotional"]
    english = "|".join(rf"\b{re.escape(phrase)}\b" for phrase in data["en"])
    pattern = re.compile(english + "|" + "|".join(map(re.escape, data["zh"])), re.IGNORECASE)
    return pattern, tuple(str(phrase).lower() for phrase in (*data["en"], *data["zh"]))


def _promotion(parts: tuple[TextPart, ...], channel: Channel) -> CopyCheck:
    """Amazon and Google refuse promotional phrases; elsewhere they are only pointed out."""
    pattern, phrases = _promotional()
    whole = "\n".join(part.text for part in parts).lower()
    loud = parts if any(phrase in whole for phrase in phrases) else ()
    found = [_quoted(part.field, m.group()) for part in loud for m in pattern.finditer(part.text)]
    fine = ("no promotional phrase", "没有促销用语")
    return _report("promotion", found, fine, blocking=channel in {"amazon", "google"})


def _title_repeats(title: str, channel: Channel) -> CopyCheck:
    allowed = table("channels")["channels"][channel]["title_word_repeats"]
    if allowed is None:
        return _report("title-repeats", [], ("no rule on this channel", "该渠道没有此项规则"), blocking=False)
    counts = Counter(w.stem for w in words_of(title) if w.stem not in _LITTLE and w.text[0].isalpha())
    problems = [
        (f"“{word}” stands {count} times, {allowed} allowed", f"“{word}”出现 {count} 次，最多 {allowed} 次")
        for word, count in counts.items()
        if count > allowed
    ]
    return _report("title-repeats", problems, ("no word too often", "没有重复过多的词"))


def _repetition(parts: tuple[TextPart, ...]) -> CopyCheck:
    problems: list[Said] = []
    for part in parts:
        words = [w.text.lower() for w in words_of(part.text)]
        problems += [_again(part.field, a) for a, b, c in _triples(words) if a == b == c]
        problems += [_again(part.field, m.group(1)) for m in _ZH_REPEAT.finditer(part.text)]
    sentences = Counter(part.text.strip() for part in parts if part.field == "bullets")
    same = [count for count in sentences.values() if count > 1]
    problems += [(f"the same bullet {count} times", f"同一条卖点出现 {count} 次") for count in same]
    return _report("repetition", problems, ("no repetition", "没有重复"), blocking=False)


def _again(field: str, word: str) -> Said:
    return f"{field}: “{word}” three times in a row", f"{_FIELDS[field]}：“{word}”连续出现三次"


def _triples(words: list[str]) -> Iterator[tuple[str, str, str]]:
    return zip(words, words[1:], words[2:], strict=False)


def _voice(parts: tuple[TextPart, ...], voice: Voice) -> CopyCheck:
    problems = [
        _quoted(part.field, word)
        for word in voice.forbidden
        if word.strip()
        for part in parts
        if _has_word(part.text, word.strip())
    ]
    return _report("voice", problems, ("no forbidden word", "没有品牌禁用词"))


def _has_word(text: str, word: str) -> bool:
    if has_cjk(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _language(parts: tuple[TextPart, ...], locale: Locale) -> CopyCheck:
    """The running text must be written in the locale's script; names and codes in the other one are fine."""
    problems: list[Said] = []
    for part in parts:
        if part.field == "keywords":
            continue
        hanzi = len(_CJK_RUN.findall(part.text))
        latin = sum(1 for w in words_of(part.text) if w.text[0].isalpha())
        if locale == "zh-CN" and hanzi == 0 and latin > 4:
            problems.append((f"{part.field} is not in Chinese", f"{_FIELDS[part.field]}不是中文"))
        if locale == "en" and hanzi > max(2, latin):
            problems.append((f"{part.field} is not in English", f"{_FIELDS[part.field]}不是英文"))
    return _report("language", problems, (f"written in {locale}", f"语言为 {locale}"))


def _empty(copy: ListingCopy) -> CopyCheck:
    if not copy.title.strip() and not copy.description.strip() and not any(b.strip() for b in copy.bullets):
        return _report("empty", [("there is no text", "没有任何文字")], ("", ""))
    holes = [
        (f"bullet {at + 1} is empty", f"第 {at + 1} 条卖点为空") for at, b in enumerate(copy.bullets) if not b.strip()
    ]
    return _report("empty", holes, ("no empty field", "没有空白字段"))


def _markup(parts: tuple[TextPart, ...]) -> CopyCheck:
    found = [_quoted(part.field, m.group()[:40]) for part in parts for m in _MARKUP.finditer(part.text)]
    return _report("markup", found, ("plain text", "纯文本"))
