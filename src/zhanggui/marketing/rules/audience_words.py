"""The words of a request for an audience, in Chinese and English, as tokens; longest match first, nothing guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from zhanggui.marketing.models.audiences import Unit, Vocabulary, Window

Kind = Literal[
    "window", "not", "never", "verb", "measure", "number", "op", "after-op", "group", "name", "or", "and", "only",
    "stop", "unknown",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a request. `value` is what it means (a field, an operator, a name), `unit` what a number counts."""

    kind: Kind
    text: str
    value: str = ""
    number: float = 0.0
    unit: str = ""
    window: Window | None = None


_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "thirty": 30, "sixty": 60, "ninety": 90, "a": 1, "an": 1,
}  # fmt: skip
_COUNT = r"(\d+|[一二两三四五六七八九十]+)"
_EN_COUNT = rf"(\d+|{'|'.join(_WORDS)})"
_UNITS: dict[str, Unit] = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter",
    "年": "year", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_UNIT = r"(天|日|周|星期|礼拜|个月|月|季度|年)"
_EN_UNIT = r"(day|week|month|quarter|year)s?"
# Each: kind, meaning, pattern. English patterns stand between word borders (added below).
_ZH: tuple[tuple[Kind, str, str], ...] = (
    ("never", "", r"从来没有|从来没|从未|从没|不曾|没有过"),
    ("not", "", r"没有|没|未曾|未|不(?![少超到])"),
    ("verb", "bought", r"购买过|购买了?|买过|买了|买|下过单|下单过|下了单|下单|订购过?|消费过(?!\d)|成交过"),
    ("verb", "viewed", r"浏览过|浏览了?|看过|看了|逛过"),
    ("verb", "carted", r"加购过|加购了?|加入过?购物车|加过购物车|加车"),
    ("measure", "average_order", r"客单价|平均每单|单均金额|平均订单金额"),
    ("measure", "lifetime_value", r"生命周期价值|预期价值|终身价值"),
    ("measure", "orders", r"下单次数|订单数|购买次数|下单数"),
    ("measure", "churn_risk", r"流失概率|流失风险(?=[超大高多不至≥>]+过?于?\d)"),
    ("measure", "spent", r"累计消费(?:金额|额)?|总消费(?:金额|额)?|消费(?:总额|金额|额)?(?!过)|花费了?|花了|花"),
    ("op", ">", r"超过|大于|高于|多于|＞|>(?!=)"),
    ("op", ">=", r"不少于|不低于|至少|起码|满|达到|≥|>="),
    ("op", "<", r"少于|低于|小于|不到|不足|＜|<(?!=)"),
    ("op", "<=", r"不超过|不多于|至多|最多|≤|<="),
    ("after-op", ">=", r"及?以上|或更多|起"),
    ("after-op", "<=", r"及?以下|以内"),
    ("only", "", r"只|仅|就"),
    ("group", "orders>=2", r"老客户|老顾客|老用户|老客|回头客|复购客户?|复购用户"),
    ("group", "days_since_first<=30", r"新客户|新顾客|新用户|新客"),
    ("group", "segment:hibernating", r"沉睡客户?|沉睡用户|沉睡|休眠客户?|流失客户|已流失的?(?:客户)?"),
    ("group", "churn_risk>=0.5", r"(?:有|高)?流失风险(?:较?高)?|快要?流失|即将流失|可能流失"),
    ("group", "value_rank<=20", r"高价值(?:客户|顾客|用户)?|大客户|最有价值"),
    ("group", "segment:champions", r"忠实大?客户|核心客户|重要价值客户"),
    ("group", "accepts:sms", r"(?:同意|接受|允许|愿意)(?:接?收)?(?:到)?短信|订阅了?短信|可(?:以)?发短信"),
    ("group", "accepts:email", r"(?:同意|接受|允许|愿意)(?:接?收)?(?:到)?(?:邮件|邮箱)|订阅了?邮件|可(?:以)?发邮件"),
    ("group", "accepts:push", r"(?:同意|接受|允许|愿意)(?:接?收)?(?:到)?推送|开启了?推送|可(?:以)?推送"),
    ("or", "", r"或者|或是|或"),
    ("and", "", r"但是|但|并且|而且|同时|且|，|,|、|；|;|然后|和|与"),
    ("stop", "", r"(?:客户|顾客|用户|人群|买家|消费者|会员卡|人|群)(?:们)?|请|帮我|帮忙|给我|找出|找到|找|圈出|圈|筛选"
     r"|筛出|选出|列出|看看|所有|全部|那些|哪些|一下|的|了|过|都|在|来自|位于|住在?|里|中|是|有|一些|任何|东西|商品|产品|订单"
     r"|任意|。|！|!|？|\?|：|:|“|”|（|）|\(|\)|一共|总共|共|累计|曾经?|已经|又|也|还|类"),
)  # fmt: skip
_EN: tuple[tuple[Kind, str, str], ...] = (
    ("never", "", r"(?:have |has )?never"),
    ("not", "", r"did not|didn'?t|have not|haven'?t|has not|hasn'?t|do not|don'?t|not|without|no"),
    ("verb", "bought", r"bought|buy|buying|purchased|purchase|ordered|order(?!s)|placed (?:an )?orders?|shopped"
     r"|orders(?= (?:in|within|for|over|during) )"),
    ("verb", "viewed", r"viewed|view|looked at|browsed|seen"),
    ("verb", "carted", r"added|put|carted"),
    ("measure", "average_order", r"average order(?: value)?|aov|average basket"),
    ("measure", "lifetime_value", r"lifetime value|ltv|clv"),
    ("measure", "orders", r"number of orders|order count"),
    ("measure", "churn_risk", r"churn (?:risk|probability)|risk of churn"),
    ("measure", "spent", r"total spend|spent|spend|spending"),
    ("op", "<=", r"no more than|at most|up to|not more than|<="),
    ("op", ">=", r"no less than|at least|a minimum of|minimum|>="),
    ("op", ">", r"more than|greater than|higher than|over|above|exceeding|>"),
    ("op", "<", r"less than|lower than|fewer than|under|below|<"),
    ("op", "=", r"exactly"),
    ("after-op", ">=", r"or more|and more|and above|or above"),
    ("after-op", "<=", r"or less|or fewer|or below"),
    ("only", "", r"only|just"),
    ("group", "orders>=2", r"(?:returning|repeat|existing|loyal repeat) (?:customers?|buyers?|shoppers?)"),
    ("group", "days_since_first<=30", r"new (?:customers?|buyers?|shoppers?)"),
    ("group", "segment:hibernating", r"(?:dormant|inactive|lapsed|sleeping|hibernating)(?: customers?| buyers?)?"),
    ("group", "churn_risk>=0.5", r"(?:likely|about) to (?:churn|leave)|at risk(?: of (?:churn(?:ing)?|leaving))?"
     r"|high churn risk"),
    ("group", "value_rank<=20", r"high[- ]value(?: customers?)?|big spenders?|most valuable(?: customers?)?"),
    ("group", "segment:champions", r"champions|best customers?"),
    ("group", "accepts:sms", r"accept(?:s|ed|ing)? (?:sms|texts?|text messages)"
     r"|(?:opted|signed) (?:in|up) (?:to|for) (?:sms|texts?)|can be texted|sms subscribers?|agreed to (?:sms|texts?)"),
    ("group", "accepts:email", r"accept(?:s|ed|ing)? e-?mails?|e-?mail subscribers?|agreed to e-?mails?"
     r"|(?:opted|signed) (?:in|up) (?:to|for) (?:e-?mails?|the newsletter)"
     r"|subscribed to (?:e-?mails?|the newsletter|our newsletter)"),
    ("group", "accepts:push", r"accept(?:s|ed|ing)? push(?: messages| notifications)?|push subscribers?"),
    ("or", "", r"or"),
    ("and", "", r"and|but|yet|who|that|while"),
    ("stop", "", r"customers?|people|users?|buyers?|shoppers?|everyone|everybody|anyone|those|the|an?|all|have|has"
     r"|had|been|find|show|list|select|give|me|please|us|our|we|i|want|need|get|with|their|they|them|any|anything|something"
     r"|from|in|at|of|living|live|lives|based|to|cart|basket|is|are|was|were|ever|products?|items?|orders?|did|do|on"
     r"|whose|for|there|by|again|yet|worth|than|of|than"),
)  # fmt: skip


