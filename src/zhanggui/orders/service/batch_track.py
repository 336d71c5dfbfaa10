"""`batch track`: carriers' raw answers to one vocabulary, as plain functions over iterables.

The parsers are handed in: capabilities and connectors never import one another.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from zhanggui.kernel.commerce import TrackingReport
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.orders.rules.tracking import assess

ParseTracking = Callable[[str, JsonValue], tuple[TrackingReport, ...]]


def track_lines(lines: Iterable[JsonValue], carrier: str, parse: ParseTracking) -> Iterator[JsonObject]:
    """One answer a line, in order. A line is a raw payload, or `{id, payload}` where the payload has no id of its own.

    A payload with several parcels answers for the first that has events; the others stand in `more`. A payload that
    cannot be read becomes an error line.
    """
    for number, line in enumerate(lines, start=1):
        wrapped = isinstance(line, dict) and "payload" in line
        payload = line["payload"] if isinstance(line, dict) and wrapped else line
        identity = line.get("id") if isinstance(line, dict) else None
        answer: JsonObject
        try:
            reports = parse(carrier, payload)
        except BadInput as bad:
            answer = {
                "id": number if identity is None else identity,
                "error": {"field": bad.field, "expected": bad.expected, "found": bad.found},
            }
        else:
            first = next((report for report in reports if report.events), reports[0])
            answer = {"id": identity if identity is not None else first.tracking_number or number}
            answer |= report_json(first)
            others: list[JsonValue] = [report_json(report) for report in reports if report is not first]
            if others:
                answer["more"] = others
        yield answer


def report_json(report: TrackingReport) -> JsonObject:
    """One parcel as `batch track` writes it; times are UTC."""
    meaning = assess(report)
    return {
        "tracking_number": report.tracking_number,
        "carrier": report.carrier,
        "status": report.status.value,
        "reason": None if report.reason is None else report.reason.value,
        "responsible": meaning.responsible or None,
        "pays": None if meaning.pays is None else meaning.pays.value,
        "events": [
            {
                "time": _time(event.at),
                "status": event.status,
                "place": event.place,
                "text": event.text,
                "raw": event.raw,
                "reason": event.reason or None,
                "zone_known": event.zone_known,
            }
            for event in report.events
        ],
        "eta": None if report.eta is None else _time(report.eta),
        "deadline": None if meaning.deadline is None else _time(meaning.deadline),
        "next_step": None if meaning.action is None else {"en": meaning.action.en, "zh": meaning.action.zh},
        "raw_status": report.raw_status,
        "flags": list(report.flags),
    }


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
