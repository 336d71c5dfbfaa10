"""Parcel tracking answers of every carrier and tracking service we can read, in one vocabulary. Pure parsers."""

from collections.abc import Callable, Mapping

from zhanggui.connectors.carriers import aggregators, direct
from zhanggui.connectors.carriers.reading import report, word
from zhanggui.kernel.commerce import TrackingReport
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonValue

Parser = Callable[[JsonValue], tuple[TrackingReport, ...]]
CARRIERS: Mapping[str, Parser] = {
    "aftership": aggregators.aftership,
    "kuaidi100": aggregators.kuaidi100,
    "track17": aggregators.track17,
    "17track": aggregators.track17,
    "karrio": aggregators.karrio,
    "asendia": direct.asendia,
    "australiapost": direct.australia_post,
    "fedex": direct.fedex,
    "hermes": direct.hermes,
    "laposte": direct.la_poste,
    "parcelone": direct.parcel_one,
    "seko": direct.seko,
    "smartkargo": direct.smart_kargo,
    "teleship": direct.teleship,
    "ups": direct.ups,
    "usps": direct.usps,
    "usps_international": direct.usps,
}
_NUMBERS = ("tracking_number", "trackingNumber", "tracking_id", "number", "nu", "waybill")
_DEEPEST = 40


def parse_tracking(carrier: str, payload: JsonValue) -> tuple[TrackingReport, ...]:
    """The reports in one answer of a carrier, one a parcel. A carrier without a parser is kept raw and flagged.

    Raises:
        BadInput: the answer is not that carrier's, or it is nested too deeply to be one.
    """
    if _depth(payload) > _DEEPEST:
        raise BadInput(field="payload", expected=f"at most {_DEEPEST} levels", found="more")
    name = carrier.strip().lower().replace(" ", "").replace("-", "_")
    parser = CARRIERS.get(name) or CARRIERS.get(name.replace("_", ""))
    return parser(payload) if parser is not None else (_unknown(carrier, payload),)


def _unknown(carrier: str, payload: JsonValue) -> TrackingReport:
    """What can be told of an unknown carrier's answer without guessing: its number, and that nothing else is known."""
    number = next((word(payload, name) for name in _NUMBERS if word(payload, name)), "")
    made = report(carrier, number, [], raw=word(payload, "status"))
    return TrackingReport(
        carrier,
        number,
        made.status,
        raw_status=made.raw_status,
        flags=(f"unknown carrier: {carrier[:60]}", *made.flags),
    )


def _depth(value: JsonValue, level: int = 0) -> int:
    if level > _DEEPEST:
        return level
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(item, level + 1) for item in inner), default=level)


__all__ = ["CARRIERS", "Parser", "parse_tracking"]