def _compiled() -> list[tuple[Kind, str, re.Pattern[str]]]:
    patterns: list[tuple[Kind, str, re.Pattern[str]]] = []
    for kind, value, pattern in _ZH:
        patterns.append((kind, value, re.compile(pattern)))
    for kind, value, pattern in _EN:
        patterns.append((kind, value, re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")))
    return patterns


_PATTERNS = _compiled()
# "三月" is March and "2025年" a year, not three months or two thousand years: those need 最近, 近 or 内 beside them.
_RELATIVE = re.compile(rf"(?P<near>最近|近|过去|这)?(?:的)?(?:{_COUNT}|半){_UNIT}(?P<inside>以内|之内|内|里|以来|来)?")
_CALENDAR = re.compile(r"(上上?个?|本|这个?|当)(周|星期|月|季度)(?:份)?|(今年|本年|去年|上年|昨天|昨日|今天|今日)")
_EN_RELATIVE = re.compile(
    rf"(?:(?:in|over|within|during|for|since) )?(?:the )?(?:last|past|previous|recent) {_EN_COUNT} {_EN_UNIT}(?![a-z])"
    rf"|(?:in|within|for|over) {_EN_COUNT} {_EN_UNIT}(?![a-z])"
    rf"|(?:(?:in|over|within|during) )?(?:the )?past {_EN_UNIT}(?![a-z])"
)
_EN_CALENDAR = re.compile(rf"(?:(?:in|during) )?(?:the )?(last|this|previous) {_EN_UNIT}(?![a-z])|yesterday|today")
_NUMBER = re.compile(
    r"(?P<sign>[¥￥$€£])?(?P<digits>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>万|千|k(?![a-z]))?\s?"
    r"(?P<unit>%|元|块钱?|人民币|rmb|cny|yuan|usd|dollars?|euros?|次|单|笔|回|times?|orders?)?(?![a-z])"
)
_ZH_NUMBER = re.compile(r"(?P<digits>[一二两三四五六七八九十]+)(?P<unit>次|单|笔|回|百元|千元|元|万元)")
_EN_TIMES = re.compile(rf"(?<![a-z])(once|twice|(?!an? ){_EN_COUNT} (?:times?|orders?))(?![a-z])")
_MONEY = {"元", "块", "块钱", "人民币", "rmb", "cny", "yuan", "usd", "dollar", "dollars", "euro", "euros"}
_SPACE = re.compile(r"[\s.'’]+")


def tokens(request: str, vocabulary: Vocabulary) -> list[Token]:
    """The request as tokens, left to right; pieces that mean nothing known are `unknown`."""
    text = re.sub(r"\s+", " ", request.strip().lower().replace("’", "'"))
    names = {word.lower(): value for word, value in vocabulary.words.items()}
    longest = sorted(names, key=len, reverse=True)
    found: list[Token] = []
    place = 0
    while place < len(text):
        gap = _SPACE.match(text, place)
        if gap:
            place = gap.end()
            continue
        token = _best(text, place, names, longest)
        if token.kind == "unknown" and found and found[-1].kind == "unknown" and text[place - 1] != " ":
            found[-1] = Token("unknown", found[-1].text + token.text)
        else:
            found.append(token)
        place += len(token.text)
    return found


def _best(text: str, place: int, names: dict[str, str], longest: list[str]) -> Token:
    """The longest token at a place; a name of the shop wins over other words of its length."""
    candidates = [*_named(text, place, names, longest), *_timed(text, place), *_numbered(text, place)]
    for kind, value, pattern in _PATTERNS:
        match = pattern.match(text, place)
        if match and match.group():
            candidates.append(Token(kind, match.group(), value))
    if candidates:
        return max(candidates, key=_length)
    word = re.compile(r"[a-z0-9_&-]+|.", re.DOTALL).match(text, place)
    return Token("unknown", word.group() if word else text[place])


def _length(token: Token) -> int:
    return len(token.text)


def _named(text: str, place: int, names: dict[str, str], longest: list[str]) -> Iterator[Token]:
    for name in longest:
        if not text.startswith(name, place):
            continue
        end = place + len(name)
        latin = name.isascii()
        plural = end + 1 if latin and text[end : end + 1] == "s" else end
        for stop in (plural, end):
            if not latin or not text[stop : stop + 1].isalnum():
                yield Token("name", text[place:stop], names[name])
                return


def _timed(text: str, place: int) -> Iterator[Token]:
    relative = _RELATIVE.match(text, place)
    if relative and _is_relative(relative):
        unit = _UNITS[relative.group(3).removeprefix("个")]
        if relative.group(2) is None:
            half = Window("last", 6 if unit == "year" else 15, "month" if unit == "year" else "day")
            yield Token("window", relative.group(), window=half)
        else:
            yield Token("window", relative.group(), window=Window("last", _chinese(relative.group(2)), unit))
    calendar = _CALENDAR.match(text, place)
    if calendar:
        yield Token("window", calendar.group(), window=_calendar(calendar))
    english = _EN_RELATIVE.match(text, place)
    if english:
        count = english.group(1) or english.group(3) or "1"
        unit_word = english.group(2) or english.group(4) or english.group(5)
        number = int(count) if count.isdigit() else _WORDS[count]
        yield Token("window", english.group(), window=Window("last", number, _UNITS[unit_word]))
    named = _EN_CALENDAR.match(text, place)
    if named:
        yield Token("window", named.group(), window=_english_calendar(named))


def _is_relative(match: re.Match[str]) -> bool:
    count, unit = match.group(2), match.group(3)
    if unit not in ("月", "年"):
        return True
    small = count is None or _chinese(count) <= (36 if unit == "月" else 20)
    return small and (unit == "年" or match.group("near") is not None or match.group("inside") is not None)


def _calendar(match: re.Match[str]) -> Window:
    whole = match.group(3)
    if whole:
        kind: Literal["previous", "this"] = "previous" if whole in ("去年", "上年", "昨天", "昨日") else "this"
        return Window(kind, 1, "year" if whole[1] == "年" else "day")
    return Window("previous" if match.group(1).startswith("上") else "this", 1, _UNITS[match.group(2)])


def _english_calendar(match: re.Match[str]) -> Window:
    if match.group(2) is None:
        return Window("previous" if match.group() == "yesterday" else "this", 1, "day")
    return Window("this" if match.group(1) == "this" else "previous", 1, _UNITS[match.group(2)])


def _numbered(text: str, place: int) -> Iterator[Token]:
    times = _EN_TIMES.match(text, place)
    if times:
        word = times.group().split(" ")[0]
        count = {"once": 1, "twice": 2}.get(word) or (int(word) if word.isdigit() else _WORDS[word])
        yield Token("number", times.group(), number=float(count), unit="times")
    chinese = _ZH_NUMBER.match(text, place)
    if chinese:
        scale = {"百元": 100, "千元": 1_000, "万元": 10_000}.get(chinese.group("unit"), 1)
        unit = "money" if chinese.group("unit").endswith("元") else "times"
        yield Token("number", chinese.group(), number=float(_chinese(chinese.group("digits")) * scale), unit=unit)
    match = _NUMBER.match(text, place)
    if match:
        scale = {"万": 10_000, "千": 1_000, "k": 1_000}.get(match.group("scale") or "", 1)
        number = float(match.group("digits").replace(",", "")) * scale
        yield Token("number", match.group().rstrip(), number=number, unit=_unit_of(match))


def _unit_of(match: re.Match[str]) -> str:
    unit = match.group("unit") or ""
    if match.group("sign") or unit in _MONEY:
        return "money"
    if unit == "%":
        return "share"
    return "times" if unit else ""


def _chinese(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
