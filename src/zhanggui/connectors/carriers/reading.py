"""How every carrier's answer is read: find fields, read times, put a code and a sentence into the common vocabulary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from zhanggui.connectors.carriers.wording import Meaning, read_sentence
from zhanggui.kernel.commerce import ParcelReason, ParcelStatus, TrackingEvent, TrackingReport
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue

CHINA = timezone(timedelta(hours=8))
Codes = Mapping[str, Meaning]
# In these states the last reason that was given still explains why the parcel is where it is.
_TROUBLED = frozenset(
    {
        ParcelStatus.ON_HOLD,
        ParcelStatus.DELAYED,
        ParcelStatus.ATTEMPT_FAILED,
        ParcelStatus.REFUSED,
        ParcelStatus.RETURNING,
        ParcelStatus.RETURNED,
        ParcelStatus.DAMAGED,
        ParcelStatus.LOST,
        ParcelStatus.EXCEPTION,
        ParcelStatus.EXPIRED,
        ParcelStatus.CANCELLED,
    }
)
_VAGUE = frozenset({ParcelReason.CARRIER_DELAY, ParcelReason.OTHER_UNKNOWN})
_FORMATS = ("%Y%m%d%H%M%S", "%Y%m%d %H%M%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class Scan:
    """One event as the carrier wrote it. `meaning` is what its code says, `zone` that of times written without one."""

    time: str
    text: str
    place: str = ""
    code: str = ""
    meaning: Meaning | None = None
    zone: timezone | ZoneInfo | None = None


def dig(value: JsonValue, *path: str | int) -> JsonValue:
    """What lies under a path of keys and positions, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def word(value: JsonValue, *path: str | int) -> str:
    """The text or number under a path, as text without outer blanks; empty where there is none."""
    found = dig(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).strip()


def items(value: JsonValue, *path: str | int) -> list[JsonObject]:
    """The objects of the list under a path; other members are passed over."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def place(*parts: str) -> str:
    """Parts of a place, the empty ones left out."""
    return ", ".join(part for part in parts if part)


def need(value: JsonValue, field: str, expected: str) -> str:
    """A field that must be there.

    Raises:
        BadInput: it is empty or missing.
    """
    found = word(value, field)
    if not found:
        raise BadInput(field=field, expected=expected, found=repr(value)[:200])
    return found


def read_time(text: str, zone: timezone | ZoneInfo | None = None) -> tuple[datetime, bool] | None:
    """(the instant in UTC, whether its zone is known), or None where the text is no time."""
    parsed: datetime | None = None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        for form in _FORMATS:
            try:
                parsed = datetime.strptime(text, form)
                break
            except ValueError:
                continue
    if parsed is None or not 1990 <= parsed.year <= 2200:
        return None
    known = parsed.tzinfo is not None or zone is not None
    aware = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=zone or UTC)
    return aware.astimezone(UTC), known


def understand(code: str, text: str, codes: Codes) -> Meaning | None:
    """What a code and a sentence mean together: the code's status, the sentence's reason where the code has none."""
    said, coded = read_sentence(text), codes.get(code)
    if coded is None:
        return said
    reason = coded.reason or (said.reason if said is not None and coded.status in _TROUBLED else None)
    return Meaning(coded.status or (said.status if said is not None else None), reason)


def refine(code: str, text: str, codes: Codes) -> Meaning | None:
    """The code's meaning; an `exception` or a failed attempt becomes what the sentence says, where it says more."""
    coarse = understand(code, text, codes)
    if coarse is None or coarse.status not in (ParcelStatus.EXCEPTION, ParcelStatus.ATTEMPT_FAILED):
        return coarse
    said = read_sentence(text)
    if said is None or said.status in (
        None,
        ParcelStatus.IN_TRANSIT,
        ParcelStatus.DELIVERED,
        ParcelStatus.PICKED_UP,
        ParcelStatus.INFO_RECEIVED,
    ):
        return coarse
    return Meaning(said.status, said.reason or coarse.reason)


def report(
    carrier: str, number: str, scans: Sequence[Scan], *, overall: Meaning | None = None, raw: str = "", eta: str = ""
) -> TrackingReport:
    """One parcel's report from its scans and, where the carrier gives one, its overall status (`raw` is its word)."""
    flags: list[str] = []
    events = _events(scans, flags)
    last = next((event for event in reversed(events) if event.status != ParcelStatus.UNKNOWN), None)
    status = ParcelStatus.UNKNOWN
    if overall is not None and overall.status is not None:
        status = overall.status
    elif last is not None:
        status = ParcelStatus(last.status)
    if raw and (overall is None or overall.status is None):
        flags.append(f"unknown status: {raw[:120]}")
    if status is ParcelStatus.UNKNOWN and not raw:
        flags.append("no status that is known")
    expected = read_time(eta) if eta else None
    if eta and expected is None:
        flags.append(f"unreadable date of arrival: {eta[:60]}")
    return TrackingReport(
        carrier=carrier,
        tracking_number=number,
        status=status,
        reason=_reason(status, overall, events),
        raw_status=raw or (last.raw if last is not None else ""),
        events=events,
        eta=None if expected is None else expected[0],
        flags=tuple(flags),
    )


def _events(scans: Sequence[Scan], flags: list[str]) -> tuple[TrackingEvent, ...]:
    events: list[TrackingEvent] = []
    for scan in scans:
        moment = read_time(scan.time, scan.zone)
        if moment is None:
            flags.append(f"event without a time: {(scan.text or scan.code)[:120]} ({scan.time[:40]})")
            continue
        meaning = scan.meaning
        if meaning is None or meaning.status is None:
            flags.append(f"unknown event: {(scan.code + ' ' + scan.text).strip()[:120]}")
        status = meaning.status if meaning is not None and meaning.status is not None else ParcelStatus.UNKNOWN
        reason = meaning.reason.value if meaning is not None and meaning.reason is not None else ""
        raw = scan.code or scan.text
        events.append(TrackingEvent(moment[0], status.value, scan.place, scan.text, raw, reason, moment[1]))
    if len(events) > 1 and events[0].at > events[-1].at:
        events.reverse()  # written newest first: keeps events of the same minute in their order
    return tuple(sorted(events, key=lambda event: event.at))


def _reason(status: ParcelStatus, overall: Meaning | None, events: Iterable[TrackingEvent]) -> ParcelReason | None:
    if status not in _TROUBLED:
        return None
    given = [event.reason for event in events if event.reason]
    latest = ParcelReason(given[-1]) if given else None
    said = overall.reason if overall is not None else None
    # "Delayed" alone is no reason beside an event that says why.
    return latest if said is None or (said in _VAGUE and latest is not None) else said
