"""Hand-overs: which state leads to which, when people are on duty, what the next person should know. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.support.models.conversation import (
    HandEvent,
    HandState,
    Message,
    Mood,
    OfficeHours,
    Summary,
)

TRANSITIONS: dict[tuple[HandState, HandEvent], HandState] = {
    (HandState.ASKED, HandEvent.QUEUE): HandState.WAITING,
    (HandState.ASKED, HandEvent.TAKE): HandState.TAKEN,
    (HandState.ASKED, HandEvent.CLOSE): HandState.CLOSED,
    (HandState.WAITING, HandEvent.TAKE): HandState.TAKEN,
    (HandState.WAITING, HandEvent.CLOSE): HandState.CLOSED,
    (HandState.TAKEN, HandEvent.RELEASE): HandState.WAITING,
    (HandState.TAKEN, HandEvent.RETURN): HandState.RETURNED,
    (HandState.TAKEN, HandEvent.CLOSE): HandState.CLOSED,
}
PATIENCE = timedelta(minutes=10)
"""A customer who waits longer than this is told so, once, and the people on duty are told again."""
_MINUTES = 24 * 60
_LOOK_AHEAD_DAYS = 30


def next_state(state: HandState, event: HandEvent) -> HandState:
    """The state after an event.

    Raises:
        Conflict: the event is not possible in this state.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise Conflict(f"a hand-over that is {state} cannot {event}", state=str(state)) from None


def first_state(hours: OfficeHours, now: datetime) -> HandState:
    """Waiting where somebody is on duty, asked where nobody is."""
    return HandState.WAITING if is_open(hours, now) else HandState.ASKED


def is_open(hours: OfficeHours, now: datetime) -> bool:
    """Whether somebody is on duty."""
    local = now.astimezone(ZoneInfo(hours.zone))
    if local.date().isoformat() in hours.closed_dates:
        return False
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in hours.days.get(local.weekday(), ()))


def opens_at(hours: OfficeHours, now: datetime) -> datetime | None:
    """When somebody will be on duty next: now where the office is open, None where it is shut for a month."""
    if is_open(hours, now):
        return now
    local = now.astimezone(ZoneInfo(hours.zone))
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        if day.isoformat() in hours.closed_dates:
            continue
        for start, _ in sorted(hours.days.get(day.weekday(), ())):
            opening = datetime(day.year, day.month, day.day, start // 60, start % 60, tzinfo=local.tzinfo)
            if opening > local:
                return opening.astimezone(now.tzinfo)
    return None


def read_hours(value: object) -> OfficeHours:
    """Office hours from JSON: `{"zone": ..., "days": {"0": [["09:00", "21:00"]]}, "closed": ["2026-02-17"]}`.

    Raises:
        BadInput: names the field that is not what it should be.
    """
    if not isinstance(value, dict):
        raise BadInput(field="office_hours", expected="an object", found=repr(value))
    # isinstance cannot tell what a dict holds.
    given: dict[str, object] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
    zone = str(given.get("zone", "Asia/Shanghai"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise BadInput(field="zone", expected="a time zone such as Asia/Shanghai", found=zone) from unknown
    days: dict[int, tuple[tuple[int, int], ...]] = {}
    for name, spans in _mapping(given.get("days", {}), "days").items():
        if name not in "0123456" or len(name) != 1:
            raise BadInput(field="days", expected="0 (Monday) to 6", found=name)
        days[int(name)] = tuple(_span(span) for span in _sequence(spans, f"days.{name}"))
    closed = tuple(_date(day) for day in _sequence(given.get("closed", []), "closed"))
    return OfficeHours(zone, days, closed)


def hours_json(hours: OfficeHours) -> JsonObject:
    """Office hours as `read_hours` takes them."""
    days: JsonObject = {
        str(day): [[_clock(start), _clock(end)] for start, end in spans] for day, spans in hours.days.items()
    }
    return {"zone": hours.zone, "days": days, "closed": [*hours.closed_dates]}


def summarise(
    messages: Sequence[Message], *, wants: str, tried: Sequence[str], mood: tuple[Mood, tuple[str, ...]],
    orders: Sequence[str], suggestion: str,
) -> Summary:  # fmt: skip
    """What the next person should know; the quotes are the customer's last three messages."""
    quotes = [message.text[:280] for message in messages if message.sender == "customer"][-3:]
    return Summary(
        wants=wants or (quotes[-1] if quotes else ""),
        tried=tuple(dict.fromkeys(tried))[-8:],
        mood=mood[0],
        mood_words=mood[1],
        orders=tuple(orders),
        suggestion=suggestion,
        quotes=tuple(quotes),
    )


def suggested_reply(locale: Locale, wants: str, mood: Mood) -> str:
    """A first line for the person, to be edited; it promises nothing."""
    if locale == "zh-CN":
        sorry = "给您带来不便非常抱歉。" if mood != "calm" else ""
        return f"您好，我是人工客服。{sorry}我已看到您的情况{f'（{wants}）' if wants else ''}，正在为您核实，请稍等。"
    sorry = "I am sorry for the trouble. " if mood != "calm" else ""
    about = f" ({wants})" if wants else ""
    return f"Hello, this is a member of our team. {sorry}I have read what you wrote{about} and am looking into it now."


def _mapping(value: object, field: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(field=field, expected="an object", found=repr(value))
    # Stored JSON: the checker cannot know what is inside.
    return {str(key): item for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _sequence(value: object, field: str) -> list[object]:
    # Stored JSON: the checker cannot know what is inside.
    if not isinstance(value, list) or len(value) > 400:  # pyright: ignore[reportUnknownArgumentType]
        raise BadInput(field=field, expected="a list", found="something else")
    # As above.
    return list(value)  # pyright: ignore[reportUnknownArgumentType]


def _span(value: object) -> tuple[int, int]:
    pair = _sequence(value, "span")
    if len(pair) != 2:
        raise BadInput(field="span", expected='["09:00", "21:00"]', found=repr(pair))
    start, end = (_minute(str(one)) for one in pair)
    if start >= end:
        raise BadInput(field="span", expected="a start before the end", found=repr(pair))
    return start, end


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(text) <= 5 and int(minute) < 60):
        raise BadInput(field="span", expected="a time such as 09:00", found=text)
    found = int(hour) * 60 + int(minute)
    if found > _MINUTES:
        raise BadInput(field="span", expected="a time until 24:00", found=text)
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _date(value: object) -> str:
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=ZoneInfo("UTC")).date().isoformat()
    except ValueError:
        raise BadInput(field="closed", expected="days such as 2026-02-17", found=str(value)) from None
