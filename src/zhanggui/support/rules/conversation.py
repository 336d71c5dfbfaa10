"""Messages that may come in, how a conversation ended, what the reports add up. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Locale
from zhanggui.support.models.conversation import (
    Conversation,
    Message,
    Mood,
    Outcome,
    OutcomeState,
    Promise,
    TopicReport,
)

LONGEST = 4_000
COMEBACK = timedelta(days=7)
OVER_AFTER = timedelta(hours=12)
PER_MINUTE, PER_HOUR = 12, 150
_MOST_MARKS = 4  # combining marks on one letter: more is decoration meant to break lines
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-zA-Z]")
_ANGRY = (
    "投诉", "12315", "垃圾", "骗子", "骗人", "差评", "太过分", "恶心", "气死", "欺诈", "曝光", "滚",
    "scam", "fraud", "ridiculous", "unacceptable", "terrible", "worst", "furious", "lawyer", "report you",
)  # fmt: skip
_UPSET = (
    "失望", "着急", "急死", "怎么还没", "还没到", "太慢", "为什么还", "不满意", "生气", "等了", "没人理",
    "disappointed", "annoyed", "frustrated", "still waiting", "still not", "too slow", "not happy", "upset",
)  # fmt: skip
_GRAVE = (
    "起火", "着火", "爆炸", "漏电", "触电", "受伤", "烫伤", "过敏", "中毒", "住院", "报警", "律师", "起诉", "法院",
    "caught fire", "on fire", "exploded", "electric shock", "injured", "burned", "allergic", "poison", "hospital",
    "police", "lawyer", "lawsuit", "sue you",
)  # fmt: skip


def clean(text: object) -> str:
    """A message as it is kept: control characters out, piles of combining marks cut, outer blanks gone.

    Raises:
        BadInput: it is no text, empty, or over 4,000 characters.
    """
    if not isinstance(text, str):
        raise BadInput(field="text", expected="text", found=type(text).__name__)
    if len(text) > LONGEST:
        raise BadInput(field="text", expected=f"at most {LONGEST} characters", found=f"{len(text)} characters")
    kept: list[str] = []
    marks = 0
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Cs", "Co", "Cn") and letter not in "\n\t":
            continue
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    shown = "".join(kept).strip()
    if not shown:
        raise BadInput(field="text", expected="1 to 4000 characters", found=repr(text[:40]))
    return shown


def language_of(text: str, before: Locale) -> Locale:
    """The language that a message is written in; what it was before where the message does not show it."""
    chinese, latin = len(_CHINESE.findall(text)), len(_LATIN.findall(text))
    if chinese >= 2 or (chinese and not latin):
        return "zh-CN"
    return "en" if latin >= 5 and not chinese else before


def mood_of(texts: Iterable[str]) -> tuple[Mood, tuple[str, ...]]:
    """How the customer sounds over the last messages, with the words that show it."""
    joined = " ".join(texts).casefold()
    angry = tuple(word for word in _ANGRY if word in joined)
    upset = tuple(word for word in _UPSET if word in joined)
    if angry:
        return "angry", (*angry, *upset)[:5]
    return ("upset", upset[:5]) if upset else ("calm", ())


def grave_words(text: str) -> tuple[str, ...]:
    """Words of danger or of the law: a person must see the message at once."""
    folded = text.casefold()
    return tuple(word for word in _GRAVE if word in folded)


def outcome_of(
    conversation: Conversation,
    messages: Sequence[Message],
    promises: Sequence[Promise],
    *,
    later: Sequence[Conversation],
    now: datetime,
) -> Outcome:
    """How a conversation ended, honestly; `later` are the same customer's conversations that began after it."""
    state = _state(conversation, messages, promises, later, now)
    asked = next((one for one in messages if one.sender == "customer"), None)
    word = next((one for one in messages if one.sender in ("bot", "staff")), None)
    first = (word.at - asked.at).total_seconds() if asked and word and word.number > asked.number else None
    micros = sum(_micros(message) for message in messages)
    person = any(one.kind == "person" for one in promises)
    return Outcome(conversation.id, conversation.topic or "other", state, person, first, micros)


def _state(
    conversation: Conversation, messages: Sequence[Message], promises: Sequence[Promise],
    later: Sequence[Conversation], now: datetime,
) -> OutcomeState:  # fmt: skip
    if conversation.answered < max((one.number for one in messages if one.sender == "customer"), default=0):
        return "unanswered"
    broken = [one for one in promises if one.kept is False]
    if broken:
        return "left-waiting" if broken[0].kind == "person" else "promise-broken"
    back = [
        one for one in later
        if one.topic == conversation.topic and conversation.last_at < one.opened_at <= conversation.last_at + COMEBACK
    ]  # fmt: skip
    if back:
        return "came-back"
    over = conversation.closed_at is not None or now - conversation.last_at > OVER_AFTER
    if not over or any(one.kept is None for one in promises) or now - conversation.last_at < COMEBACK:
        return "open"
    if any(message.detail.get("failed") is True for message in messages[-1:]):
        return "unanswered"
    return "resolved"


def report(outcomes: Sequence[Outcome]) -> tuple[TopicReport, ...]:
    """Outcomes added up by topic, most conversations first."""
    topics: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        topics.setdefault(outcome.topic, []).append(outcome)
    lines = [_line(topic, some) for topic, some in topics.items()]
    return tuple(sorted(lines, key=lambda line: (-line.conversations, line.topic)))


def _line(topic: str, some: Sequence[Outcome]) -> TopicReport:
    words = sorted(one.first_word_seconds for one in some if one.first_word_seconds is not None)
    return TopicReport(
        topic=topic,
        conversations=len(some),
        resolved=sum(one.state == "resolved" for one in some),
        came_back=sum(one.state == "came-back" for one in some),
        handed_over=sum(one.handed_over for one in some),
        open=sum(one.state == "open" for one in some),
        first_word_median=median(words) if words else None,
        first_word_p95=words[min(len(words) - 1, int(len(words) * 0.95))] if words else None,
        cost_micros=sum(one.cost_micros for one in some),
        unanswered=sum(one.state == "unanswered" for one in some),
        broken=sum(one.state in ("promise-broken", "left-waiting") for one in some),
    )


def _micros(message: Message) -> int:
    found = message.detail.get("micros")
    return found if isinstance(found, int) else 0
